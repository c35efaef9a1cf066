"""Raters in tests: through the actions, or through the pages."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from listening import hearing
from listening.actions.begin_session import begin_session
from listening.actions.record_listening import record_served
from listening.actions.take_trial import take_trial
from listening.actions.vote import vote
from listening.models import Presentation, Session, Vote
from studies.models import Study

NOW = datetime(2026, 3, 1, 12, tzinfo=timezone.get_fixed_timezone(0))
_count = itertools.count(1)


def consented(study: Study, name: str = "", simulated: bool = False, now: datetime = NOW) -> Session:
    return begin_session(
        study=study,
        provider="prolific",
        external_id=name or f"rater{next(_count)}",
        consent="I agree.",
        arrival={},
        now=now,
        population="simulated" if simulated else "people",
    )


def serve(presentation: Presentation, now: datetime = NOW, letters: str = "abcdefgh") -> None:
    for playback in presentation.playbacks.filter(letter__in=letters).select_related("stimulus__clip", "presentation"):
        record_served(playback=playback, start=0, stop=hearing.wav_size(playback.stimulus.clip), now=now)


def answer(
    presentation: Presentation, choice: str = "a", now: datetime = NOW, session: Session | None = None, **changes
) -> Vote:
    """Votes after hearing every clip of one second, ten seconds after they were sent."""
    given = {"response_ms": 4000, "played": dict.fromkeys("abcdefgh", 1.0), "token": presentation.token, **changes}
    given.setdefault("given", {"choice": choice})
    return vote(session=session or presentation.session, now=now + timedelta(seconds=10), **given)


def take_and_vote(session: Session, choice: str = "a", now: datetime = NOW) -> Vote | None:
    presentation = take_trial(session=session, now=now)
    if presentation is None:
        return None
    serve(presentation, now)
    return answer(presentation, choice, now, session)


def page(name: str, study: Study) -> str:
    return reverse(f"listening:{name}", args=[study.slug])


def arrived(study: Study, **parameters: str) -> Client:
    """A browser whose rater has agreed."""
    client = Client()
    address = page("arrive", study)
    response = client.get(address, query_params=parameters)
    client.post(
        address,
        {"answer": "agree", "checksum": response.context["checksum"]},
        query_params=parameters,
    )
    return client


def open_pair(client: Client, study: Study) -> Presentation:
    """The presentation on the browser's trial page."""
    return Presentation.objects.get(token=client.get(page("trial", study)).context["pair"])


def heard_pair(client: Client, study: Study) -> Presentation:
    """The same, fetched over HTTP and a minute old, so that the clock lets everything be heard."""
    presentation = open_pair(client, study)
    for token in presentation.playbacks.values_list("token", flat=True):
        b"".join(client.get(reverse("listening:audio", args=[token])).streaming_content)
    past = timezone.now() - timedelta(minutes=1)
    Presentation.objects.filter(pk=presentation.pk).update(first_served_at=past, claimed_at=past, shown_at=past)
    return presentation


def token(presentation: Presentation, letter: str) -> str:
    return presentation.playbacks.get(letter=letter).token


def first_is_a(presentation: Presentation) -> bool:
    return presentation.playbacks.get(letter="a").stimulus.position == 0


def form(presentation: Presentation, choice: str = "a", **changes) -> dict:
    return {
        "pair": presentation.token,
        "choice": choice,
        "response_ms": "2500",
        "heard_a": "1.0",
        "heard_b": "1.0",
        **changes,
    }
