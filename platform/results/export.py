"""Everything a study has made, as typed records, read through server-side cursors: memory does not grow with it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Q, QuerySet
from django.utils import timezone

from listening.pseudonyms import pseudonym
from listening.query import counted
from studies.models import Arm, Candidate, Clip, EngineSpec, Rendering, Score, Study

SCHEMA = "audionese-export/2"
CHUNK = 2_000  # rows fetched at once
Record = dict[str, Any]


def lines(study: Study, audio_address: str) -> Iterator[str]:
    """JSON lines: a header, then prompts, arms, candidates, clips, scores, votes, then how many records there were.

    audio_address: where a clip is fetched from, with `{clip}` in place of its id. A file without its last line was
    cut off. Times are UTC in ISO 8601.
    """
    count = 0
    for record in records(study, audio_address):
        count += 1
        yield _line(record)
    yield _line({"type": "end", "records": count})


def records(study: Study, audio_address: str) -> Iterator[Record]:
    yield header(study)
    yield from prompts(study)
    yield from arms(study)
    yield from candidates(study)
    yield from clips(study, audio_address)
    yield from scores(study)
    yield from votes(study)


def _line(record: Record) -> str:
    return json.dumps(record, ensure_ascii=False, default=str, separators=(",", ":")) + "\n"


def _rows(kind: str, rows: QuerySet, /, **fields: str) -> Iterator[Record]:
    """fields: name in the record, lookup in the table."""
    for row in rows.values_list(*fields.values()).iterator(chunk_size=CHUNK):
        yield {"type": kind, **{name: _told(value) for name, value in zip(fields, row, strict=True)}}


def _told(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value


def header(study: Study) -> Record:
    roles = ("generator", "feedback_scorer", "evaluation_scorer", "oracle")
    return {
        "type": "study",
        "schema": SCHEMA,
        "study": study.slug,
        "name": study.name,
        "status": study.status,
        "exported_at": timezone.now().isoformat(),
        "seed": study.seed,
        "seconds": study.seconds,
        "evaluation": {
            "kind": study.evaluation_kind,
            "split": study.evaluation_split,
            "takes": study.evaluation_takes,
        },
        "engines": {role: _engine(getattr(study, role)) for role in roles},
    }


def _engine(spec: EngineSpec | None) -> Record | None:
    names = ("slug", "name", "engine", "checkpoint", "revision", "commit", "parameters", "licence")
    return None if spec is None else {name: getattr(spec, name) for name in names}


def prompts(study: Study) -> Iterator[Record]:
    names = ("position", "text", "kind", "split", "scene", "tags")
    rows = study.prompt_set.prompts.order_by("position")
    return _rows("prompt", rows, prompt="pk", **{name: name for name in names})


def arms(study: Study) -> Iterator[Record]:
    for arm in Arm.objects.filter(study=study).select_related("rewriter"):
        yield {
            "type": "arm",
            "arm": arm.key,
            "name": arm.name,
            "method": arm.method,
            "parameters": arm.parameters,
            "rewriter": _engine(arm.rewriter),
        }


def candidates(study: Study) -> Iterator[Record]:
    """A rewrite and what it was made for; `clips` in the order of takes."""
    rows = (
        Candidate.objects.filter(arm__study=study)
        .annotate(
            takes=ArrayAgg(
                "renderings__clip", filter=Q(renderings__isnull=False), order_by="renderings__take", default=[]
            )
        )
        .order_by("pk")
    )
    return _rows(
        "candidate",
        rows,
        candidate="pk",
        arm="arm__key",
        prompt="prompt",
        purpose="purpose",
        round="round",
        index="index",
        text="rewrite__text",
        state="rewrite__state",
        error="rewrite__error",
        seed="rewrite__seed",
        exemplars="rewrite__exemplars",
        checkpoint="rewrite__checkpoint",
        clips="takes",
    )


def clips(study: Study, audio_address: str) -> Iterator[Record]:
    rows = Clip.objects.filter(pk__in=_clips_of(study)).order_by("pk")
    names = ("text", "seed", "state", "error", "duration", "sample_rate", "samples", "loudness", "true_peak")
    for record in _rows("clip", rows, clip="pk", **{name: name for name in names}):
        done = record["state"] == Clip.State.DONE
        yield record | {"audio": audio_address.replace("{clip}", str(record["clip"])) if done else None}


def scores(study: Study) -> Iterator[Record]:
    """Of the study's own scorers and texts: a clip that others use too brings nothing of theirs along."""
    scorers = [study.feedback_scorer_id, study.evaluation_scorer_id, study.oracle_id]
    rewrites = Candidate.objects.filter(arm__study=study).values("rewrite__text")
    own_text = Q(reference__in=study.prompt_set.prompts.values("text")) | Q(reference__in=rewrites)
    rows = Score.objects.filter(own_text, clip__in=_clips_of(study), scorer__in=[each for each in scorers if each])
    names = ("clip", "reference", "state", "error", "value", "preprocessing")
    return _rows("score", rows.order_by("pk"), scorer="scorer__slug", **{name: name for name in names})


def votes(study: Study) -> Iterator[Record]:
    """Votes that count. A rater is a pseudonym that holds within this study alone.

    `answers`: by letter as heard, a first: arm, clip and what the answer says of it, in the unit of the question.
    """
    rows = (
        counted(study)
        .annotate(
            letters=_by_letter("letter"),
            arms=_by_letter("stimulus__arm__key"),
            clips=_by_letter("stimulus__clip"),
            values_given=_by_letter("value"),
        )
        .order_by("pk")
    )
    found = _rows(
        "vote",
        rows,
        vote="pk",
        question="presentation__trial__question__kind",
        trial="presentation__trial",
        prompt="presentation__trial__prompt",
        choice="choice",
        winner="winner__key",
        letters="letters",
        arms="arms",
        clips="clips",
        values="values_given",
        rater="presentation__session__rater",
        population="presentation__population",
        response_ms="response_ms",
        created_at="created_at",
    )
    for record in found:
        columns = [record.pop(name) for name in ("letters", "arms", "clips", "values")]
        names = ("letter", "arm", "clip", "value")
        answers = [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]
        simulated = record.pop("population") == "simulated"
        yield record | {"rater": pseudonym(study, record["rater"]), "simulated": simulated, "answers": answers}


def _by_letter(field: str) -> ArrayAgg:
    return ArrayAgg(f"presentation__playbacks__{field}", order_by="presentation__playbacks__letter")


def _clips_of(study: Study) -> QuerySet:
    return Rendering.objects.filter(candidate__arm__study=study).values("clip")


def bytes_of(text: Iterable[str]) -> Iterator[bytes]:
    """Lines in blocks of some 64 kB: one network write for many records."""
    block: list[str] = []
    size = 0
    for line in text:
        block.append(line)
        size += len(line)
        if size > 65_536:
            yield "".join(block).encode()
            block, size = [], 0
    yield "".join(block).encode()
