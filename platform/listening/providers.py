"""How a provider's links name people, and what they hand in at the end. A provider is a row (models/provider.py)."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from django.utils.crypto import salted_hmac

from listening.models import ListeningTest, Provider, Session
from studies.models import Study

_PLAIN = re.compile(r"[\w.@:+/=-]{1,200}", re.ASCII)
_PERSON = re.compile(r"[A-Za-z0-9_.:@-]{1,100}")
VOLUNTEER, SIMULATED, PANEL, PREVIEW = "volunteer", "simulated", "panel", "preview"
State = Session.State


@dataclass(frozen=True)
class Arrival:
    """Somebody at the door: nothing of it is stored before consent."""

    provider: str
    external_id: str
    visit: dict[str, str]


def named(parameters: Mapping[str, str]) -> Provider | None:
    """The provider whose parameters are in the address; None for volunteers."""
    asked = set(parameters)
    for provider in Provider.objects.exclude(person_parameter=""):
        if {provider.person_parameter, provider.preview_parameter} & asked:
            return provider
    return None


def previewing(parameters: Mapping[str, str]) -> bool:
    """Somebody only looks at the task before they accept it."""
    provider = named(parameters)
    return bool(
        provider and provider.preview_parameter and parameters.get(provider.preview_parameter) == provider.preview_value
    )


def arrival(parameters: Mapping[str, str]) -> Arrival | None:
    """Who the address says is coming. None: nobody in particular. Raises ValueError for an id that cannot be one."""
    provider = named(parameters)
    if provider is None:
        return None
    person = parameters.get(provider.person_parameter, "")
    if not _PERSON.fullmatch(person):
        raise ValueError(f"{provider.person_parameter} is not an id.")
    given = {name: parameters.get(name, "") for name in provider.visit_parameters}
    return Arrival(provider.key, person, {name: value for name, value in given.items() if _PLAIN.fullmatch(value)})


def accepted(test: ListeningTest, key: str) -> bool:
    """Whether the test takes people of this provider: of any where none is chosen; its panels' in any case."""
    if key in (SIMULATED, PREVIEW):
        return False
    chosen = {provider.key for provider in test.providers.all()}
    return not chosen or key in chosen or (key == PANEL and test.panels.exists())


def link(provider: Provider, address: str) -> str:
    """The recruitment link: `address` with the platform's placeholders, as the platform replaces them."""
    given = {provider.person_parameter: provider.person_placeholder, **provider.visit_parameters}
    query = {name: placeholder for name, placeholder in given.items() if name and placeholder}
    return f"{address}?{urlencode(query, safe='{}%-$')}" if query else address


def of(session: Session) -> Provider | None:
    return Provider.objects.filter(key=session.rater.provider).first()


def code(session: Session, outcome: str) -> str:
    """What the rater hands in at the end: nobody can guess it, and asking again gives the same."""
    provider = of(session)
    return study_code(session.study, outcome) if provider and provider.one_code else _code(outcome, session.token)


def study_code(study: Study, outcome: str) -> str:
    """The code of a study and outcome ("complete", "screened", "left") for providers that know only one each."""
    return _code(outcome, f"study {study.pk}")


def completion_url(session: Session) -> str:
    """Where the rater hands in the code; empty where the code alone is handed in, or nothing."""
    provider = of(session)
    if provider is None or provider.hand_in != Provider.HandIn.REDIRECT or session.state == State.RETURNED:
        return ""
    by_state = {
        State.SCREENED: provider.screened_url,
        State.LEFT: provider.left_url,
        State.TIMED_OUT: provider.left_url,
    }
    template = by_state.get(State(session.state), "") or provider.completed_url
    return template.replace("{code}", quote(session.completion_code))


def _code(*parts: str) -> str:
    digest = salted_hmac("listening.code", "/".join(parts)).digest()
    return base64.b32encode(digest)[:10].decode()
