"""Signing in by link or password, and what an account's owner may change."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.models import PanelMember, Rater, RaterAccount
from accounts.panels.account import delete_account, remove_password, set_password
from accounts.panels.errors import LinkUsed, WrongPassword
from accounts.panels.signing_in import send_sign_in_link, sign_in_by_link, sign_in_by_password
from tests.accounts.panels import SITE, invited, member, panel

pytestmark = pytest.mark.django_db
PASSWORD = "a heron over the marsh"


@pytest.fixture
def anna() -> RaterAccount:
    return member(panel())


@pytest.fixture
def ask(posted):
    """Asks for a link, and returns the one that came, if one did."""

    def asking(email="anna@example.org", now=None) -> str:
        mail.outbox.clear()
        with posted():
            send_sign_in_link(email=email, site=SITE, now=now or timezone.now())
        found = [re.search(rf"{SITE}/panel/sign-in/([^/\s]+)/", letter.body) for letter in mail.outbox]
        return found[0].group(1) if found else ""

    return asking


def test_the_link_signs_in_once(anna, ask):
    token = ask("ANNA@example.org")

    assert sign_in_by_link(token=token, now=timezone.now()) == anna
    with pytest.raises(LinkUsed):
        sign_in_by_link(token=token, now=timezone.now())


def test_of_two_who_use_the_link_at_once_one_gets_in(anna, ask, monkeypatch):
    token = ask()
    seen = RaterAccount.objects.get()
    sign_in_by_link(token=token, now=timezone.now())
    monkeypatch.setattr("accounts.panels.signing_in.links.account_of", lambda _token: seen)  # looked before the other

    with pytest.raises(LinkUsed):
        sign_in_by_link(token=token, now=timezone.now())


def test_a_link_works_for_half_an_hour(anna, ask, monkeypatch):
    token = ask()
    in_time = timezone.now().timestamp()

    monkeypatch.setattr("django.core.signing.time.time", lambda: in_time + 31 * 60)
    with pytest.raises(LinkUsed):
        sign_in_by_link(token=token, now=timezone.now())
    monkeypatch.setattr("django.core.signing.time.time", lambda: in_time + 29 * 60)
    assert sign_in_by_link(token=token, now=timezone.now()) == anna


def test_a_link_that_was_changed_signs_nobody_in(anna, ask):
    other = member(panel(), "ben@example.org")
    token = ask()
    parts = token.split(".")

    for changed in (token[:-1], token + "x", "x", "", ".".join([str(other.pk), *parts[1:]]), token.upper()):
        with pytest.raises(LinkUsed):
            sign_in_by_link(token=changed, now=timezone.now())


def test_a_new_password_makes_links_useless(anna, ask):
    token = ask()
    set_password(account=anna, password=PASSWORD)

    with pytest.raises(LinkUsed):
        sign_in_by_link(token=token, now=timezone.now())


def test_an_address_without_an_account_gets_no_letter(anna, ask):
    invited(panel(), "ben@example.org")

    assert not ask("nobody@example.org") and not ask("ben@example.org")


def test_one_letter_a_minute(anna, ask):
    now = timezone.now()

    assert ask(now=now)
    assert not ask(now=now + timedelta(seconds=59))
    assert ask(now=now + timedelta(seconds=61))


def test_a_letter_that_cannot_be_sent_is_no_error_to_whoever_asks(anna, ask, monkeypatch):
    monkeypatch.setattr("django.core.mail.EmailMessage.send", lambda self: (_ for _ in ()).throw(ConnectionError()))

    assert not ask()


def test_a_password_signs_in(anna):
    set_password(account=anna, password=PASSWORD)

    assert sign_in_by_password(email="Anna@Example.org", password=PASSWORD, now=timezone.now()) == anna


def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(anna):
    set_password(account=anna, password=PASSWORD)
    member(panel(), "ben@example.org")  # has none

    answers = set()
    for email, password in (("anna@example.org", "wrong"), ("ben@example.org", ""), ("nobody@example.org", PASSWORD)):
        with pytest.raises(WrongPassword) as refused:
            sign_in_by_password(email=email, password=password, now=timezone.now())
        answers.add(str(refused.value))
    assert len(answers) == 1


def test_after_five_wrong_passwords_the_right_one_waits_a_quarter_of_an_hour_and_a_link_does_not(anna, ask):
    set_password(account=anna, password=PASSWORD)
    now = timezone.now()
    for _ in range(5):
        with pytest.raises(WrongPassword):
            sign_in_by_password(email=anna.email, password="wrong", now=now)

    with pytest.raises(WrongPassword):
        sign_in_by_password(email=anna.email, password=PASSWORD, now=now + timedelta(minutes=14))
    assert sign_in_by_password(email=anna.email, password=PASSWORD, now=now + timedelta(minutes=16)) == anna

    for _ in range(5):
        with pytest.raises(WrongPassword):
            sign_in_by_password(email=anna.email, password="wrong", now=now)
    assert sign_in_by_link(token=ask(), now=now) == anna
    assert sign_in_by_password(email=anna.email, password=PASSWORD, now=now) == anna


def test_wrong_passwords_long_ago_are_not_held_against_anybody(anna):
    set_password(account=anna, password=PASSWORD)
    now = timezone.now()
    for minutes in (0, 0, 0, 0, 16, 16, 16, 16):
        with pytest.raises(WrongPassword):
            sign_in_by_password(email=anna.email, password="wrong", now=now + timedelta(minutes=minutes))

    assert sign_in_by_password(email=anna.email, password=PASSWORD, now=now + timedelta(minutes=17)) == anna


@pytest.mark.parametrize("easy", ["short", "password123", "anna@example.org"])
def test_a_password_that_is_easily_guessed_is_refused(anna, easy, posted):
    with posted(), pytest.raises(ValidationError):
        set_password(account=anna, password=easy)
    assert not mail.outbox


def test_the_owner_hears_of_a_new_password_and_can_remove_it(anna, posted):
    with posted():
        set_password(account=anna, password=PASSWORD)
    with posted():
        remove_password(account=anna)

    assert [letter.subject for letter in mail.outbox] == ["Your password was changed", "Your password was removed"]
    with pytest.raises(WrongPassword):
        sign_in_by_password(email=anna.email, password=PASSWORD, now=timezone.now())


def test_deleting_an_account_leaves_the_address_nowhere(anna, posted):
    invited(panel())  # to another panel, not answered
    with posted():
        delete_account(account=anna)

    assert not RaterAccount.objects.exists() and not PanelMember.objects.exists()
    assert Rater.objects.exists()  # their votes are decided on by whoever erases the rater
    assert [letter.subject for letter in mail.outbox] == ["Your account was deleted"]
