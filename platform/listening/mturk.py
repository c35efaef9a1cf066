"""Mechanical Turk's external question: a page in a frame of theirs.

Browsers keep no cookies for a page in somebody else's frame, so that nothing can be done there that needs to know
who is there: the frame's page sends people to a tab of its own, and takes the code back to Mechanical Turk.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from listening import providers
from listening.models import ListeningTest, Provider

SITES = ("https://www.mturk.com", "https://workersandbox.mturk.com")  # where answers are sent
HOSTS = "https://*.mturk.com"  # who may frame the page; also where its form is sent on to
ASSIGNMENT, SUBMIT_TO, ANSWER = "assignmentId", "turkSubmitTo", "code"


@dataclass(frozen=True)
class Frame:
    """One assignment. query: what the tab's address says of who comes."""

    assignment: str
    query: str
    submit_to: str


def provider_of(test: ListeningTest) -> Provider | None:
    """The provider of that kind whose people the test takes."""
    rows = Provider.objects.filter(hand_in=Provider.HandIn.MTURK).order_by("pk")
    return next((row for row in rows if providers.accepted(test, row.key)), None)


def frame(provider: Provider, parameters: Mapping[str, str]) -> Frame | None:
    """None: the task is only looked at. Raises ValueError where the address names nobody, or another site."""
    if parameters.get(ASSIGNMENT) in (None, "", provider.preview_value):
        return None
    arrival = providers.arrival(parameters)
    site = parameters.get(SUBMIT_TO, "").rstrip("/")
    if arrival is None or arrival.provider != provider.key or ASSIGNMENT not in arrival.visit or site not in SITES:
        raise ValueError("Not an assignment of Mechanical Turk.")
    query = {provider.person_parameter: arrival.external_id, **arrival.visit}
    query.pop(SUBMIT_TO, None)
    return Frame(arrival.visit[ASSIGNMENT], urlencode(query), f"{site}/mturk/externalSubmit")
