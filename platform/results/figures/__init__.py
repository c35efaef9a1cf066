"""Figures by name: their numbers as rows, and a drawing of those rows. Pages show them, scripts take both along.

Every figure states how many of what it rests on, what was resampled with which seed, and what is left out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from results.figures import alignment, correlation, fidelity, judge, pareto, preference, raters, rewriters, training
from results.figures.style import ACCENT, Chart, Row
from results.opened import Opened
from results.source import (
    ACROSS_FOLDS,
    CLUSTERED,
    EPOCHS,
    ITEMS,
    NO_INTERVAL,
    OVER_ITEMS,
    OVER_PROMPTS,
    OVER_VOTES,
    PROMPTS,
    REWRITES,
    SESSIONS,
    VOTES,
    source,
)


@dataclass(frozen=True)
class Figure:
    """read: the numbers, in the units of the axes. unit: what n counts.
    how: its intervals came about: the unit of resampling, how often, with which seed.
    """

    name: str
    title: str
    caption: str
    read: Callable[[Opened], list[Row]]
    chart: Callable[[list[Row], bool], Chart]
    unit: str = PROMPTS
    how: str = NO_INTERVAL

    def rows(self, page: Opened) -> list[Row]:
        return page.kept(f"figure {self.name}", list[Row], lambda: self.read(page))

    def source(self, page: Opened, rows: list[Row]) -> str:
        return source(page, self.unit, self.how, len(rows))


_ALL = (
    Figure(
        "alignment",
        "How well the audio fits what users typed",
        "Mean score of each arm against the prompt as given, with its 95% interval. The original is hollow.",
        alignment.alignment_rows,
        alignment.alignment,
        how=OVER_PROMPTS,
    ),
    Figure(
        "gains",
        "What rewriting changes, prompt by prompt",
        "A tick is one prompt: the arm's score minus the original's. The point is the mean, the bar its 95% interval; "
        "right of the dashed line is better than the original.",
        alignment.gains_rows,
        alignment.gains,
        how=OVER_PROMPTS,
    ),
    Figure(
        "spread",
        "How even the arms are",
        "Share of prompts whose CLAP is at most x. A curve further right fits better; one that begins further right "
        "fails less badly at its worst.",
        alignment.spread_rows,
        alignment.spread,
    ),
    Figure(
        "pareto",
        "Alignment against intent",
        "A dot is one arm, or one epoch of its training; right keeps more of the prompt, higher fits it better. The "
        "line joins those that no other one beats in both, the ring is its knee: past it, alignment costs more intent "
        "than so far. Arms are scored by the scorer that judges, epochs on validation prompts by the one that taught.",
        pareto.pareto_rows,
        pareto.pareto,
        unit="arms and epochs",
        how=OVER_PROMPTS,
    ),
    Figure(
        "intent",
        "What is left of the prompt",
        "A tick is one rewrite, the point the arm's mean. Left of the dashed line, SacreBLEU 20, the paper takes the "
        "intent for lost; it punishes every addition to a short prompt, so read it beside the others.",
        fidelity.intent_rows,
        fidelity.intent,
        unit="rewrites measured",
    ),
    Figure(
        "trade",
        "Does leaving the words behind pay?",
        "A dot is one rewrite: what it gained in CLAP against how much of the prompt's wording it kept. Click an arm's "
        "name to see it alone.",
        fidelity.trade_rows,
        fidelity.trade,
        unit=REWRITES,
    ),
    Figure(
        "preference",
        "Which one listeners prefer",
        "Share of votes, a tie counting half, with its 95% interval. Right of the dashed line the first of the pair is "
        "preferred. Hollow: simulated raters.",
        preference.preference_rows,
        preference.preference,
        unit=VOTES,
        how=OVER_VOTES,
    ),
    Figure(
        "wins",
        "Who beats whom",
        "Share of votes for the arm of the row against the arm of the column, a tie counting half.",
        preference.wins_rows,
        preference.wins,
        unit=VOTES,
    ),
    Figure(
        "strengths",
        "How strong each arm is",
        "Bradley–Terry strengths with ties after Davidson (1970): all pairs in one scale, also of arms that never met. "
        "The bars are 95% intervals, clustered by raters and prompts.",
        preference.strengths_rows,
        preference.strengths,
        unit=VOTES,
        how=CLUSTERED,
    ),
    Figure(
        "settling",
        "How the answer settled",
        "Share of votes for the first of each pair as they came in, with its 95% interval clustered by raters and "
        "prompts; below, how wide the interval still is. Four times the votes halve it.",
        preference.course_rows,
        preference.course,
        unit=VOTES,
        how=CLUSTERED,
    ),
    Figure(
        "arrivals",
        "Votes over time",
        "How many votes each pair had, by when they came in: a curve that lies flat waits for raters.",
        preference.arrivals_rows,
        preference.arrivals,
        unit=VOTES,
    ),
    Figure(
        "scatter",
        "Does CLAP hear what people hear?",
        "A dot is one prompt and pair of arms: right of zero CLAP likes the first better, above 50% people do. Larger "
        "dots have more votes; the dashed line is the least-squares fit.",
        correlation.scatter_rows,
        correlation.scatter,
        unit=ITEMS,
    ),
    Figure(
        "coefficients",
        "How well it does, and how well it could",
        "Correlations over items with 95% intervals, resampled over prompts. Human ceiling: the highest correlation "
        "that the votes' own reliability allows. The paper reports .242.",
        correlation.coefficients_rows,
        correlation.coefficients,
        unit=VOTES,
        how=OVER_ITEMS,
    ),
    Figure(
        "learned",
        "How the judge grows with votes",
        "Correlation with votes on prompts that it did not learn from, by how many votes it learned from: the mean and "
        "the range of several draws of them. Plain CLAP learns nothing; no score gets above the human ceiling.",
        judge.learned_rows,
        judge.learned,
        unit=VOTES,
        how=ACROSS_FOLDS,
    ),
    Figure(
        "calibrated",
        "Do its chances come true?",
        "Pairs of held-out prompts in bins by the chance that was foretold for the likelier clip, against the share of "
        "votes that it got. On the dashed line chances come true.",
        judge.calibrated_rows,
        judge.calibrated,
        unit=VOTES,
        how=ACROSS_FOLDS,
    ),
    Figure(
        "agreement",
        "Raters: agreement and pace",
        "A dot is one session, larger with more votes. Far left and near 50% is somebody who may not have listened.",
        raters.agreement_rows,
        raters.agreement,
        unit=SESSIONS,
    ),
    Figure(
        "course",
        "How fine-tuning went",
        "By epoch. Epoch 0 is the rewriter before training; the ring is the epoch whose weights were kept.",
        training.course_rows,
        training.course,
        unit=EPOCHS,
    ),
    Figure(
        "efficiency",
        "What more training prompts bring",
        "Gain over the original of the arms that learned from N ranked prompts, with 95% intervals; N = 0 only "
        "instructs. The paper's curve levels off at 10.",
        training.efficiency_rows,
        training.efficiency,
        how=OVER_PROMPTS,
    ),
    Figure(
        "rewriters",
        "What rewriters are good at",
        "Left: how surprising what they add is, character by character; lower is more fluent. Middle: how much of a "
        "rewrite is the prompt itself. Right: how often likelihood orders candidates of held-out prompts as feedback "
        "does; hollow before training, the dashed line is chance.",
        rewriters.rewriters_rows,
        rewriters.rewriters,
        how=OVER_PROMPTS,
    ),
)
FIGURES = {figure.name: figure for figure in _ALL}

__all__ = ["ACCENT", "FIGURES", "Figure"]
