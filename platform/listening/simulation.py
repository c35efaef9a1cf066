"""Raters that are programs: they go through the same actions as people, and answer by the sandbox's ground truth.

Their votes fill trials of their own account: people's votes are counted apart, and results never mix the two.
"""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from listening import configuration, hearing, listeners, providers
from listening.actions.begin_session import begin_session
from listening.actions.end_session import leave
from listening.actions.record_listening import record_served
from listening.actions.take_trial import take_trial
from listening.actions.vote import vote
from listening.listeners import Listener
from listening.models import Playback, Presentation, Session
from studies import clock
from studies.models import Score, Study
from studies.pipeline import item_seed

CONSENT = "A simulated rater: a program answers by the sandbox's ground truth, nobody was asked."
Truth = dict[tuple[int, str], float]  # oracle relevance 0..1 by clip and prompt text


class NothingToPreferBy(ValueError):  # noqa: N818 (says what happened)
    """The study has no oracle."""


def simulate(
    *,
    study: Study,
    raters: int,
    seed: int,
    listener: Listener | None = None,
    name: str = "",
    now: datetime | None = None,
) -> int:
    """Lets `raters` programs vote until they are done or nothing is left; returns the votes they gave.

    The same seed means the same raters: run again, they go on where they were. name: tells crowds of one seed apart.
    Raises NothingToPreferBy.
    """
    if study.oracle_id is None:
        raise NothingToPreferBy(f"{study} has no oracle: simulated raters have nothing to prefer by.")
    truth, listener, now = _truth(study), listener or listeners.careful(), now or clock.now()
    names = [f"{study.pk}-{seed}-{name}{n}" for n in range(raters)]
    return sum(_listen(study, one, n, seed, truth, listener, now) for n, one in enumerate(names))


def _truth(study: Study) -> Truth:
    scores = Score.objects.filter(
        scorer=study.oracle, state=Score.State.DONE, clip__renderings__candidate__arm__study=study
    )
    rows = scores.values_list("clip", "reference", "value")
    return {(clip, reference): value for clip, reference, value in rows if value is not None}


def _listen(study: Study, name: str, number: int, seed: int, truth: Truth, listener: Listener, now: datetime) -> int:
    """One rater's session, lived through in the minutes before now: no lease of anybody's has run out by then."""
    chance = random.Random(item_seed(seed, "simulated rater", number))
    trials = study.trials_per_session + configuration.test_of(study).practice_trials
    clock = now - timedelta(seconds=2 * trials * (2 * study.seconds + 8))
    session = begin_session(
        study=study,
        provider=providers.SIMULATED,
        external_id=name,
        consent=CONSENT,
        arrival={},
        now=clock,
        population=Session.Population.SIMULATED,
    )
    votes = 0
    while shown := take_trial(session=session, now=clock):
        clock = _vote(session, shown, truth, listener, chance, clock)
        votes += 1
    if not votes:
        leave(session=session, now=clock)
    return votes


def _vote(
    session: Session, shown: Presentation, truth: Truth, listener: Listener, chance: random.Random, clock: datetime
) -> datetime:
    """Hears every clip as long as this listener does, thinks for a moment, votes; returns when that is done."""
    playbacks = list(shown.playbacks.select_related("stimulus__clip", "presentation"))
    for one in playbacks:
        record_served(playback=one, start=0, stop=hearing.wav_size(one.stimulus.clip), now=clock)
    felt = {one.letter: _felt(one, shown.trial.prompt.text, truth, listener) for one in playbacks}
    treatments = {one.letter: one.stimulus.treatment for one in playbacks}
    played = {one.letter: hearing.seconds(one.stimulus.clip) for one in playbacks}
    taken = timedelta(seconds=sum(played.values()) + listener.thinks(chance))
    vote(
        session=session,
        token=shown.token,
        given=listener.answer(session.question, felt, treatments, chance),
        response_ms=round(taken.total_seconds() * 1000),
        played=played,
        now=clock + taken,
    )
    return clock + taken


def _felt(playback: Playback, prompt: str, truth: Truth, listener: Listener) -> float:
    """Of what is played, in units of relevance: the clip's own, less what was done to it."""
    stimulus = playback.stimulus
    felt = listener.feels(truth.get((stimulus.clip_id, prompt), 0.0), stimulus.clip.truth)
    return felt * listeners.LEFT.get(stimulus.treatment, 1.0)
