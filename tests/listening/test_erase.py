"""Forgetting raters: on request, by themselves, and when a study's time is over."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connections
from django.urls import reverse
from django.utils import timezone

from accounts.models import ConsentText, PanelMember, Rater, RaterAccount
from listening.actions.end_session import leave
from listening.actions.erase import erase
from listening.actions.forget_raters import forget_raters
from listening.actions.open_trials import open_trials
from listening.actions.take_trial import take_trial
from listening.admin import raters  # noqa: F401 (registered before any address is looked up)
from listening.models import HeadphoneCheck, ListeningTest, Presentation, Session, Trial, Vote
from tests import factories
from tests.accounts.panels import member, panel
from tests.listening.raters import NOW, consented, take_and_vote


def voted(study, votes: int = 2, name: str = "", **fields) -> Session:
    """A session with some votes, and with everything that may point to the person."""
    session = consented(study, name)
    for _ in range(votes):
        take_and_vote(session)
    tells = {"arrival": {"SESSION_ID": "v1"}, "comment": "I am Anna.", "qualification": {"age": "34"}}
    Session.objects.filter(pk=session.pk).update(**tells | fields)
    HeadphoneCheck.objects.create(
        rater=session.rater, session=session, method="antiphase", seed=1, token=f"check{session.pk}", created_at=NOW
    )
    session.refresh_from_db()
    return session


def counters() -> list[tuple[int, int]]:
    return list(Trial.objects.order_by("pk").values_list("votes_people", "votes_simulated"))


def counted() -> list[tuple[int, int]]:
    """What the counters must be."""
    used = Presentation.objects.filter(state="voted", session__used=True)
    return [
        tuple(used.filter(trial=trial, population=who).count() for who in ("people", "simulated"))
        for trial in Trial.objects.order_by("pk")
    ]


def test_erasing_with_the_votes_leaves_nothing_and_gives_the_trials_back(study):
    gone, stays = voted(study), voted(study)
    simulated = consented(study, simulated=True)
    take_and_vote(simulated)
    before = sum(people for people, _ in counters())

    assert erase(rater=gone.rater, keep_votes=False) is None

    assert list(Rater.objects.order_by("pk")) == [stays.rater, simulated.rater]
    assert not Session.objects.filter(pk=gone.pk).exists()
    assert Vote.objects.count() == 3 and HeadphoneCheck.objects.count() == 1
    assert counters() == counted()
    assert sum(people for people, _ in counters()) == before - 2
    assert ConsentText.objects.exists()


def test_votes_of_a_session_that_is_not_used_are_not_taken_off_again(study):
    unused = voted(study, used=False)
    voted(study)
    Trial.objects.update(votes_people=0)
    for shown in Presentation.objects.filter(state="voted", session__used=True):
        Trial.objects.filter(pk=shown.trial_id).update(votes_people=shown.trial.votes_people + 1)

    erase(rater=unused.rater, keep_votes=False)

    assert counters() == counted()


def test_kept_votes_belong_to_somebody_without_a_name(study):
    session = voted(study, votes=3)  # all there are: it is complete, and has a code
    code, token = session.completion_code, session.token
    before = counters()

    nameless = erase(rater=session.rater, keep_votes=True)

    session.refresh_from_db()
    assert session.rater == nameless and nameless.provider == "erased"
    assert not Rater.objects.filter(provider="prolific").exists()
    assert (session.arrival, session.comment, session.qualification) == ({}, "", None)
    assert session.completion_code != code and session.token != token
    assert session.consent.text == "I agree."
    assert session.state == "complete"
    assert not HeadphoneCheck.objects.exists()
    assert Vote.objects.count() == 3 and counters() == before == counted()


def test_an_open_session_ends_and_gives_its_trial_back(study):
    session = voted(study, votes=1)
    take_trial(session=session, now=NOW)

    erase(rater=session.rater, keep_votes=True)

    session.refresh_from_db()
    assert session.state == "left"
    assert not Presentation.objects.filter(state="claimed").exists()


@pytest.mark.django_db(transaction=True)
def test_while_some_are_erased_others_vote_and_the_counts_stay_right(db):
    study = other_study()
    gone = [voted(study).rater for _ in range(4)]

    def rate(_) -> None:
        try:
            session = consented(study, now=timezone.now())
            while take_and_vote(session, now=timezone.now()):
                pass
        finally:
            connections.close_all()

    def forget_one(rater: Rater) -> None:
        try:
            erase(rater=rater, keep_votes=False)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        done = [pool.submit(rate, None) for _ in range(4)] + [pool.submit(forget_one, rater) for rater in gone]
    for one in done:
        one.result()

    assert Rater.objects.count() == 4
    assert counters() == counted()


@pytest.mark.parametrize("keep", [True, False])
def test_account_and_address_go_with_the_rater(study, keep):
    account = member(panel())
    Session.objects.filter(pk=voted(study).pk).update(rater=account.rater)

    erase(rater=account.rater, keep_votes=keep)

    assert not RaterAccount.objects.exists() and not PanelMember.objects.exists()
    assert not Rater.objects.filter(provider="panel").exists()
    assert Vote.objects.exists() == keep


def test_somebody_who_never_took_part_leaves_no_nameless_rater(db):
    assert erase(rater=member(panel()).rater, keep_votes=True) is None
    assert not Rater.objects.exists()


def test_the_command_erases_by_provider_and_id(study, capsys):
    voted(study, name="5f1c"), voted(study, name="5f1d")

    call_command("erase_rater", "prolific", "5f1c", "--keep-votes")
    call_command("erase_rater", "prolific", "5f1d")

    assert list(Rater.objects.values_list("provider", flat=True)) == ["erased"]
    assert "kept without a name" in capsys.readouterr().out
    with pytest.raises(CommandError, match="no such rater"):
        call_command("erase_rater", "prolific", "5f1c")


# Retention


def ended(study, days_ago: float, name: str = "", **fields) -> Session:
    session = voted(study, name=name, **fields)
    leave(session=session, now=timezone.now() - timedelta(days=days_ago))
    session.refresh_from_db()
    return session


def forget() -> tuple[int, int]:
    return forget_raters(now=timezone.now())


def test_after_a_studys_days_nothing_points_to_the_person(study):
    old, young = ended(study, 366), ended(study, 364)
    before = counters()

    assert forget() == (1, 1)

    old.refresh_from_db(), young.refresh_from_db()
    assert (old.rater.provider, old.arrival, old.comment, old.qualification) == ("erased", {}, "", None)
    assert (young.rater.provider, young.comment) == ("prolific", "I am Anna.")
    assert not HeadphoneCheck.objects.filter(session=old).exists()
    assert Vote.objects.count() == 4 and counters() == before == counted()


def test_run_again_it_changes_nothing(study):
    ended(study, 400)
    forget()
    after = list(Session.objects.values())

    assert forget() == (0, 0)
    assert list(Session.objects.values()) == after


def other_study(**fields):
    made = factories.complete(factories.study())
    open_trials(study=made)
    ListeningTest.objects.filter(study=made).update(**fields)
    return made


def test_somebody_with_a_younger_session_stays_known_until_that_is_old_too(study):
    old, young = ended(study, 400, "5f1c"), ended(other_study(), 100, "5f1c")

    assert forget() == (1, 0)
    old.refresh_from_db()
    assert (old.rater.external_id, old.comment) == ("5f1c", "")
    assert forget() == (0, 0)

    Session.objects.filter(pk=young.pk).update(finished_at=timezone.now() - timedelta(days=400))
    assert forget() == (1, 1)
    assert list(Rater.objects.values_list("provider", flat=True)) == ["erased"]


@pytest.mark.parametrize(("days", "gone"), [(None, 0), (0, 1), (30, 1), (50, 0), (2_000_000_000, 0)])
def test_every_study_has_days_of_its_own(study, days, gone):
    ListeningTest.objects.update(retention_days=days)
    ended(study, 40)

    assert forget() == (gone, gone)


def test_a_session_that_was_abandoned_is_as_old_as_its_last_sign_of_life(study):
    session = voted(study)
    Session.objects.filter(pk=session.pk).update(last_seen_at=timezone.now() - timedelta(days=400))

    assert forget() == (1, 1)
    session.refresh_from_db()
    assert session.state == "left" and session.finished_at < timezone.now() - timedelta(days=399)


def test_an_account_stays_and_its_old_sessions_no_longer_point_to_it(study):
    account = member(panel())
    session = ended(study, 400)
    Session.objects.filter(pk=session.pk).update(rater=account.rater)
    session.rater.delete()

    assert forget() == (1, 1)

    account.refresh_from_db()
    assert not account.rater.sessions.exists()
    assert Session.objects.get().rater.provider == "erased"


def test_simulated_raters_are_nobody_to_forget(study):
    consented(study, simulated=True)
    Session.objects.update(last_seen_at=timezone.now() - timedelta(days=400))

    assert forget() == (0, 0)


def test_the_command_says_what_it_did(study, capsys):
    ended(study, 400)

    call_command("forget_raters")

    assert capsys.readouterr().out == "1 sessions cleared; 1 people are no longer known.\n"


# The admin


@pytest.mark.parametrize(("votes", "left"), [("keep", 2), ("delete", 0)])
def test_an_administrator_erases_after_saying_what_becomes_of_the_votes(admin_client, study, votes, left):
    session = voted(study)
    address = reverse("admin:accounts_rater_changelist")
    data = {"action": "erase_chosen", "_selected_action": session.rater.pk}

    asked = admin_client.post(address, data)
    assert "This cannot be undone" in asked.text and Rater.objects.filter(provider="prolific").exists()
    done = admin_client.post(address, data | {"votes": votes}, follow=True)

    assert "1 raters erased" in done.text
    assert not Rater.objects.filter(provider="prolific").exists() and Vote.objects.count() == left


def test_the_providers_id_finds_the_rater_and_is_shown_on_no_page_of_theirs(admin_client, study):
    session, other = voted(study, name="5f3c0ffee"), voted(study, name="5f3c0ffee2")
    address = reverse("admin:accounts_rater_changelist")
    chosen = {"action": "erase_chosen", "_selected_action": session.rater.pk}

    found = admin_client.get(address, {"q": "5f3c0ffee"})
    pages = [
        admin_client.get(address),
        admin_client.get(reverse("admin:accounts_rater_change", args=[session.rater.pk])),
        admin_client.post(address, chosen),
    ]

    assert list(found.context["cl"].result_list) == [session.rater]
    assert admin_client.get(address, {"q": "5f3c"}).context["cl"].result_count == 0
    for page in pages:
        assert f"prolific rater {session.rater.pk}" in page.text or page is pages[0]
        assert session.rater.external_id not in page.text and other.rater.external_id not in page.text


def test_a_researcher_erases_nobody(client, study):
    session = voted(study)
    researcher = factories.user(is_staff=True)
    study.team.memberships.create(user=researcher, role="owner")
    client.force_login(researcher)

    data = {"action": "erase_chosen", "_selected_action": session.rater.pk, "votes": "delete"}
    assert client.post(reverse("admin:accounts_rater_changelist"), data).status_code in (302, 403)
    assert Rater.objects.filter(pk=session.rater.pk).exists()
