"""The door: who comes, who agrees, who comes back."""

import hashlib

import pytest
from django.test import Client

from accounts.models import ConsentText, Rater
from listening.models import Session
from studies.models import Study
from tests import factories
from tests.listening.raters import arrived, form, heard_pair, open_pair, page

PROLIFIC = {"PROLIFIC_PID": "5f1c", "STUDY_ID": "s1", "SESSION_ID": "v1"}
MTURK = {"workerId": "A1B2", "assignmentId": "as1", "hitId": "h1"}


def test_the_words_that_were_shown_are_stored_exactly(study):
    shown = Client().get(page("arrive", study)).context["words"]

    arrived(study)

    stored = Session.objects.get().consent
    assert stored.text == shown
    assert stored.checksum == hashlib.sha256(shown.encode()).hexdigest()


def test_words_that_changed_since_they_were_shown_are_asked_again(study):
    response = Client().post(page("arrive", study), {"answer": "agree", "checksum": "0" * 64})

    assert "I agree" in response.text
    assert not Rater.objects.exists()


@pytest.mark.parametrize("answer", [{}, {"answer": ""}, {"answer": "maybe"}, {"answer": "agree"}])
def test_no_clear_answer_is_no_consent(study, answer):
    response = Client().post(page("arrive", study), answer)

    assert "I agree" in response.text
    assert not Session.objects.exists()


@pytest.mark.parametrize("parameters", [{}, PROLIFIC, MTURK])
def test_declining_stores_nothing_about_the_person(study, parameters):
    client = Client()

    response = client.post(page("arrive", study), {"answer": "decline"}, query_params=parameters, follow=True)

    assert "nothing about you was stored" in response.text
    assert "5f1c" not in response.redirect_chain[0][0]
    assert not Rater.objects.exists() and not ConsentText.objects.exists()
    assert "rater" not in client.cookies and "sessionid" not in client.cookies


def test_looking_at_the_door_stores_nothing(study):
    client = Client()

    client.get(page("arrive", study), query_params=PROLIFIC)

    assert not Rater.objects.exists()
    assert "rater" not in client.cookies and "sessionid" not in client.cookies


@pytest.mark.parametrize(
    ("parameters", "provider", "person", "visit"),
    [
        (PROLIFIC, "prolific", "5f1c", {"STUDY_ID": "s1", "SESSION_ID": "v1"}),
        (MTURK, "mturk", "A1B2", {"assignmentId": "as1", "hitId": "h1"}),
        ({"PROLIFIC_PID": "5f1c"}, "prolific", "5f1c", {}),
        ({**PROLIFIC, "STUDY_ID": "<b>", "spy": "x"}, "prolific", "5f1c", {"SESSION_ID": "v1"}),
    ],
)
def test_the_provider_says_who_comes(study, parameters, provider, person, visit):
    arrived(study, **parameters)

    session = Session.objects.get()
    assert (session.rater.provider, session.rater.external_id, session.arrival) == (provider, person, visit)


def test_nobody_in_particular_is_a_volunteer_with_a_random_name(study):
    arrived(study), arrived(study)

    names = Rater.objects.filter(provider="volunteer").values_list("external_id", flat=True)
    assert len(set(names)) == 2


@pytest.mark.parametrize(
    "parameters",
    [
        {"PROLIFIC_PID": ""},
        {"PROLIFIC_PID": "x" * 101},
        {"PROLIFIC_PID": "{{%PROLIFIC_PID%}}"},
        {"PROLIFIC_PID": "a\x00b"},
        {"PROLIFIC_PID": "名前"},
        {"workerId": "a b"},
        {"assignmentId": "as1"},
    ],
)
def test_a_link_that_names_nobody_properly_is_refused(study, parameters):
    client = Client()
    for response in (
        client.get(page("arrive", study), query_params=parameters),
        client.post(page("arrive", study), {"answer": "agree"}, query_params=parameters),
    ):
        assert response.status_code == 400
        assert "not complete" in response.text
    assert not Rater.objects.exists()


def test_a_preview_asks_for_nothing(study):
    parameters = {"assignmentId": "ASSIGNMENT_ID_NOT_AVAILABLE", "hitId": "h1"}

    response = Client().get(page("arrive", study), query_params=parameters)

    assert "Accept the task to begin" in response.text
    assert not Rater.objects.exists()


def test_a_volunteer_who_comes_back_continues_where_they_were(study):
    rater = arrived(study)
    shown = heard_pair(rater, study)
    rater.post(page("vote", study), form(shown))
    open_now = open_pair(rater, study)

    response = rater.get(page("arrive", study), follow=True)

    assert response.context["pair"] == open_now.token
    assert "2 of 3" in response.text


def test_a_crowd_rater_continues_in_another_browser(study):
    open_now = open_pair(arrived(study, **PROLIFIC), study)

    response = Client().get(page("arrive", study), query_params=PROLIFIC, follow=True)

    assert response.context["pair"] == open_now.token


def test_consenting_twice_is_one_session(study):
    arrived(study, **PROLIFIC)
    checksum = Session.objects.get().consent_id

    response = Client().post(page("arrive", study), {"answer": "agree", "checksum": checksum}, query_params=PROLIFIC)

    assert response.url == page("trial", study)
    assert Session.objects.count() == 1


def test_a_volunteer_is_the_same_rater_in_another_study(study):
    rater = arrived(study)
    other = factories.complete(factories.study())
    study.trials.update(study=other)

    checksum = rater.get(page("arrive", other)).context["checksum"]
    rater.post(page("arrive", other), {"answer": "agree", "checksum": checksum})

    assert Rater.objects.count() == 1
    assert Session.objects.count() == 2


def test_a_forged_cookie_is_nobody(study):
    arrived(study)
    client = Client()
    client.cookies["rater"] = f"{Rater.objects.get().pk}:forged"

    assert "I agree" in client.get(page("arrive", study)).text


def test_a_trial_page_without_consent_leads_to_the_door(study):
    assert Client().get(page("trial", study)).url == page("arrive", study)


@pytest.mark.parametrize("status", ["draft", "running", "paused"])
def test_a_study_that_is_not_complete_is_not_open(db, status):
    study = factories.study()
    launched = None if status == "draft" else study.created_at
    Study.objects.filter(pk=study.pk).update(status=status, launched_at=launched)

    response = Client().get(page("arrive", study))

    assert response.status_code == 404
    assert "not open yet" in response.text


def test_a_complete_study_without_trials_is_not_open(db):
    study = factories.complete(factories.study())

    assert "not open yet" in Client().get(page("arrive", study)).text


def test_a_cancelled_study_is_closed(study):
    Study.objects.filter(pk=study.pk).update(status="cancelled")

    assert Client().get(page("arrive", study)).status_code == 410


def test_an_unknown_study_is_not_found(db):
    response = Client().get("/listen/no-such-study/")

    assert response.status_code == 404
    assert "no listening test at this address" in response.text


def test_consent_is_asked_in_the_readers_language_and_the_page_says_which(study):
    assert '<html lang="en"' in Client().get(page("arrive", study)).text
