"""What a study will take before it is launched: rows by step, engine time by measured rates, votes and money.

Rates are those of rows that the same engine has made here; an engine that never ran has none, and says so.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from django.conf import settings
from django.db.models import Avg, Count

from studies import pipeline
from studies.design import ArmPlan, Design
from studies.design import of_study as design_of
from studies.models import WORK, EngineSpec, Study, Work

MEASURED = 500  # newest rows that a rate rests on
# Around the clips of a vote: reading, thinking, the next page (ours; raters of careful studies take 5 to 10).
SECONDS_A_VOTE = 8.0


class Rate(NamedTuple):
    """Engine seconds a row, over so many rows; seconds is None where the engine has never run here."""

    seconds: float | None
    rows: int = 0

    def of(self, rows: int) -> float | None:
        return 0.0 if not rows else None if self.seconds is None else self.seconds * rows


@dataclass(frozen=True)
class ArmCost:
    """Before equal rows of several arms are merged: the real number is never greater."""

    name: str
    method: str
    amount: pipeline.Amount
    clips_a_prompt: float


@dataclass(frozen=True)
class Cost:
    """seconds: of engine time by step, None where an engine has no rate yet. money: None where nobody listens."""

    arms: list[ArmCost]
    total: pipeline.Amount
    seconds: dict[str, float | None]
    unmeasured: list[str]
    votes: int
    sessions: int
    rater_seconds: float
    money: float
    currency: str

    @property
    def minutes(self) -> float:
        """Of engine time, as far as it was ever measured."""
        return sum(each or 0.0 for each in self.seconds.values()) / 60


def of_study(study: Study) -> Cost:
    return cost(design_of(study))


def cost(design: Design) -> Cost:
    costs = [_arm_cost(design, arm) for arm in design.arms]
    total = pipeline.Amount()
    for each in costs:
        total = total.plus(each.amount)
    rates = _rates(design)
    rows = {"rewrite": total.rewrites, "clip": total.clips, "score": total.scores, "training": total.trainings}
    votes = design.pairs * design.listening_prompts * design.votes_per_trial
    return Cost(
        arms=costs,
        total=total,
        seconds={kind: rates[kind].of(count) for kind, count in rows.items()},
        unmeasured=[kind for kind, count in rows.items() if count and rates[kind].seconds is None],
        votes=votes,
        sessions=-(-votes // max(design.trials_per_session, 1)),
        rater_seconds=rater_seconds(votes, design.seconds),
        money=pay(votes, design.seconds),
        currency=settings.RATER_CURRENCY,
    )


def rater_seconds(votes: int, clip: float) -> float:
    """clip: seconds of each of the two that a vote compares."""
    return votes * (2 * clip + SECONDS_A_VOTE)


def pay(votes: int, clip: float) -> float:
    """In settings.RATER_CURRENCY."""
    return rater_seconds(votes, clip) / 3600 * settings.RATER_PAY_AN_HOUR


def _arm_cost(design: Design, arm: ArmPlan) -> ArmCost:
    amount = design.amount(arm)
    return ArmCost(arm.name, arm.method, amount, amount.clips / max(design.prompts, 1))


def _rates(design: Design) -> dict[str, Rate]:
    rewriters = [arm.rewriter for arm in design.arms if arm.rewriter]
    clip = rate("clip", [design.generator], design.seconds)
    return {
        "rewrite": rate("rewrite", rewriters),
        "clip": clip,
        "score": rate("score", design.scorers),
        "training": rate("training", rewriters),
    }


def rate(kind: str, engines: Iterable[EngineSpec], seconds: float | None = None) -> Rate:
    """Mean engine seconds a row over the newest rows of these engines. seconds: length of clip that it is wanted for;
    what longer or shorter ones took counts in proportion."""
    model = WORK[kind]
    wanted = {f"{model.engine_field}__in": [spec.pk for spec in engines if spec.pk]}
    newest = model._default_manager.filter(**wanted, state=Work.State.DONE, seconds__isnull=False).exclude(worker="")
    rows = newest.filter(pk__in=newest.order_by("-finished_at").values("pk")[:MEASURED])
    columns = {"spent": Avg("seconds"), "rows": Count("pk")} | ({"length": Avg("duration")} if seconds else {})
    found = rows.aggregate(**columns)
    if not found["rows"]:
        return Rate(None)
    return Rate(found["spent"] * (seconds / found["length"] if seconds else 1.0), found["rows"])
