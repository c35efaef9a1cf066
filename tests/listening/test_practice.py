"""Practice: said before, worst to best, answers that count for nothing, and a page that says when it is over."""

import pytest

from listening import claims
from listening.models import Session, Vote
from listening.pools import fill
from tests import factories
from tests.listening.raters import arrived, form, heard_pair, open_pair, page


@pytest.fixture
def practising(study):
    factories.bare(study, practice_trials=2)
    for question in study.listening_questions.all():
        fill(question)
    return study


def vote(client, study):
    return client.post(page("vote", study), form(heard_pair(client, study)), follow=True)


def test_nothing_is_heard_before_it_was_said_what_comes(practising):
    client = arrived(practising)

    response = client.get(page("trial", practising), follow=True)

    assert "First, some practice" in response.text and "2 screens" in response.text
    assert not Session.objects.get().presentations.exists()


def test_practice_comes_first_and_then_it_is_said_that_it_counts(practising):
    client = arrived(practising)
    client.post(page("practice", practising))
    kinds = []
    for _ in range(2):
        kinds.append(open_pair(client, practising).trial.kind)
        response = vote(client, practising)

    assert kinds == ["practice", "practice"]
    assert "Now it counts" in response.text and "3 screens" in response.text
    session = Session.objects.get()
    assert session.practised_at is None and claims.votes_of(session) == 0

    client.post(page("counts", practising))

    assert open_pair(client, practising).trial.kind == "study"
    assert Session.objects.get().practised_at is not None


def test_pressing_begin_twice_keeps_the_first_time(practising):
    client = arrived(practising)
    client.post(page("practice", practising))
    vote(client, practising), vote(client, practising)
    client.post(page("counts", practising))
    before = Session.objects.get().practised_at

    client.post(page("counts", practising))

    assert Session.objects.get().practised_at == before


def test_a_refresh_in_the_middle_of_practice_goes_on_there(practising):
    client = arrived(practising)
    client.post(page("practice", practising))
    vote(client, practising)
    shown = open_pair(client, practising)

    assert open_pair(client, practising) == shown
    assert shown.trial.kind == "practice"
    assert Vote.objects.count() == 1
