"""What can go wrong for an invited rater, said to them: what happened, and what to do next."""
# ruff: noqa: N818 (each name says what happened; the family is PanelError)

from __future__ import annotations

from django.utils.translation import gettext_lazy as _


class PanelError(Exception):
    """Shown as a page with `status`."""

    status = 400
    title = _("That did not work")
    message = _("Please try again.")

    def __init__(self) -> None:
        super().__init__(str(self.message))


class NoInvitation(PanelError):
    status = 404
    title = _("There is no such invitation")
    message = _(
        "It may have been declined or withdrawn, or the link was cut off in your e-mail. Please open the whole link,"
        " or ask whoever invited you."
    )


class InvitationExpired(PanelError):
    status = 410
    title = _("This invitation has expired")
    message = _("Please ask whoever invited you to send it again.")


class JoinedAlready(PanelError):
    """An invitation lets somebody in once; from then on they sign in."""

    status = 409
    title = _("You have joined already")
    message = _("Please sign in with your e-mail address.")


class LinkUsed(PanelError):
    """Used, too old, or never ours: to whoever holds it, these are the same."""

    status = 410
    title = _("This link does not work any more")
    message = _("A link works once and for half an hour. Please ask for a new one.")


class WrongPassword(PanelError):
    """The same words whatever was wrong, so that nobody learns which addresses have an account."""

    status = 403
    title = _("That did not work")
    message = _(
        "The address and the password do not match, or there were too many tries. Wait a quarter of an hour, or ask"
        " for a link by e-mail."
    )
