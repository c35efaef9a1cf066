"""What is left of what users meant: how faithful rewrites are, and what faithfulness costs or brings."""

from __future__ import annotations

import altair as alt
import numpy as np

from results.examples import gains_of
from results.figures.style import ACCENT, SOFT, Chart, Row, apart, arms, data, finished, rule, sized
from results.opened import Opened
from studies.fidelity import LOST_INTENT

SCALES = {"bleu": 1.0, "chrf": 1.0, "kept_terms": 100.0, "text_cosine": 100.0}
LABELS = {
    "bleu": "SacreBLEU",
    "chrf": "chrF",
    "kept_terms": "Content words kept, %",
    "text_cosine": "Cosine of prompt and rewrite ×100",
}


def intent_rows(page: Opened) -> list[Row]:
    """Each rewrite's fidelity by each measure."""
    return [
        {"measure": measure, "arm": arm.name, "prompt": pair.prompt, "rewrite": pair.rewrite,
         "value": round(scale * float(page.measured.column(arm, measure)[row]), 3)}
        for measure, scale in SCALES.items()
        for arm in page.rewriting
        for row, prompt in enumerate(page.measured.prompts)
        if (pair := page.measured.texts.get((arm.pk, prompt)))
        and not np.isnan(page.measured.column(arm, measure)[row])
    ]  # fmt: skip


def intent(rows: list[Row], narrow: bool) -> Chart:
    """One rewrite a tick, the arm's mean a point; one panel a measure. Dashed: the paper's sign of lost intent."""
    panels: list = []
    for measure in SCALES:
        mine = [row for row in rows if row["measure"] == measure]
        if not mine:
            continue
        names = list(dict.fromkeys(row["arm"] for row in mine))
        base = alt.Chart(data(mine)).encode(y=arms(names, narrow or len(panels) % 2 == 0))
        x = alt.X("value:Q", title=LABELS[measure], scale=alt.Scale(domain=[min(0, _least(mine)), 100]))
        ticks = base.mark_tick(color=SOFT, opacity=0.4, thickness=1.5, bandSize=16).encode(
            x=x,
            tooltip=[
                alt.Tooltip("prompt:N", title="Prompt"),
                alt.Tooltip("rewrite:N", title="Rewrite"),
                alt.Tooltip("value:Q", title=LABELS[measure], format=".1f"),
            ],
        )
        means = base.mark_point(filled=True, size=90, color=ACCENT, opacity=1).encode(x=alt.X("mean(value):Q"))
        panel = (rule(LOST_INTENT) + ticks + means) if measure == "bleu" else ticks + means
        panels.append(panel.properties(width=210 if narrow else 300, height=alt.Step(34)))
    if narrow:
        return finished(alt.vconcat(*panels))
    rows_of_two = [alt.hconcat(*panels[i : i + 2], spacing=30) for i in range(0, len(panels), 2)]
    return finished(alt.vconcat(*rows_of_two, spacing=26))


def _least(rows: list[Row]) -> float:
    return min(row["value"] for row in rows)


def trade_rows(page: Opened) -> list[Row]:
    """What each rewrite gained against what it kept."""
    found = []
    for arm in page.rewriting:
        values = gains_of(page.measured, arm)
        if values is None:
            continue
        kept = page.measured.column(arm, "chrf")
        for row, prompt in enumerate(page.measured.prompts):
            pair = page.measured.texts.get((arm.pk, prompt))
            if pair and not np.isnan(values[row]) and not np.isnan(kept[row]):
                gain, chrf = round(100 * float(values[row]), 3), round(float(kept[row]), 3)
                texts = {"prompt": pair.prompt, "rewrite": pair.rewrite}
                found.append({"arm": arm.name, "gain": gain, "chrf": chrf, **texts})
    return found


def trade(rows: list[Row], narrow: bool) -> Chart:
    """One rewrite a dot: right is closer to the prompt's words, above the line fits the prompt better."""
    names = list(dict.fromkeys(row["arm"] for row in rows))
    picked = alt.selection_point(fields=["arm"], bind="legend")
    dots = (
        alt.Chart(data(rows))
        .mark_point(filled=True, size=55)
        .encode(
            x=alt.X("chrf:Q", title="chrF of prompt and rewrite"),
            y=alt.Y("gain:Q", title="Gain in CLAP ×100", axis=alt.Axis(grid=True)),
            **apart(names, narrow=narrow),
            opacity=alt.condition(picked, alt.value(0.65), alt.value(0.06)),
            tooltip=["arm:N", "prompt:N", "rewrite:N", alt.Tooltip("gain:Q", format="+.1f"), "chrf:Q"],
        )
        .add_params(picked)
    )
    return finished(sized(rule(vertical=False) + dots, narrow, 320))
