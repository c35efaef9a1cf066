"""The study judge beside plain CLAP, taught by crowds of simulated raters: with a taste, and without one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import altair as alt

from config.experiments import over_seeds
from config.experiments.experiment import Claim, Drawing, Experiment, Findings, Run
from listening.actions.train_judge import train_judge
from listening.judging.trying import undone, voted
from results.figures.style import colour, data, finished
from results.tables.table import Column, Row, Table

CROWDS = {
    "opinionated": "Raters with a taste",
    "careful": "Raters who hear relevance alone",
}
VOTES_A_PAIR = 3
LEARNED, MORE = 300, 0.15  # votes, and by how much more a judge should go with held-out ones than CLAP does
CLAP = "plain CLAP"
COLUMNS = (
    Column("crowd", "Raters"),
    Column("seed", "Seed", form="count"),
    Column("votes", "Votes", form="count"),
    Column("clap", "CLAP", "correlation", "number"),
    Column("fewer", "Judge", f"from {LEARNED} votes", "number"),
    Column("judge", "Judge", "from all", "number"),
    Column("gain", "Gain", "from all", "signed", "gain_interval"),
    Column("clap_loss", "Log loss", "CLAP", "number"),
    Column("judge_loss", "Log loss", "judge", "number"),
)


class Taught(NamedTuple):
    """A judge of one seed's study, by one crowd. measured: as the judge keeps it."""

    crowd: str
    seed: int
    measured: dict[str, Any]

    @property
    def fewer(self) -> float | None:
        """Its correlation where it learned from few votes."""
        return next((point["value"] for point in self.measured["curve"] if point["votes"] == LEARNED), None)

    @property
    def clap(self) -> float:
        return self.measured["clap"]["correlation"]


def find(runs: Sequence[Run]) -> Findings:
    taught = list(judges(runs))
    return Findings(
        claims=[
            *(gains(crowd, [each for each in taught if each.crowd == crowd]) for crowd in CROWDS),
            *(surer(crowd, [each for each in taught if each.crowd == crowd]) for crowd in CROWDS),
        ],
        tables=[table(taught, runs)],
        drawings=[learned(taught, runs)],
        remarks=[
            "Raters are programs. Both crowds hear by the oracle, with noise, how well a clip fits its prompt; those "
            "with a taste also like some sounds whatever was asked for, so strongly that CLAP follows them as little "
            "as the paper found that it follows people. People's taste is another, less alike from one to the next.",
            "A judge never learned from what it is measured on: prompts are left out in turn, with all their votes.",
            "Votes were given through the listening test, three a pair, and taken back when they were counted.",
        ],
    )


def judges(runs: Sequence[Run]) -> Iterator[Taught]:
    """Votes are given through the listening test, on all prompts, and taken back with the judge."""
    for run in runs:
        for crowd in CROWDS:
            with undone():
                study = voted(run.page.study, crowd, run.seed, len(run.page.measured.prompts), VOTES_A_PAIR)
                yield Taught(crowd, run.seed, train_judge(study=study, by=None, seed=run.seed).measured)


def gains(crowd: str, taught: Sequence[Taught]) -> Claim:
    """Held where it is so in every seed, and not where it is in none."""
    text = f"{CROWDS[crowd]}: from {LEARNED} votes, a judge goes with held-out votes by at least {MORE} more than CLAP."
    known = [(each.fewer - each.clap, each) for each in taught if each.fewer is not None]
    if not known:
        return Claim(text, None, f"nobody gave {LEARNED} votes")
    said = [f"{each.fewer:.2f} where CLAP has {each.clap:.2f}" for _, each in known]
    return Claim(text, over_seeds.in_every([more >= MORE for more, _ in known]), f"by seed {', '.join(said)}")


def surer(crowd: str, taught: Sequence[Taught]) -> Claim:
    losses = [(each.measured["clap"]["log_loss"], each.measured["judge"]["log_loss"]) for each in taught]
    said = ", ".join(f"{clap:.3f} → {judge:.3f}" for clap, judge in losses)
    text = f"{CROWDS[crowd]}: from all votes, a judge foretells held-out ones better than CLAP's best fit does."
    return Claim(text, over_seeds.in_every([judge < clap for clap, judge in losses]), f"log loss by seed {said}")


def table(taught: Sequence[Taught], runs: Sequence[Run]) -> Table:
    note = f"Correlation of what is foretold with the mean outcome of a pair; {VOTES_A_PAIR} votes a pair."
    return Table("judge", "Judge and CLAP", COLUMNS, [_row(each) for each in taught], note=note, source=_source(runs))


def _row(each: Taught) -> Row:
    told = each.measured
    return {
        "crowd": CROWDS[each.crowd],
        "seed": each.seed,
        "votes": told["votes"],
        "clap": each.clap,
        "fewer": each.fewer,
        "judge": told["judge"]["correlation"],
        "gain": told["gain"],
        "gain_interval": told["gain_interval"],
        "clap_loss": told["clap"]["log_loss"],
        "judge_loss": told["judge"]["log_loss"],
    }


def learned(taught: Sequence[Taught], runs: Sequence[Run]) -> Drawing:
    """A line a judge, and CLAP, which learns nothing, level beside it."""
    rows = [row for each in taught for row in _points(each)]
    names = list(dict.fromkeys(row["arm"] for row in rows))
    base = alt.Chart(data(rows)).encode(
        x=alt.X("votes:Q", title="Votes learned from", scale=alt.Scale(zero=True)),
        y=alt.Y("value:Q", title="Correlation with held-out votes", axis=alt.Axis(grid=True)),
        color=colour(names),
        detail="seed:N",
    )
    levels = base.transform_filter("datum.level").mark_line(strokeDash=[5, 4], strokeWidth=1.5)
    lines = base.transform_filter("!datum.level").mark_line(strokeWidth=2, point=alt.OverlayMarkDef(size=35))
    return Drawing(
        "learned",
        "Agreement by the number of votes",
        "A line a judge of each seed's study; dashed, plain CLAP on the same votes.",
        _source(runs),
        finished((levels + lines).properties(width=560, height=300)),
    )


def _points(each: Taught) -> list[Row]:
    points = [point for point in each.measured["curve"] if point["value"] is not None]
    if not points:
        return []
    name = CROWDS[each.crowd]
    judge, clap = {"arm": f"{name}: judge", "level": False}, {"arm": f"{name}: {CLAP}", "level": True}
    drawn = [judge | {"votes": point["votes"], "value": point["value"]} for point in points]
    level = [clap | {"votes": end["votes"], "value": each.clap} for end in (points[0], points[-1])]
    return [row | {"seed": each.seed} for row in drawn + level]


def _source(runs: Sequence[Run]) -> str:
    prompts = len(runs[0].page.measured.prompts)
    return f"n = {prompts} prompts a seed, left out in turn. Intervals of 95%, resampled over prompts."


EXPERIMENT = Experiment(
    name="judge",
    title="A judge that agrees with raters",
    question="Does a judge that learns from a study's own votes agree better with held-out ones than CLAP does?",
    recipes=("main",),
    find=find,
    reading=(
        "Correlation is with what raters of left-out prompts chose; no score can reach 1, for raters do not agree with "
        "themselves either. A judge is worth its votes where it lies above CLAP's level by more than seeds differ. "
        "Where both lie alike, raters hear what CLAP hears, and votes add nothing. A lower log loss at equal "
        "correlation says that its chances are more honest, not that it knows more."
    ),
)
