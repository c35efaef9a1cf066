"""Signs in audio: clips that were never made, and those that the gate before scoring turned away."""

from __future__ import annotations

from collections.abc import Iterator

from results.notices.notice import Notice, Row, notice
from studies import failures
from studies.models import Study

# How the gate's reasons begin or read (inference/engines/hygiene.py).
SILENT, CLIPPED = "is silent", "are clipped"


def missing(study: Study, results: Row) -> Iterator[Notice]:
    short = [arm for arm in results["arms"] if arm["clips_failed"]]
    if not short:
        return
    counts = ", ".join(f"{arm['name']}: {arm['clips_failed']}" for arm in short)
    yield from _turned_away(study, counts)
    yield notice(
        "clips-failed",
        "warning",
        "Some clips could not be made",
        f"{counts}. Arms are compared on the prompts that both have; if failures are not random the comparison is "
        "not fair. Read the reasons on the watch tab, mend the cause and retry the failed rows.",
    )


def _turned_away(study: Study, counts: str) -> Iterator[Notice]:
    rows = [failure for failure in failures.grouped(study) if failure.kind == "clip"]
    silent, clipped = (sum(row.rows for row in rows if sign in row.error) for sign in (SILENT, CLIPPED))
    if not silent + clipped:
        return
    told = [f"{n} {what}" for n, what in ((silent, "silent"), (clipped, "clipped")) if n]
    yield notice(
        "clips-rejected",
        "warning",
        f"Unusable audio: {' and '.join(told)} clip{'s' if silent + clipped > 1 else ''}",
        f"They were neither scored nor heard. {counts}. A generator that falls silent or overdrives on some texts is a "
        "result of its own: read those texts on the watch tab; retrying with the same seed gives the same sound, so "
        "change the generator's parameters, or report the share with your results.",
    )
