"""A study as one zip, written as a stream. Equal studies give equal bytes."""

from __future__ import annotations

import json
import platform
from collections.abc import Iterator
from importlib.metadata import version

from results import drawing
from results.bundles.archive import FORMAT, MANIFEST
from results.bundles.fresh import Fresh, as_json, numbers
from results.bundles.readme import citation, readme
from results.bundles.rows import ROWS, engines_of
from results.exports import heard_of
from results.exports.whole import engine
from results.exports.writing import blocks, json_lines, line
from results.exports.zipped import Checked, Member, zipped
from results.figures import FIGURES
from results.records import RECORDS, Asked
from results.tables import TABLES
from results.tables.writing import FORMS
from studies.described import as_yaml, recipe_of
from studies.models import Score, Study
from studies.storage import files

LEFT_OUT = ("clip-embeddings", "text-embeddings")  # scorers make them again; they have files of their own
RECKON_WITH = ("django", "numpy", "scipy", "sacrebleu", "altair")  # whose other version may compute otherwise


def bundle(asked: Asked, audio: bool) -> Iterator[bytes]:
    """README, recipe, engines, records, results, figures, tables, rows; with the clips where `audio` is asked for."""
    sums: dict[str, Checked] = {}
    yield from zipped(_members(asked, audio, sums), sums)


def _members(asked: Asked, audio: bool, sums: dict[str, Checked]) -> Iterator[Member]:
    page = Fresh(asked.study)
    yield Member("README.md", [readme(page, audio).encode()])
    yield Member("CITATION.cff", [citation(asked.study).encode()])
    yield Member("recipe.yaml", [as_yaml(recipe_of(asked.study)).encode()])
    yield Member("engines.json", [_json(engines(asked.study))])
    for kind in RECORDS.values():
        if kind.name not in LEFT_OUT:
            yield Member(f"records/{kind.name}.jsonl", json_lines(kind, kind.read(asked)))
    yield Member("results.json", [as_json(page.results).encode()])
    for name, text in numbers(page).items():
        yield Member(name, [text.encode()])
    yield from _pictures(page)
    yield from _tables(page)
    for name, rows in ROWS.items():
        yield Member(f"rows/{name}.jsonl", blocks(line(row) for row in rows.read(asked.study)))
    if audio:
        yield from _audio(asked.study)
    yield Member(MANIFEST, [_json(_manifest(asked.study, audio, sums))])


def engines(study: Study) -> list[dict]:
    """Each with what its revision stood for, and the fingerprints of what scorers did to audio and text before."""
    found = []
    for spec in engines_of(study).order_by("slug"):
        prints = Score.objects.filter(scorer=spec, pk__in=RECORDS["scores"].rows(study)).exclude(preprocessing="")
        told = sorted(prints.values_list("preprocessing", flat=True).distinct())
        found.append({**(engine(spec) or {}), "kind": spec.kind, "preprocessing": told})
    return found


def _pictures(page: Fresh) -> Iterator[Member]:
    for name, figure in FIGURES.items():
        if rows := figure.rows(page):
            title = f"{page.study.name}: {figure.title}"
            drawn = drawing.taken_along(figure.chart(rows, False), title, figure.source(page, rows), "svg")
            yield Member(f"figures/{name}.svg", [drawn if isinstance(drawn, bytes) else drawn.encode()])


def _tables(page: Fresh) -> Iterator[Member]:
    for name, table in TABLES.items():
        made = table(page)
        for form in ("md", "tex") if made.rows else ():
            written = FORMS[form][1](made, page.study.name)
            yield Member(f"tables/{name}.{form}", [written.encode()])


def _audio(study: Study) -> Iterator[Member]:
    storage, seen = files(), set()
    for batch in heard_of.finished(study):
        for clip in batch:
            name = str(clip.audio.name)
            if name not in seen and storage.exists(name):
                seen.add(name)
                with storage.open(name) as file:
                    yield Member(f"audio/{name}", [file.read()], packed=False)


def _manifest(study: Study, audio: bool, sums: dict[str, Checked]) -> dict:
    software = {"python": platform.python_version(), **{name: version(name) for name in RECKON_WITH}}
    return {
        "format": FORMAT,
        "study": study.slug,
        "name": study.name,
        "finished_at": study.finished_at and study.finished_at.isoformat(),
        "audio": audio,
        "software": software,
        "files": {name: checked._asdict() for name, checked in sums.items()},
    }


def _json(value: object) -> bytes:
    return (json.dumps(value, indent=2, ensure_ascii=False, default=str) + "\n").encode()
