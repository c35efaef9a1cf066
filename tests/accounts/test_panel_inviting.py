"""Invitations: everybody is written to once, in their language, and nothing is lost when e-mail fails."""

from datetime import timedelta
from smtplib import SMTPRecipientsRefused, SMTPServerDisconnected

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.core.mail.backends.locmem import EmailBackend
from django.utils import timezone

from accounts.models import Membership, PanelMember
from accounts.panels.inviting import invite, plan, send_again
from accounts.panels.reading import Row
from tests import factories
from tests.accounts.panels import SITE, invite_all, invited, member, owner, panel

pytestmark = pytest.mark.django_db


def receivers() -> list[str]:
    return [to for letter in mail.outbox for to in letter.to]


def test_everybody_new_gets_one_letter_with_their_own_link(posted):
    to = panel(name="Night <listeners>")
    with posted():
        invite_all(to, "anna@example.org", "ben@example.org")

    assert receivers() == ["anna@example.org", "ben@example.org"]
    anna = PanelMember.objects.get(email="anna@example.org")
    assert f"{SITE}/panel/join/{anna.token}/" in mail.outbox[0].body
    assert mail.outbox[0].subject == "Invitation to the panel “Night <listeners>”"
    assert anna.token not in mail.outbox[1].body
    assert anna.invited_at is not None


def test_whoever_was_invited_is_not_written_to_again_unless_that_is_asked_for(posted):
    to = panel()
    before = invited(to, days_ago=3)
    member(to, "ben@example.org")

    with posted():
        invite_all(to, "anna@example.org", "ben@example.org", "cleo@example.org")
    assert receivers() == ["cleo@example.org"]

    with posted():
        invite_all(to, "anna@example.org", "ben@example.org", again=True)
    assert receivers() == ["cleo@example.org", "anna@example.org"]
    before.refresh_from_db()
    assert timezone.now() - before.invited_at < timedelta(minutes=1)
    assert f"/join/{before.token}/" in mail.outbox[-1].body


def test_the_plan_says_who_is_new_who_waits_and_who_has_joined():
    to = panel()
    invited(to), member(to, "ben@example.org")

    found = plan(to, [Row(2, "anna@example.org"), Row(3, "ben@example.org"), Row(4, "cleo@example.org")])

    assert [[row.email[0] for row in rows] for rows in (found.new, found.waiting, found.joined)] == [
        ["c"],
        ["a"],
        ["b"],
    ]


def test_the_same_address_may_be_invited_to_two_panels(posted):
    with posted():
        invite_all(panel(), "anna@example.org")
        invite_all(panel(), "anna@example.org")

    assert receivers() == ["anna@example.org"] * 2


class Failing(EmailBackend):
    """Refuses one address; with another the server goes away."""

    def send_messages(self, messages):
        for message in messages:
            if message.to == ["refused@example.org"]:
                raise SMTPRecipientsRefused({})
            if message.to == ["down@example.org"]:
                raise SMTPServerDisconnected
        return super().send_messages(messages)


def test_an_address_that_is_refused_waits_and_the_others_are_written_to(posted, monkeypatch):
    monkeypatch.setattr("accounts.panels.inviting.get_connection", Failing)
    to = panel()
    with posted():
        invite_all(to, "anna@example.org", "refused@example.org", "zoe@example.org")

    assert receivers() == ["anna@example.org", "zoe@example.org"]
    assert to.members.get(invited_at=None).email == "refused@example.org"


def test_when_the_server_goes_away_nobody_is_lost_and_sending_again_reaches_the_rest_once(posted, monkeypatch):
    to = panel()
    with monkeypatch.context() as away:
        away.setattr("accounts.panels.inviting.get_connection", Failing)
        with posted():
            invite_all(to, "anna@example.org", "down@example.org", "zoe@example.org")
    assert receivers() == ["anna@example.org"]
    assert to.members.filter(invited_at=None).count() == 2

    with posted():
        invite_all(to, "anna@example.org", "down@example.org", "zoe@example.org")

    assert receivers() == ["anna@example.org", "down@example.org", "zoe@example.org"]


def test_two_who_send_at_once_write_to_nobody_twice(posted):
    to = panel()
    with posted():  # both choose whom to write to before either has sent anything
        invite_all(to, "anna@example.org")
        invite_all(to, "anna@example.org")

    assert receivers() == ["anna@example.org"]


def test_nobody_is_written_to_when_the_invitation_is_rolled_back(posted):
    to = panel()
    with posted(), pytest.raises(PermissionDenied):
        invite(panel=to, rows=[Row(2, "anna@example.org")], by=factories.user(), site=SITE, now=timezone.now())

    assert not mail.outbox and not to.members.exists()


@pytest.mark.parametrize(("role", "may"), [("owner", True), ("editor", True), ("viewer", False), (None, False)])
def test_owners_and_editors_invite(role, may, posted):
    to, user = panel(), factories.user()
    anna = invited(to, days_ago=1)
    if role:
        Membership.objects.create(team=to.team, user=user, role=role)
    again = {"panel": to, "members": [anna.pk], "by": user, "site": SITE, "now": timezone.now()}

    with posted():
        if may:
            assert send_again(**again) == [anna]
        else:
            with pytest.raises(PermissionDenied):
                send_again(**again)
    assert len(mail.outbox) == may


def test_members_of_another_panel_are_not_written_to(posted):
    to, other = panel(), invited(panel(), "ben@example.org")

    with posted():
        assert send_again(panel=to, members=[other.pk], by=owner(to), site=SITE, now=timezone.now()) == []
