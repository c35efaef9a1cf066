"""The answer to an invitation: once, in time, and declining leaves nothing."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from accounts.models import PanelMember, Rater, RaterAccount
from accounts.panels.errors import InvitationExpired, JoinedAlready, LinkUsed, NoInvitation
from accounts.panels.joining import decline, invitation, join
from accounts.panels.links import account_of, token_for
from tests.accounts.panels import invited, member, panel

pytestmark = pytest.mark.django_db


def test_joining_makes_an_account_and_a_rater_whose_name_says_nothing():
    waiting = invited(panel(), language="de")

    account = join(token=waiting.token, now=timezone.now())

    waiting.refresh_from_db()
    assert (waiting.account, account.email, account.language) == (account, "anna@example.org", "de")
    assert account.rater.provider == "panel" and "anna" not in account.rater.external_id
    assert not account.has_usable_password()


def test_an_invitation_lets_somebody_in_once():
    waiting = invited(panel())
    join(token=waiting.token, now=timezone.now())

    for again in (join, decline):
        with pytest.raises(JoinedAlready):
            again(token=waiting.token, now=timezone.now())
    assert RaterAccount.objects.count() == 1


def test_who_has_an_account_joins_another_panel_with_it():
    account = member(panel())

    assert join(token=invited(panel()).token, now=timezone.now()) == account
    assert account.memberships.count() == 2
    assert Rater.objects.count() == 1


def test_an_invitation_that_nobody_answered_ends():
    waiting = invited(panel(), days_ago=30.1)

    for answer in (join, decline):
        with pytest.raises(InvitationExpired):
            answer(token=waiting.token, now=timezone.now())
    waiting.invited_at = timezone.now() - timedelta(days=29.9)
    waiting.save()
    assert invitation(waiting.token, timezone.now()) == waiting


def test_an_invitation_that_was_never_sent_opens_nothing():
    waiting = PanelMember.objects.create(panel=panel(), email="anna@example.org")

    with pytest.raises(InvitationExpired):
        join(token=waiting.token, now=timezone.now())


@pytest.mark.parametrize("spoil", [lambda token: token[:-1], lambda token: token.swapcase(), lambda token: "x"])
def test_a_link_that_was_changed_opens_nothing(spoil):
    waiting = invited(panel())

    with pytest.raises(NoInvitation):
        join(token=spoil(waiting.token), now=timezone.now())


def test_declining_deletes_the_address_and_makes_no_account():
    waiting = invited(panel())

    decline(token=waiting.token, now=timezone.now())

    assert not PanelMember.objects.exists() and not RaterAccount.objects.exists() and not Rater.objects.exists()
    assert not mail.outbox
    with pytest.raises(NoInvitation):
        join(token=waiting.token, now=timezone.now())


def test_joining_uses_up_links_that_were_sent_before():
    account = member(panel())
    link = token_for(account)

    join(token=invited(panel()).token, now=timezone.now())

    with pytest.raises(LinkUsed):
        account_of(link)
