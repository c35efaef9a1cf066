"""What an experiment is: a question, the recipes that answer it, and how the numbers of their studies are judged."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from results.figures.style import Chart
from results.opened import Opened
from results.tables import Table


class Run(NamedTuple):
    """A study that was run to its end. recipe: the name of what it was made from."""

    seed: int
    recipe: str
    page: Opened


@dataclass(frozen=True)
class Claim:
    """text: what should be so. held: whether it is; None where the numbers do not tell. numbers: they, in words."""

    text: str
    held: bool | None
    numbers: str


@dataclass(frozen=True)
class Drawing:
    """A figure of the page. source: what it rests on, which stands in the picture too."""

    name: str
    title: str
    caption: str
    source: str
    chart: Chart


@dataclass(frozen=True)
class Findings:
    """remarks: what a reader must know beside the numbers, a sentence or two each."""

    claims: Sequence[Claim]
    tables: Sequence[Table] = ()
    drawings: Sequence[Drawing] = ()
    remarks: Sequence[str] = ()


@dataclass(frozen=True)
class Experiment:
    """name: of its page and command. recipes: each is run once a seed, in this order. raters: simulated ones that vote
    on each study, on these kinds of questions. find: reads the runs of all seeds; whatever it says is computed from
    them. reading: how to read the page, where its recipes do not say it."""

    name: str
    title: str
    question: str
    recipes: tuple[str, ...]
    find: Callable[[Sequence[Run]], Findings]
    raters: int = 0
    questions: tuple[str, ...] = ("preference",)
    seeds: int = 3
    reading: str = ""
