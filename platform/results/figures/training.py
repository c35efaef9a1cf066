"""How rewriters were fine-tuned: curves by epoch, and what more training prompts bring."""

from __future__ import annotations

import altair as alt

from results.figures.style import ACCENT, SOFT, Chart, Row, apart, data, finished, rule, sized
from results.opened import Opened
from studies import arms as methods
from studies.models import Arm, Checkpoint

CURVES = {
    "loss": ("Loss", 1.0),
    "ranking_accuracy": ("Pairs ranked rightly, %", 100.0),
    "clap": ("Validation CLAP ×100", 100.0),
    "fidelity": ("Validation fidelity, %", 100.0),
}


def checkpoints(page: Opened) -> list[Checkpoint]:
    rows = Checkpoint.objects.filter(arm__study=page.study, state=Checkpoint.State.DONE).select_related("arm")
    return list(rows.defer("ranked").order_by("arm__position", "round"))


def course_rows(page: Opened) -> list[Row]:
    """A value an epoch, measure and checkpoint. kept: the epoch whose weights the arm uses."""
    return [
        {"arm": label(page, one), "measure": measure, "epoch": entry["epoch"], "kept": bool(entry.get("kept")),
         "value": round(scale * entry[measure], 4)}
        for one in checkpoints(page)
        for entry in one.curve
        for measure, (_, scale) in CURVES.items()
        if entry.get(measure) is not None
    ]  # fmt: skip


def label(page: Opened, one: Checkpoint) -> str:
    if one.origin:
        return f"{one.arm.name}, from {one.origin}"
    several = any(other.arm_id == one.arm_id and other.round for other in checkpoints(page))
    return f"{one.arm.name}, round {one.round + 1}" if several else one.arm.name


def course(rows: list[Row], narrow: bool) -> Chart:
    """One panel a measure; the ring is the epoch that was kept."""
    names = list(dict.fromkeys(row["arm"] for row in rows))
    panels = []
    for measure, (title, _) in CURVES.items():
        mine = [row for row in rows if row["measure"] == measure]
        if not mine:
            continue
        base = alt.Chart(data(mine)).encode(
            x=alt.X("epoch:Q", title="Epoch", axis=alt.Axis(tickMinStep=1, format="d")),
            y=alt.Y("value:Q", title=title, scale=alt.Scale(zero=False), axis=alt.Axis(grid=True)),
            tooltip=["arm:N", "epoch:Q", alt.Tooltip("value:Q", title=title, format=".3f")],
        )
        lines = base.mark_line(strokeWidth=2, point=alt.OverlayMarkDef(size=35)).encode(
            **apart(names, lines=True, narrow=narrow)
        )
        kept = base.transform_filter("datum.kept").mark_point(size=180, strokeWidth=2, color=ACCENT)
        panels.append((lines + kept).properties(width=220 if narrow else 280, height=200))
    if narrow:
        return finished(alt.vconcat(*panels))
    return finished(alt.vconcat(*(alt.hconcat(*panels[i : i + 2], spacing=40) for i in range(0, len(panels), 2))))


def efficiency_rows(page: Opened) -> list[Row]:
    """Gain of each arm that learned, by how many prompts it learned from; N = 0 is the arm that only instructs."""
    gains = {
        row["arm"]: row
        for row in page.results["contrasts"]
        if row["versus"] in page.originals and row["measure"] == "clap" and row["interval"]
    }
    bleu = {arm["arm"]: arm["bleu"] for arm in page.results["arms"]}
    rows = []
    for arm in page.rewriting:
        taught = learned_from(arm)
        if taught is None or arm.key not in gains:
            continue
        row = gains[arm.key]
        rows.append(
            {"arm": arm.name, "n": taught, "value": 100 * row["difference"], "bleu": bleu.get(arm.key)}
            | {"low": 100 * row["interval"][0], "high": 100 * row["interval"][1]}
        )
    return sorted(rows, key=lambda row: row["n"]) if len({row["n"] for row in rows}) > 1 else []


def learned_from(arm: Arm) -> int | None:
    """Training prompts: 0 of an arm that only instructs, None of one that does neither."""
    choices = methods.parse(arm.method, arm.parameters)
    if isinstance(choices, methods.Feedback):
        return choices.training_prompts
    return 0 if arm.method == Arm.Method.INSTRUCT else None


def efficiency(rows: list[Row], narrow: bool) -> Chart:
    """Gain over the original against training prompts, with 95 % intervals."""
    base = alt.Chart(data(rows)).encode(
        x=alt.X("n:Q", title="Training prompts", axis=alt.Axis(tickMinStep=1)),
        tooltip=["arm:N", "n:Q", alt.Tooltip("value:Q", title="Gain", format="+.1f"), "bleu:Q"],
    )
    bars = base.mark_rule(color=ACCENT, strokeWidth=2).encode(
        y=alt.Y("low:Q", title="Gain in CLAP ×100", axis=alt.Axis(grid=True)), y2="high:Q"
    )
    line = base.mark_line(color=SOFT, strokeDash=[4, 3]).encode(y="mean(value):Q")
    points = base.mark_point(filled=True, size=90, color=ACCENT, opacity=1).encode(y="value:Q")
    return finished(sized(rule(vertical=False) + line + bars + points, narrow, 260))
