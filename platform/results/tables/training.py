"""How each rewriter was fine-tuned."""

from __future__ import annotations

from results.figures.training import checkpoints, label
from results.opened import Opened
from results.source import CHECKPOINTS, NO_INTERVAL, source
from results.tables.table import Column, Row, Table
from studies.models import Checkpoint


def training(page: Opened) -> Table:
    columns = (
        Column("arm", "Arm", aside="checkpoint"),
        Column("prompts", "Ranked prompts", form="count"),
        Column("epochs", "Epochs", form="count"),
        Column("kept", "Kept epoch", form="count"),
        Column("loss", "Loss", form="number"),
        Column("ranking_accuracy", "Ranked rightly", form="percent"),
        Column("clap", "Validation CLAP", "×100", "times100"),
        Column("fidelity", "Validation fidelity", form="percent", aside="broken"),
        Column("seconds", "Took", form="seconds"),
    )
    rows = [_row(page, one) for one in checkpoints(page)]
    return Table(
        "training",
        "Fine-tuning",
        columns,
        rows,
        note="Numbers are of the epoch whose weights were kept; epoch 0 is the rewriter before training. Below an "
        "arm's name, what another study of the team calls its weights behind this study's address: STUDY/ARM/ROUND.",
        source=source(page, CHECKPOINTS, NO_INTERVAL, len(rows)),
    )


def _row(page: Opened, one: Checkpoint) -> Row:
    kept = one.kept
    return {
        "arm": label(page, one),
        "checkpoint": f"{one.arm.key}/{one.round + 1}",
        "prompts": len(one.ranked),
        "epochs": max((entry["epoch"] for entry in one.curve), default=0),
        "kept": kept.get("epoch"),
        **{name: kept.get(name) for name in ("loss", "ranking_accuracy", "clap", "fidelity")},
        "broken": "" if one.held else f"below {one.parameters['fidelity_floor']:.0%}: not carried on",
        "seconds": one.seconds,
    }
