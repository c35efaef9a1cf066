"""The preview: for the study's team alone, like the real test, and counted nowhere."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Rater
from listening import query
from listening.actions.open_trials import open_trials
from listening.actions.take_trial import take_trial
from listening.models import Question, Session, Vote
from listening.quality.evidence import evidence
from tests import factories
from tests.listening.raters import NOW, consented, form, heard_pair, page


@pytest.fixture
def team(db):
    return factories.team(factories.user("ada"))


@pytest.fixture
def study(team):
    made = factories.complete(factories.study(team, votes_per_trial=2, trials_per_session=3))
    Question.objects.create(study=made, position=1, kind="quality")
    open_trials(study=made)
    return made


@pytest.fixture
def ada(team) -> Client:
    client = Client()
    client.login(username="ada", password="correct horse battery")
    return client


def begin(client: Client, study, **query) -> Session:
    client.post(page("preview", study), {"answer": "agree"}, query_params=query)
    return Session.objects.get()


def test_a_stranger_finds_nothing_and_nobody_in_particular_signs_in(study):
    factories.user("eve")
    eve = Client()
    eve.login(username="eve", password="correct horse battery")

    assert eve.get(page("preview", study)).status_code == 404
    assert eve.post(page("preview", study), {"answer": "agree"}).status_code == 404
    assert eve.get(reverse("listening:preview", args=["no-such-study"])).status_code == 404
    asked = Client().get(page("preview", study))
    assert asked.status_code == 302
    assert asked.url == f"{reverse('results:login')}?next={page('preview', study)}"
    assert not Session.objects.exists()


def test_it_begins_with_the_words_that_raters_read(study, ada):
    response = ada.get(page("preview", study))

    assert "I agree: begin" in response.text
    assert "Preview: nothing counts." in response.text
    assert not Session.objects.exists()
    assert ada.post(page("preview", study), {"answer": "decline"}).url == page("declined", study)


def test_every_page_of_it_says_that_nothing_counts(study, ada):
    begin(ada, study)

    assert "Preview: nothing counts." in ada.get(page("trial", study)).text
    ada.post(page("leave", study))
    assert "Preview: nothing counts." in ada.get(page("end", study)).text


def test_its_votes_count_nowhere(study, ada):
    session = begin(ada, study)
    before = study.trials.order_by("pk").values_list("pk", "votes_people", "votes_simulated")
    there = list(before)
    for _ in range(3):
        ada.post(page("vote", study), form(heard_pair(ada, study)))

    assert session.population == "preview"
    assert Vote.objects.count() == 3
    assert list(before.all()) == there
    assert query.votes(study) == []
    assert list(query.ratings(study)) == []
    assert query.progress(study).votes == query.progress(study).raters == 0
    assert evidence(study) == []


def test_it_takes_no_trial_from_anybody(study, ada):
    study.trials.filter(kind="study").update(votes_needed=1)
    begin(ada, study)
    for _ in range(3):
        ada.post(page("vote", study), form(heard_pair(ada, study)))

    assert take_trial(session=consented(study), now=NOW) is not None


def test_it_can_be_left_and_taken_up_and_begun_anew(study, ada):
    first = begin(ada, study)
    assert ada.get(page("preview", study)).url == page("trial", study)

    again = ada.post(page("preview", study), {"restart": ""})

    assert again.url == page("preview", study)
    assert not Session.objects.exists()
    assert not Rater.objects.filter(provider="preview").exists()
    assert begin(ada, study).pk != first.pk


def test_the_question_can_be_chosen(study, ada):
    assert begin(ada, study, question="1").question.kind == "quality"
    assert "How good is the sound?" in ada.get(page("trial", study)).text

    # Another one begins anew.
    assert ada.get(page("preview", study), query_params={"question": "0"}).status_code == 200
    assert begin(ada, study, question="0").question.kind == "preference"


@pytest.mark.parametrize("kind", Question.Kind.values)
def test_before_there_are_trials_the_page_is_shown_with_example_sounds(team, ada, kind):
    study = factories.study(team)
    study.listening_questions.update(kind=kind)

    response = ada.get(page("preview", study))

    assert response.status_code == 200
    assert "Example sounds" in response.text
    assert "sad church music" in response.text
    for arm in study.arms.all():
        assert arm.name not in response.text
    for player in response.context["players"]:
        sound = b"".join(ada.get(player.audio).streaming_content)
        assert sound[:4] == b"RIFF"
    assert ada.post(page("preview", study), {"pair": "example", "choice": "a"}).url == page("preview", study)
    assert not Session.objects.exists()


def test_two_members_preview_apart(study, ada, team):
    factories.Membership.objects.create(team=team, user=factories.user("bo"), role="viewer")
    bo = Client()
    bo.login(username="bo", password="correct horse battery")

    begin(ada, study)
    bo.post(page("preview", study), {"answer": "agree"})

    assert Session.objects.count() == 2
