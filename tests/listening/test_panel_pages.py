"""The pages of an invited rater, from the invitation over signing in to deletion."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import PanelMember, Rater, RaterAccount
from accounts.panels.account import set_password
from accounts.panels.links import token_for
from listening.actions.end_session import leave
from listening.actions.open_trials import open_trials
from listening.models import HeadphoneCheck, ListeningTest, Session, Vote
from listening.panel.signed_in import language_of
from tests import factories
from tests.accounts.panels import invited, member, panel
from tests.listening.raters import arrived, consented, take_and_vote

pytestmark = pytest.mark.django_db
HOME, PASSWORD = "/panel/", "a heron over the marsh"


@pytest.fixture
def anna() -> RaterAccount:
    return member(panel())


@pytest.fixture(autouse=True)
def _post_at_once(monkeypatch):
    monkeypatch.setattr("accounts.panels.mail.send_apart", lambda letter: letter.send())


def signed_in(account: RaterAccount) -> Client:
    client = Client()
    assert client.post(link(account)).url == HOME
    return client


def link(account: RaterAccount) -> str:
    account.refresh_from_db()
    return reverse("panel:link", args=[token_for(account)])


def mine(account: RaterAccount, study, **test) -> Session:
    """A session of theirs in the study, with a vote."""
    ListeningTest.objects.filter(study=study).update(**test)
    session = consented(study)
    take_and_vote(session)
    Session.objects.filter(pk=session.pk).update(rater=account.rater)
    session.rater.delete()
    return Session.objects.select_related("study", "rater").get(pk=session.pk)


def another_study(name: str = ""):
    made = factories.complete(factories.study(**({"name": name} if name else {})))
    open_trials(study=made)
    return made


# Joining


def test_the_invitation_says_who_invites_and_what_an_account_holds(db):
    waiting = invited(panel(name="Night listeners"))

    page = Client().get(reverse("panel:join", args=[waiting.token]))

    for words in ("Night listeners", waiting.panel.team.name, "anna@example.org", "It holds no name"):
        assert words in page.text
    assert not RaterAccount.objects.exists()  # looking is not joining


def test_accepting_opens_ones_page_and_every_study_knows_the_rater(study):
    waiting, client = invited(panel()), Client()

    answer = client.post(reverse("panel:join", args=[waiting.token]), {"answer": "accept"})

    assert answer.url == HOME and client.get(HOME).status_code == 200
    words = client.get(reverse("listening:arrive", args=[study.slug])).context["checksum"]
    client.post(reverse("listening:arrive", args=[study.slug]), {"answer": "agree", "checksum": words})
    assert Session.objects.get().rater == RaterAccount.objects.get().rater


def test_declining_deletes_the_address(db):
    waiting, client = invited(panel()), Client()

    answer = client.post(reverse("panel:join", args=[waiting.token]), {"answer": "decline"}, follow=True)

    assert "Your address was deleted" in answer.text
    assert not PanelMember.objects.exists() and "rater" not in client.cookies
    assert client.get(reverse("panel:join", args=[waiting.token])).status_code == 404


def test_an_invitation_that_was_used_leads_members_home_and_others_to_sign_in(anna):
    address = reverse("panel:join", args=[anna.memberships.get().token])

    assert signed_in(anna).get(address).url == HOME
    for answer in (Client().get(address), Client().post(address, {"answer": "accept"})):
        assert answer.status_code == 409 and reverse("panel:sign_in") in answer.text
    assert "rater" not in Client().post(address, {"answer": "accept"}).cookies


def test_an_old_invitation_and_a_wrong_one_say_what_to_do(db):
    old = invited(panel(), days_ago=31)

    assert "ask whoever invited you" in Client().get(reverse("panel:join", args=[old.token])).text
    wrong = Client().post(reverse("panel:join", args=["nothing"]), {"answer": "accept"})
    assert wrong.status_code == 404 and "open the whole link" in wrong.text


# Signing in


def test_a_link_is_sent_and_opened_by_a_button_not_by_looking(anna, django_capture_on_commit_callbacks):
    client = Client()
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("panel:sign_in"), {"email": "Anna@Example.org"})
    address = re.search(r"http://testserver(/panel/sign-in/\S+)", mail.outbox[0].body).group(1)

    for _ in range(2):  # as programs that check e-mail do
        assert client.get(address).status_code == 200
    assert client.get(HOME).url == reverse("panel:sign_in")
    assert client.post(address).url == HOME
    assert client.get(HOME).status_code == 200
    again = Client().post(address)
    assert again.status_code == 410 and "does not work any more" in again.text


def test_an_unknown_address_is_answered_like_a_known_one(anna, django_capture_on_commit_callbacks):
    answers = []
    for email in ("anna@example.org", "nobody@example.org"):
        with django_capture_on_commit_callbacks(execute=True):
            answer = Client().post(reverse("panel:sign_in"), {"email": email}, follow=True)
        answers.append((answer.redirect_chain, answer.content, sorted(answer.cookies)))

    assert answers[0] == answers[1]
    assert len(mail.outbox) == 1


@pytest.mark.parametrize("email", ["", "nobody", "x@" + "y" * 300 + ".org"])
def test_what_is_no_address_is_asked_for_again(db, email):
    answer = Client().post(reverse("panel:sign_in"), {"email": email})

    assert answer.status_code == 200 and 'aria-invalid="true"' in answer.text


def test_a_password_signs_in_and_a_wrong_one_says_nothing_of_the_address(anna):
    set_password(account=anna, password=PASSWORD)
    address, client = reverse("panel:password"), Client()

    wrong = [
        client.post(address, {"by-email": email, "by-password": "wrong"})
        for email in ("anna@example.org", "no@example.org")
    ]
    assert {answer.status_code for answer in wrong} == {403}
    assert all("do not match" in answer.text for answer in wrong)
    assert client.get(HOME).status_code == 302
    assert client.post(address, {"by-email": "anna@example.org", "by-password": PASSWORD}).url == HOME
    assert client.get(HOME).status_code == 200


def test_a_session_that_was_there_before_is_not_the_one_that_is_signed_in(anna):
    client = Client()
    client.session["planted"] = "yes"
    session = client.session
    session.save()
    client.cookies["sessionid"] = session.session_key

    client.post(link(anna))

    assert client.cookies["sessionid"].value != session.session_key


def test_the_cookie_of_a_listener_opens_no_account(study, anna):
    crowd = arrived(study, PROLIFIC_PID="5f1c")
    own = signed_in(anna)
    listener = Client()
    listener.cookies["rater"] = own.cookies["rater"].value  # all that the pages of a test know of Anna

    for client in (Client(), crowd, listener):
        for name in ("home", "profile", "delete"):
            assert client.get(reverse(f"panel:{name}")).url == reverse("panel:sign_in")
        for name in ("language", "new_password", "delete"):
            assert client.post(reverse(f"panel:{name}"), {"answers": "delete"}).url == reverse("panel:sign_in")
        assert client.post(reverse("panel:begin", args=[study.slug])).url == reverse("panel:sign_in")
    assert RaterAccount.objects.exists()


def test_signing_out_forgets_account_and_rater_but_not_a_researcher(anna):
    client = Client()
    client.force_login(factories.user("researcher", is_staff=True))
    client.post(link(anna))

    assert client.post(reverse("panel:sign_out")).url == reverse("panel:sign_in")

    assert client.cookies["rater"].value == ""
    assert client.get(HOME).url == reverse("panel:sign_in")
    assert client.get(reverse("admin:index")).status_code == 200


def test_a_member_is_no_researcher(anna):
    assert signed_in(anna).get(reverse("admin:index")).status_code == 302


def test_forms_ask_for_their_own_token(anna):
    client = Client(enforce_csrf_checks=True)

    for name in ("sign_in", "password", "sign_out", "delete", "new_password"):
        assert client.post(reverse(f"panel:{name}")).status_code == 403
    assert client.post(link(anna)).status_code == 403


def test_pages_are_not_stored_and_run_no_foreign_script(anna):
    client = signed_in(anna)

    for answer in (client.get(HOME), client.get(reverse("panel:profile")), Client().get(reverse("panel:sign_in"))):
        assert "no-store" in answer.headers["Cache-Control"]
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert "style=" not in answer.text and "<script" not in answer.text
        assert not re.search(r"\son\w+=", answer.text)


# One's own page


def test_the_page_lists_what_is_open_with_time_and_reward(study, anna):
    study.listening_test.panels.add(anna.memberships.get().panel)
    ListeningTest.objects.filter(study=study).update(reward="2.50", currency="EUR")

    page = signed_in(anna).get(HOME)

    assert f"Listening test {study.pk}" in page.text and "2.50 EUR" in page.text and "about 1 minute" in page.text
    assert "Begin" in page.text


def test_begin_is_as_this_rater_whoever_listened_in_this_browser_last(study, anna):
    client = signed_in(anna)
    client.cookies["rater"] = arrived(study, PROLIFIC_PID="5f1c").cookies["rater"].value

    assert client.post(reverse("panel:begin", args=[study.slug])).url == reverse("listening:arrive", args=[study.slug])

    words = client.get(reverse("listening:arrive", args=[study.slug])).context["checksum"]
    client.post(reverse("listening:arrive", args=[study.slug]), {"answer": "agree", "checksum": words})
    assert anna.rater.sessions.get().study == study


def test_what_was_begun_is_continued(study, anna):
    mine(anna, study)

    page = signed_in(anna).get(HOME)

    assert "Continue" in page.text and "What you did" not in page.text


def test_what_is_owed_is_summed_by_currency_and_by_how_far_it_is(anna):
    states = [
        ({"reward": "2.50", "currency": "EUR"}, {"payable": True}),
        ({"reward": "1.25", "currency": "EUR"}, {"payable": True}),
        ({"reward": "3.00", "currency": "EUR"}, {"payable": True, "paid_at": timezone.now()}),
        ({"reward": "4.00", "currency": "USD"}, {"payable": None}),
        ({"reward": "9.00", "currency": "USD"}, {"payable": False}),
        ({"reward": None}, {"payable": True}),
        ({"reward": "7.00", "currency": "USD"}, {"payable": None, "state": "left"}),
    ]
    for test, session in states:
        done = leave(session=mine(anna, another_study(), **test), now=timezone.now(), state="complete")
        Session.objects.filter(pk=done.pk).update(**session)

    page = signed_in(anna).get(HOME)

    sums = [(one.currency, str(one.due), str(one.checked), str(one.paid)) for one in page.context["balances"]]
    assert sums == [("EUR", "3.75", "0", "3.00"), ("USD", "0", "4.00", "0")]
    assert [one.money for one in reversed(page.context["done"])] == ["due", "due", "paid", "checked", "refused", "", ""]
    assert "not paid" in page.text and "Left early" in page.text


def test_what_was_promised_stays_owed_when_the_reward_changes(study, anna):
    leave(session=mine(anna, study, reward="2.50", currency="EUR"), now=timezone.now(), state="complete")
    ListeningTest.objects.filter(study=study).update(reward="1.00", title="Sounds of the city")

    page = signed_in(anna).get(HOME)

    assert [str(one.checked) for one in page.context["balances"]] == ["2.50"]
    assert "Sounds of the city" in page.text


def test_a_study_that_was_cancelled_can_no_longer_be_continued(study, anna):
    mine(anna, study)
    type(study).objects.update(status="cancelled")

    page = signed_in(anna).get(HOME)

    assert "Closed before you finished" in page.text and "Continue" not in page.text


def test_a_headphone_check_is_remembered_for_a_day(study, anna):
    session, now = mine(anna, study), timezone.now()
    passed = {"passed": True, "right": 6, "answers": [0] * 6}
    check = HeadphoneCheck.objects.create(
        rater=anna.rater,
        session=session,
        seed=1,
        token="x",
        created_at=now,
        answered_at=now - timedelta(hours=21),
        **passed,
    )
    client = signed_in(anna)

    assert "We do not ask again for 2" in client.get(HOME).text.replace("\xa0", " ")
    HeadphoneCheck.objects.filter(pk=check.pk).update(answered_at=now - timedelta(hours=25))
    assert "short check of your headphones" in client.get(HOME).text
    HeadphoneCheck.objects.filter(pk=check.pk).update(answered_at=now, passed=False)
    assert "short check of your headphones" in client.get(HOME).text


def test_the_page_asks_the_database_no_more_for_more_studies(anna):
    chosen, client = anna.memberships.get().panel, signed_in(anna)

    def more() -> None:
        """One study to begin, one to continue, one that is over."""
        another_study().listening_test.panels.add(chosen)
        mine(anna, another_study())
        leave(session=mine(anna, another_study(), reward="1.00"), now=timezone.now())

    more()
    with CaptureQueriesContext(connection) as few:
        client.get(HOME)
    more(), more()
    with CaptureQueriesContext(connection) as many:
        page = client.get(HOME)

    assert len(page.context["offers"]) == 6 and len(page.context["done"]) == 3
    assert len(many) == len(few)


def test_nothing_of_what_a_study_compares_is_on_the_page(study, anna):
    study.listening_test.panels.add(anna.memberships.get().panel)
    page = signed_in(anna).get(HOME).text.lower()

    assert study.name.lower() not in page
    for arm in study.arms.all():
        assert arm.key not in page and arm.name.lower() not in page


# The profile


def test_the_language_is_chosen_and_governs_the_pages(anna, rf):
    client = signed_in(anna)
    assert '<option value="de">Deutsch</option>' in client.get(reverse("panel:profile")).text

    client.post(reverse("panel:language"), {"language": "de"})

    anna.refresh_from_db()
    assert anna.language == "de"
    page = client.get(HOME, headers={"accept-language": "fr"})
    assert '<html lang="de"' in page.text and page.headers["Content-Language"] == "de"
    request = rf.get("/")
    request.session = {}
    assert language_of(request, anna.rater) == "de"  # in the pages of a test, when the account is signed out


@pytest.mark.parametrize("language", ["xx-nothing", "../../etc", "en\n"])
def test_a_language_that_is_not_offered_is_refused(anna, language):
    answer = signed_in(anna).post(reverse("panel:language"), {"language": language})

    anna.refresh_from_db()
    assert anna.language == "" and answer.status_code == 200


def test_a_language_without_pages_leaves_those_of_the_browser(db):
    page = signed_in(member(panel(), language="tlh")).get(HOME, headers={"accept-language": "de"})

    assert '<html lang="de"' in page.text


def test_a_password_is_set_here_and_signs_other_browsers_out(anna):
    here, elsewhere = signed_in(anna), signed_in(anna)

    answer = here.post(reverse("panel:new_password"), {"password": PASSWORD}, follow=True)

    assert "Your password is stored" in answer.text
    assert here.get(HOME).status_code == 200
    assert elsewhere.get(HOME).url == reverse("panel:sign_in")
    assert "Remove password" in answer.text
    here.post(reverse("panel:new_password"), {"remove": "yes"})
    anna.refresh_from_db()
    assert not anna.has_usable_password() and here.get(HOME).status_code == 200


def test_a_password_that_is_easily_guessed_is_refused_beside_the_field(anna):
    answer = signed_in(anna).post(reverse("panel:new_password"), {"password": "password"})

    assert "too common" in answer.text and 'aria-invalid="true"' in answer.text


# Deletion


def test_before_deletion_it_is_said_exactly_what_goes(study, anna):
    leave(session=mine(anna, study, reward="2.50"), now=timezone.now(), state="complete")

    page = signed_in(anna).get(reverse("panel:delete"))

    for words in (
        "anna@example.org",
        "Night listeners",
        "headphone checks",
        "You gave 1 answer",
        "2.50 USD being checked",
    ):
        assert words in page.text
    assert RaterAccount.objects.exists()


@pytest.mark.parametrize("answers", ["", "both", None])
def test_what_becomes_of_the_answers_has_to_be_said(study, anna, answers):
    mine(anna, study)

    answer = signed_in(anna).post(reverse("panel:delete"), {} if answers is None else {"answers": answers})

    assert answer.status_code == 200 and RaterAccount.objects.exists()


def test_who_never_took_part_is_not_asked_about_answers(anna):
    client = signed_in(anna)

    assert "answers that you gave" not in client.get(reverse("panel:delete")).text
    assert client.post(reverse("panel:delete")).url == reverse("panel:deleted")
    assert not Rater.objects.exists()


@pytest.mark.parametrize(("answers", "votes"), [("delete", 0), ("keep", 1)])
def test_deletion_takes_account_person_and_cookies(study, anna, answers, votes, django_capture_on_commit_callbacks):
    mine(anna, study)
    client, rater = signed_in(anna), anna.rater

    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(reverse("panel:delete"), {"answers": answers}, follow=True)

    assert "Your account was deleted" in answer.text
    assert not RaterAccount.objects.exists() and not PanelMember.objects.exists()
    assert not Rater.objects.filter(pk=rater.pk).exists()
    assert Vote.objects.count() == votes
    assert client.cookies["rater"].value == ""
    assert client.get(HOME).url == reverse("panel:sign_in")
    assert [letter.to for letter in mail.outbox] == [["anna@example.org"]]


def test_other_browsers_know_nobody_after_deletion(study, anna):
    mine(anna, study)
    client, elsewhere = signed_in(anna), signed_in(anna)

    client.post(reverse("panel:delete"), {"answers": "keep"})

    assert elsewhere.get(HOME).url == reverse("panel:sign_in")
    assert "I agree" in elsewhere.get(reverse("listening:arrive", args=[study.slug])).text
