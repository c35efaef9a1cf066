"""What can go wrong for a rater, said to the rater: what happened, and what to do next."""
# ruff: noqa: N818 (each name says what happened; the family is ListeningError)

from __future__ import annotations

from django.utils.translation import gettext_lazy as _


class ListeningError(Exception):
    """Shown as a page with `status`. Nothing that was stored before is lost by it."""

    status = 400
    way_on = "listening:trial"  # where "Continue" leads; empty: nowhere
    title = _("That did not work")
    message = _("Please go back to the test and try again.")

    def __init__(self, message=None) -> None:
        self.message = message or self.message
        super().__init__(str(self.message))


class BadLink(ListeningError):
    way_on = ""
    title = _("This link is not complete")
    message = _("Please open the listening test again from the page where you found it.")


class NoSuchTest(ListeningError):
    way_on = ""
    status = 404
    title = _("There is no listening test at this address")
    message = _("Please check the link, or open it again from the page where you found it.")


class NotOpen(ListeningError):
    way_on = ""
    status = 404
    title = _("This listening test is not open yet")
    message = _("The sounds are still being made. Please come back later with the same link.")


class NobodyThere(ListeningError):
    way_on = ""
    status = 403
    title = _("We do not know you yet")
    message = _("Please open the listening test from its link, in the browser you began with.")


class UnknownPair(ListeningError):
    status = 404
    title = _("We do not know these sounds")
    message = _("Nothing was stored. Your own test goes on where you were.")


class NotYours(ListeningError):
    status = 403
    title = _("These sounds belong to somebody else")
    message = _("Nothing was stored. Your own test goes on where you were.")


class BadChoice(ListeningError):
    title = _("That is not one of the answers")
    message = _("Nothing was stored. Please choose one of the answers on the page.")


class NotHeard(ListeningError):
    """The claim stays, and what was heard so far stays with it."""

    status = 422
    title = _("Please listen to every sound first")

    def __init__(self, sides: list[str]) -> None:
        self.sides = sides
        unheard = ", ".join(side.upper() for side in sides)
        super().__init__(_("Not heard long enough yet: %(sides)s.") % {"sides": unheard})


class TooSoon(ListeningError):
    """The claim stays."""

    status = 422
    title = _("That was very quick")

    def __init__(self, least: float) -> None:
        super().__init__(_("Please take at least %(seconds)s seconds for each answer.") % {"seconds": round(least)})


class AlreadyVoted(ListeningError):
    status = 409
    title = _("Your answer is stored already")
    message = _("The first answer counts. Your test goes on where you were.")


class SessionEnded(ListeningError):
    way_on = "listening:end"
    status = 409
    title = _("Your session has ended")
    message = _("Every vote that you gave before is stored.")


class StillWaiting(ListeningError):
    status = 409
    title = _("Your test is not finished")
    message = _("Your code appears after the last vote.")


class Closed(ListeningError):
    way_on = ""
    status = 410
    title = _("This listening test is closed")
    message = _("Thank you for coming. There is nothing to do here any more.")
