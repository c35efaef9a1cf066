"""Where raters come from. A provider is data: which parameters name the person, and where to send them back."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass

from django.utils.crypto import salted_hmac

from listening.models import Session
from studies.models import Study

_PLAIN = re.compile(r"[A-Za-z0-9_.:@-]{1,100}")


@dataclass(frozen=True)
class Provider:
    """`person`: the parameter that is the rater's id. `visit`: parameters kept with the session, for payment.

    `one_code`: the provider knows one code a study and outcome; otherwise each session has its own.
    `preview`: a parameter and its value while somebody only looks at the task.
    """

    key: str
    person: str
    visit: tuple[str, ...] = ()
    completion_url: str = ""
    one_code: bool = False
    preview: tuple[str, str] | None = None


VOLUNTEER, SIMULATED = "volunteer", "simulated"
PROVIDERS = (
    Provider(
        "prolific",
        "PROLIFIC_PID",
        ("STUDY_ID", "SESSION_ID"),
        completion_url="https://app.prolific.com/submissions/complete?cc={code}",
        one_code=True,
    ),
    Provider("mturk", "workerId", ("assignmentId", "hitId"), preview=("assignmentId", "ASSIGNMENT_ID_NOT_AVAILABLE")),
)


@dataclass(frozen=True)
class Arrival:
    """Somebody at the door: nothing of it is stored before consent."""

    provider: str
    external_id: str
    visit: dict[str, str]


def named(parameters) -> Provider | None:
    """The provider whose parameters are in the address; None for volunteers."""
    return next((p for p in PROVIDERS if {p.person, *(p.preview or ())[:1]} & set(parameters)), None)


def previewing(parameters) -> bool:
    provider = named(parameters)
    return bool(provider and provider.preview and parameters.get(provider.preview[0]) == provider.preview[1])


def arrival(parameters) -> Arrival | None:
    """Who the address says is coming. None: nobody in particular. Raises ValueError for an id that cannot be one."""
    provider = named(parameters)
    if provider is None:
        return None
    person = parameters.get(provider.person, "")
    if not _PLAIN.fullmatch(person):
        raise ValueError(f"{provider.person} is not an id.")
    visit = {name: parameters[name] for name in provider.visit if _PLAIN.fullmatch(parameters.get(name, ""))}
    return Arrival(provider.key, person, visit)


def of(key: str) -> Provider | None:
    return next((provider for provider in PROVIDERS if provider.key == key), None)


def code(session: Session, outcome: str) -> str:
    """What the rater hands in at the end: nobody can guess it, and asking again gives the same."""
    provider = of(session.rater.provider)
    return study_code(session.study, outcome) if provider and provider.one_code else _code(outcome, session.token)


def study_code(study: Study, outcome: str) -> str:
    """The code of a study and outcome ("complete", "left") for providers that know only one: enter it with them."""
    return _code(outcome, f"study {study.pk}")


def completion_url(session: Session) -> str:
    provider = of(session.rater.provider)
    return provider.completion_url.format(code=session.completion_code) if provider else ""


def _code(*parts: str) -> str:
    digest = salted_hmac("listening.code", "/".join(parts)).digest()
    return base64.b32encode(digest)[:10].decode()
