"""Raters that are programs: they go through the same actions as people, and prefer by the sandbox's ground truth.

Their votes fill trials of their own account: people's votes are counted apart, and results never mix the two.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from listening import hearing, providers, rules
from listening.actions.begin_session import begin_session
from listening.actions.record_listening import record_served
from listening.actions.take_trial import take_trial
from listening.actions.vote import vote
from listening.models import Presentation, Session
from studies.models import Score, Study
from studies.pipeline import item_seed

CONSENT = "A simulated rater: a program votes by the sandbox's ground truth, nobody was asked."
Truth = dict[tuple[int, str], float]  # oracle relevance 0..1 by clip and prompt text


class NothingToPreferBy(ValueError):  # noqa: N818 (says what happened)
    """The study has no oracle."""


@dataclass(frozen=True)
class Taste:
    """A logistic listener: P(first preferred) = 1 / (1 + exp(-difference / noise)), a tie inside the margin."""

    noise: float = 0.15  # in units of oracle relevance
    margin: float = 0.04

    def choose(self, a: float, b: float, chance: random.Random) -> str:
        uniform = min(max(chance.random(), 1e-9), 1 - 1e-9)
        felt = a - b + self.noise * math.log(uniform / (1 - uniform))
        if abs(felt) < self.margin and rules.value("TIES"):
            return "tie"
        return "a" if felt > 0 else "b"


def simulate(*, study: Study, raters: int, seed: int, taste: Taste | None = None, now: datetime | None = None) -> int:
    """Lets `raters` programs vote until they are done or nothing is left; returns the votes they gave.

    The same seed means the same raters: run again, they go on where they were. Raises NothingToPreferBy.
    """
    if study.oracle_id is None:
        raise NothingToPreferBy(f"{study} has no oracle: simulated raters have nothing to prefer by.")
    truth, taste, now = _truth(study), taste or Taste(), now or timezone.now()
    return sum(_listen(study, f"{study.pk}-{seed}-{n}", n, seed, truth, taste, now) for n in range(raters))


def _truth(study: Study) -> Truth:
    scores = Score.objects.filter(
        scorer=study.oracle, state=Score.State.DONE, clip__renderings__candidate__arm__study=study
    )
    rows = scores.values_list("clip", "reference", "value")
    return {(clip, reference): value for clip, reference, value in rows if value is not None}


def _listen(study: Study, name: str, number: int, seed: int, truth: Truth, taste: Taste, now: datetime) -> int:
    """One rater's session, lived through in the minutes before now: no lease of anybody's has run out by then."""
    chance = random.Random(item_seed(seed, "simulated rater", number))
    clock = now - timedelta(seconds=study.trials_per_session * (2 * study.seconds + 8))
    session = begin_session(
        study=study,
        provider=providers.SIMULATED,
        external_id=name,
        consent=CONSENT,
        arrival={},
        now=clock,
        simulated=True,
    )
    votes = 0
    while shown := take_trial(session=session, now=clock):
        clock = _vote(session, shown, truth, taste, chance, clock)
        votes += 1
    return votes


def _vote(
    session: Session, shown: Presentation, truth: Truth, taste: Taste, chance: random.Random, clock: datetime
) -> datetime:
    """Hears both clips to the end, thinks for a moment, votes; returns the time at which that is done."""
    prompt = shown.trial.prompt.text
    clips = {side: shown.clip(side) for side in ("a", "b")}
    for side, clip in clips.items():
        record_served(presentation=shown, side=side, start=0, stop=hearing.wav_size(clip), now=clock)
    felt = truth.get((clips["a"].pk, prompt), 0.0), truth.get((clips["b"].pk, prompt), 0.0)
    played = {side: hearing.seconds(clip) for side, clip in clips.items()}
    taken = timedelta(seconds=sum(played.values()) + chance.lognormvariate(1.0, 0.5))
    vote(
        session=session,
        token=shown.token,
        choice=taste.choose(*felt, chance),
        response_ms=round(taken.total_seconds() * 1000),
        played=played,
        now=clock + taken,
    )
    return clock + taken
