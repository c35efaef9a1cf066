"""A study on paper: what it could see with so many prompts, takes, raters and votes, and what that would cost."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np

from listening import listeners
from results.measurements import Measurements, measure
from results.measures import power
from results.measures.power import Crowd, Power
from studies import cost, design
from studies.models import Arm, Study

# Standard deviations of relevance from prompt to prompt, and of raters' leanings, in logits of a careful rater (ours).
PROMPTS_DIFFER, RATERS_DIFFER = 0.8, 0.3
MOST_VOTES, MOST_PROMPTS = 60, 600
USUAL_SECONDS = 10.0  # a clip, where no study says
CURVE = (1, 2, 3, 5, 8, 12, 20)
CURVE_STUDIES = 200  # simulated, a point


class Spread(NamedTuple):
    """Of CLAP differences, 0..1. between: from prompt to prompt; within: of two single takes of one prompt."""

    between: float
    within: float


USUAL = Spread(0.11, 0.11)  # as in the sandbox's main study


@dataclass(frozen=True)
class Plan:
    """share: of votes for the better arm; gain: in CLAP, 0..1. basis: the study whose arms and engines are meant."""

    share: float
    gain: float
    prompts: int
    takes: int
    heard: int
    votes_per_trial: int
    trials_per_session: int
    pairs: int
    crowd: str = "careful"
    basis: Study | None = None

    @property
    def raters(self) -> Crowd:
        """As the sandbox's simulated raters of that kind answer."""
        careful, kind = listeners.careful(), listeners.CROWDS[self.crowd]()
        dull = careful.noise / kind.noise
        return Crowd(RATERS_DIFFER * dull, PROMPTS_DIFFER * dull, kind.margin / kind.noise, kind.attention)

    @cached_property
    def why_not(self) -> str:
        """Where no difference could be preferred by so many: what to do; else empty."""
        try:
            self.raters.effect(self.share)
        except ValueError as error:
            return f"{error} Plan for a smaller preference, or for more careful raters."
        return ""

    @cached_property
    def votes(self) -> Power:
        """Of one pair."""
        return power.preference_power(
            self.share,
            prompts=self.heard,
            votes_per_trial=self.votes_per_trial,
            trials_per_session=self.trials_per_session,
            crowd=self.raters,
        )

    @cached_property
    def votes_wanted(self) -> int | None:
        """Votes a trial that would be enough; None where more prompts must be heard."""
        return power.votes_per_trial_for(
            self.share,
            prompts=self.heard,
            trials_per_session=self.trials_per_session,
            crowd=self.raters,
            most=MOST_VOTES,
        )

    @cached_property
    def heard_wanted(self) -> int | None:
        """Prompts heard that would be enough at these votes a trial."""
        return power.prompts_for(
            self.share,
            votes_per_trial=self.votes_per_trial,
            trials_per_session=self.trials_per_session,
            crowd=self.raters,
            most=MOST_PROMPTS,
        )

    @cached_property
    def spread(self) -> Spread:
        return (measured_spread(self.basis) if self.basis else None) or USUAL

    @property
    def measured(self) -> bool:
        return self.spread is not USUAL

    @property
    def score(self) -> float:
        """Power of the paired test over prompts."""
        return power.gain_power(self.gain, **self.spread._asdict(), prompts=self.prompts, takes=self.takes)

    @property
    def prompts_wanted(self) -> int | None:
        return power.prompts_for_gain(self.gain, **self.spread._asdict(), takes=self.takes)

    @property
    def votes_in_all(self) -> int:
        return self.pairs * self.heard * self.votes_per_trial

    @property
    def sessions(self) -> int:
        return -(-self.votes_in_all // self.trials_per_session)

    @property
    def pay(self) -> float:
        """Of all raters, in settings.RATER_CURRENCY."""
        return cost.pay(self.votes_in_all, self.basis.seconds if self.basis else USUAL_SECONDS)

    @cached_property
    def cost(self) -> cost.Cost | None:
        """Of the basis with these numbers; None without one."""
        if self.basis is None:
            return None
        mine = design.of_study(self.basis)
        return cost.cost(
            replace(
                mine,
                prompts=self.prompts,
                evaluation_takes=self.takes,
                pairs=self.pairs,
                listening_prompts=self.heard,
                votes_per_trial=self.votes_per_trial,
                trials_per_session=self.trials_per_session,
            )
        )

    @property
    def source(self) -> str:
        """What the curve rests on."""
        return (
            f"Share of {CURVE_STUDIES} simulated studies a point whose interval, clustered by raters and prompts, "
            f"leaves one half out; {self.crowd} raters, {self.trials_per_session} trials each, seed {power.SEED}."
        )

    def curve(self) -> list[dict]:
        """Power in percent by votes of a pair, for a quarter, half, all and twice of the prompts that are heard."""
        rows = []
        for prompts in sorted({max(2, round(self.heard * part)) for part in (0.25, 0.5, 1, 2)}):
            for votes in CURVE:
                planned = {"prompts": prompts, "votes_per_trial": votes, "trials_per_session": self.trials_per_session}
                found = power.preference_power(self.share, **planned, crowd=self.raters, studies=CURVE_STUDIES)
                said = f"{prompts} prompts"
                rows.append({"arm": said, "votes": found.votes, "a_trial": votes, "power": 100 * found.value})
        return rows


def measured_spread(study: Study) -> Spread | None:
    """Of the study's largest arm against its original; None where takes or prompts are too few."""
    measured = measure(study)
    noise = measured.spread.get("clap")
    found = _differences(measured)
    if noise is None or found is None or len(found) < 5:
        return None
    within = noise * 2**0.5
    between = max(0.0, float(np.var(found, ddof=1)) - within**2 / study.evaluation_takes) ** 0.5
    return Spread(between, within)


def _differences(measured: Measurements) -> np.ndarray | None:
    """Per prompt, of the arm that gained most."""
    original = next((arm for arm in measured.arms if arm.method == Arm.Method.ORIGINAL), None)
    others = [arm for arm in measured.arms if arm is not original]
    if original is None or not others:
        return None
    base = measured.column(original, "clap")
    found = [difference[~np.isnan(difference)] for difference in (measured.column(a, "clap") - base for a in others)]
    return max((each for each in found if len(each)), key=lambda each: abs(each.mean()), default=None)
