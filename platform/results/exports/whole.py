"""Everything that a study has in one stream of JSON lines: a header, every kind of record, and how many there were."""

from __future__ import annotations

from collections.abc import Iterator

from results.exports.writing import blocks, line
from results.records import RECORDS, Asked, Record
from studies.models import EngineSpec, Study

SCHEMA = "audionese-export/3"
LEFT_OUT = ("clip-embeddings", "text-embeddings")  # large, and made again by the scorers: they have files of their own


def whole(asked: Asked) -> Iterator[bytes]:
    """Each line has its `type`, the kind of record. A file without its last line, `end`, was cut off."""
    return blocks(_lines(asked))


def _lines(asked: Asked) -> Iterator[str]:
    count = 1
    yield line(header(asked.study))
    for name, kind in RECORDS.items():
        if name in LEFT_OUT:
            continue
        for record in kind.read(asked):
            count += 1
            yield line({"type": kind.one, **record})
    yield line({"type": "end", "records": count})


def header(study: Study) -> Record:
    roles = ("generator", "feedback_scorer", "evaluation_scorer", "oracle")
    rewriters = {arm.rewriter for arm in study.arms.select_related("rewriter") if arm.rewriter}
    return {
        "type": "study",
        "schema": SCHEMA,
        "study": study.slug,
        "name": study.name,
        "status": study.status,
        "launched_at": study.launched_at,
        "finished_at": study.finished_at,
        "seed": study.seed,
        "seconds": study.seconds,
        "evaluation": {
            "kind": study.evaluation_kind,
            "split": study.evaluation_split,
            "control_prompts": study.control_prompts,
            "takes": study.evaluation_takes,
        },
        "engines": {role: engine(getattr(study, role)) for role in roles},
        "rewriters": [engine(each) for each in sorted(rewriters, key=lambda each: each.slug)],
    }


def engine(spec: EngineSpec | None) -> Record | None:
    names = ("slug", "name", "engine", "checkpoint", "revision", "commit", "parameters", "licence")
    return None if spec is None else {name: getattr(spec, name) for name in names}
