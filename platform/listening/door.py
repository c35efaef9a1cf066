"""Whether somebody may come in: where they come from, then what the test asks of people."""
# ruff: noqa: N818 (the name says what happened; the family is ListeningError)

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accounts.models import Rater
from listening import eligibility, providers
from listening.errors import ListeningError
from listening.models import ListeningTest
from listening.providers import Arrival


class OtherDoor(ListeningError):
    way_on = ""
    status = 403
    title = _("This listening test is open to others")
    message = _(
        "It takes people who come from somewhere else than you did. If you were invited, please use the link that you"
        " were given. Nothing was stored."
    )


def refusal(test: ListeningTest, who: Arrival, language: str) -> ListeningError | None:
    """Why this visitor may not begin, or None. Whoever has begun is not asked."""
    if test.closed:
        return eligibility.refusal(test, None, language)
    if not providers.accepted(test, who.provider):
        return OtherDoor()
    rater = Rater.objects.filter(provider=who.provider, external_id=who.external_id).first()
    return eligibility.refusal(test, rater, language)


def asks_to_sign_in(test: ListeningTest, who: Arrival) -> bool:
    """Of an open test for panels, somebody whom no platform's link names: they may be a member."""
    return not test.closed and who.provider != providers.PANEL and test.panels.exists()
