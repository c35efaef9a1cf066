"""CLAP beside what listeners prefer, and the ceiling that their own agreement sets."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import fmean

import numpy as np

from config.experiments import drawings, votes
from config.experiments.experiment import Claim, Experiment, Findings, Run
from results.going_together import PAPER, Together, together
from results.measures.correlation import Correlation, correlations
from results.tables.table import Column, Row, Table


def find(runs: Sequence[Run]) -> Findings:
    clap, oracle = ([of(run, measure) for run in runs] for measure in ("clap", "oracle"))
    return Findings(
        claims=[
            positive(clap),
            beyond(clap, PAPER, f"CLAP goes with preference better than in the paper, r = {PAPER}."),
            attained(clap),
            *within(runs, clap),
            second(clap, oracle),
        ],
        tables=[table(runs, clap, oracle), *votes.table(runs)],
        drawings=[*drawings.of_seed(runs[0], "scatter"), *drawings.of_seed(runs[0], "coefficients")],
        remarks=[
            "Raters here are programs: they prefer by the oracle's relevance with a logistic noise. So this says how "
            "well the sandbox's CLAP follows the oracle, and nothing about people; with people the same page does.",
            "The paper's r is over items that it does not describe: the two numbers are of one kind, not of one scale.",
        ],
    )


def of(run: Run, measure: str) -> Together | None:
    """The preferences; None where nobody voted or the score is not there."""
    if not run.page.measured.has(measure):
        return None
    return next((each for each in together(run.page, measure) if each.what == "preference"), None)


def pearson(found: Together | None) -> Correlation | None:
    return next((one for one in found.found if one.name == "Pearson"), None) if found else None


def _known(found: Iterable[Correlation | None]) -> list[Correlation]:
    return [each for each in found if each is not None]


def positive(clap: list[Together | None]) -> Claim:
    return _in_every("CLAP goes with what listeners prefer: its correlation is above zero.", clap, 0.0)


def beyond(clap: list[Together | None], than: float, text: str) -> Claim:
    return _in_every(text, clap, than)


def _in_every(text: str, clap: list[Together | None], than: float) -> Claim:
    found = _known(map(pearson, clap))
    held = [True if one.low > than else False if one.high < than else None for one in found]
    return Claim(text, held[0] if held and len(set(held)) == 1 else None, _told(found))


def _told(found: list[Correlation]) -> str:
    return "by seed, " + "; ".join(
        f"r = {one.value:.2f} [{one.low:.2f}, {one.high:.2f}], {one.n} items" for one in found
    )


def attained(clap: list[Together | None]) -> Claim:
    """Held where the ceiling lies inside the interval of r, in every seed that has a ceiling."""
    pairs = [(one, each.attainable) for each in clap if each and (one := pearson(each)) and each.attainable]
    reached = [one.high >= top for one, top in pairs]
    told = "by seed, " + "; ".join(f"r = {one.value:.2f}, at most {top:.2f} is possible" for one, top in pairs)
    held = None if not reached or len(set(reached)) > 1 else reached[0]
    return Claim("CLAP goes with preference as well as the votes' own reliability allows any score to.", held, told)


def within(runs: Sequence[Run], clap: list[Together | None]) -> list[Claim]:
    """Of one pair of arms alone, where knowing the arm does not help."""
    return [
        _in_every_pair(pair, [_of_pair(found, pair) for found in clap if found])
        for pair in dict.fromkeys(item["arm"] for found in clap if found for item in found.items)
    ]


def _of_pair(found: Together, pair: str) -> Correlation | None:
    items = [item for item in found.items if item["arm"] == pair]
    x, y, prompts = (np.array([item[name] for item in items]) for name in ("x", "y", "prompt_id"))
    return next((one for one in correlations(x, y, prompts) if one.name == "Pearson"), None)


def _in_every_pair(pair: str, found: list[Correlation | None]) -> Claim:
    known = _known(found)
    held = [True if one.low > 0 else False if one.high < 0 else None for one in known]
    text = f"Within {pair}, where knowing the arm is no help, CLAP still goes with preference."
    return Claim(text, held[0] if held and len(set(held)) == 1 else None, _told(known))


def second(clap: list[Together | None], oracle: list[Together | None]) -> Claim:
    ours, best = (_known(map(pearson, each)) for each in (clap, oracle))
    text = "The oracle, by which these raters prefer, goes with their votes better than CLAP does."
    if not ours or len(ours) != len(best):
        return Claim(text, None, "there is no oracle")
    ahead = sum(b.value > a.value for a, b in zip(ours, best, strict=True))
    held = True if ahead == len(ours) else False if ahead == 0 else None
    return Claim(text, held, f"mean r = {fmean(b.value for b in best):.2f} against {fmean(a.value for a in ours):.2f}")


def table(runs: Sequence[Run], clap: list[Together | None], oracle: list[Together | None]) -> Table:
    columns = (
        Column("seed", "Seed", form="count"),
        Column("score", "Score"),
        Column("name", "Coefficient"),
        Column("value", "Value", form="number", interval="interval"),
        Column("attainable", "Human ceiling", form="number"),
        Column("n", "Items", form="count"),
    )
    rows: list[Row] = [
        {"seed": run.seed, "score": score, "name": one.name, "value": one.value, "interval": [one.low, one.high],
         "attainable": each.attainable, "n": one.n}
        for score, found in (("CLAP", clap), ("Oracle", oracle))
        for run, each in zip(runs, found, strict=True)
        if each
        for one in each.found
    ]  # fmt: skip
    note = "An item is a prompt and a pair of arms. Human ceiling: the highest Pearson correlation that the votes' own "
    return Table(
        "correlation", "Correlations", columns, rows, note=f"{note}reliability allows. The paper's is {PAPER}."
    )


EXPERIMENT = Experiment(
    name="correlation",
    title="CLAP and people",
    question="How well does CLAP say what listeners prefer, and how well could any score?",
    recipes=("correlation",),
    find=find,
    raters=45,
)
