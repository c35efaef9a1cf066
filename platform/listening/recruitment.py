"""What a researcher enters at each provider: the link, the codes, MTurk's question."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from django.urls import reverse

from listening import configuration, providers
from listening.models import ListeningTest, Provider, Session
from studies.models import Study

State = Session.State
SCHEMA = "http://mechanicalturk.amazonaws.com/AWSMechanicalTurkDataSchemas/2006-07-14/ExternalQuestion.xsd"
FRAME = 700  # pixels of the frame's height


@dataclass(frozen=True)
class Recruitment:
    """codes: by outcome, where the provider has to know them beforehand. question: MTurk's XML, else empty."""

    provider: Provider
    link: str
    codes: dict[str, str]
    question: str = ""

    @property
    def name(self) -> str:
        return self.provider.name


def recruitment(study: Study, site: str = "") -> list[Recruitment]:
    """For each provider that the study takes people of. site: as in https://listen.example.org."""
    test = configuration.test_of(study)
    return [_of(provider, test, site) for provider in Provider.objects.all() if _recruits(test, provider)]


def _recruits(test: ListeningTest, provider: Provider) -> bool:
    if provider.key == providers.PANEL:
        return test.panels.exists()
    return providers.accepted(test, provider.key)


def _of(provider: Provider, test: ListeningTest, site: str) -> Recruitment:
    codes = {outcome: providers.study_code(test.study, outcome) for outcome in outcomes(test)}
    if provider.hand_in == Provider.HandIn.MTURK:
        address = site + reverse("listening:mturk", args=[test.study.slug])
        return Recruitment(provider, address, {}, external_question(address))
    address = site + reverse("listening:arrive", args=[test.study.slug])
    return Recruitment(provider, providers.link(provider, address), codes if provider.one_code else {})


def outcomes(test: ListeningTest) -> list[str]:
    """Ends of a session that have a code to hand in."""
    ends = [State.COMPLETE, State.SCREENED, State.LEFT]
    return [*ends, State.TIMED_OUT] if test.session_minutes else [*ends]


def external_question(address: str) -> str:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<ExternalQuestion xmlns="{SCHEMA}">\n'
        f"  <ExternalURL>{escape(address)}</ExternalURL>\n  <FrameHeight>{FRAME}</FrameHeight>\n</ExternalQuestion>\n"
    )
