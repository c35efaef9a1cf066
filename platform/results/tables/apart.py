"""How far each arm's sounds lie from a reference."""

from __future__ import annotations

from results.apart import Apart, apart
from results.measures.distribution import RESAMPLES, SEED
from results.opened import Opened
from results.source import source
from results.statistics import LEVEL
from results.tables.table import Column, Row, Table

COLUMNS = (
    Column("arm", "Arm", aside="few"),
    Column("kad", "KAD", "×100", "number", "kad_interval"),
    Column("fad", "FAD∞", form="number"),
    Column("kl", "KL", "nats, to original", "number", "kl_interval"),
    Column("clips", "Clips", form="count"),
    Column("silent", "Silent", "left out", "count"),
    Column("reference_clips", "Reference", "clips", "count"),
)
OVER_PROMPTS = f"{LEVEL:.0%} intervals, resampled over prompts; KAD's {RESAMPLES} times, seed {SEED}."
FEW = 100  # clips of a set, under which a distance is no more than a hint (ours)


def table(page: Opened) -> Table:
    found = apart(page)
    reference = found[0].reference if found else ""
    why = sorted({one.fad.reason for one in found if one.fad.reason})
    return Table(
        "apart",
        "How far the sounds lie from a reference",
        COLUMNS,
        [_row(one) for one in found],
        note=f"Reference: {reference}. By the embeddings of the scorer that judges; smaller is nearer. KAD is unbiased "
        "at any size (a U-statistic, arXiv 2502.15602) and may fall below 0; FAD∞ is carried on to endless sets. KL: "
        "of what the scorer hears as chances of the study's prompts, beside the original of the same prompt and audio "
        f"seed. {'. '.join(why)}{'.' if why else ''}",
        source=source(page, "clips", OVER_PROMPTS, sum(one.clips for one in found)) if found else "",
    )


def _row(one: Apart) -> Row:
    few = min(one.clips, one.reference_clips) < FEW
    told: Row = {"arm": one.arm, "clips": one.clips, "silent": one.silent or None, "few": "few clips" if few else ""}
    told["reference_clips"] = one.reference_clips
    for name in ("kad", "fad", "kl"):
        distance = getattr(one, name)
        ends = [distance.low, distance.high]
        told |= {name: distance.value, f"{name}_interval": None if None in ends else ends}
    return told
