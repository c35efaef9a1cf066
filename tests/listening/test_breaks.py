"""Breaks: offered after so many answers, once each, and nothing is lost by them."""

from datetime import timedelta

import pytest
from django.utils import timezone

from listening.models import Presentation, Session
from tests import factories
from tests.listening.raters import arrived, form, heard_pair, open_pair, page


@pytest.fixture
def pausing(study):
    return factories.bare(study, break_every=1)


def vote(client, study):
    return client.post(page("vote", study), form(heard_pair(client, study)), follow=True)


def test_a_break_is_offered_after_every_so_many_answers_but_not_after_the_last(pausing):
    client = arrived(pausing)
    offered = []
    for _ in range(3):
        offered.append("Take a breath" in vote(client, pausing).text)
        client.post(page("break", pausing))

    assert offered == [True, True, False]
    assert Session.objects.get().breaks == 2


def test_it_says_how_much_is_done(pausing):
    assert "You have done 1 of 3." in vote(arrived(pausing), pausing).text


def test_a_break_lasts_until_it_is_ended(pausing):
    client = arrived(pausing)
    vote(client, pausing)

    for _ in range(2):
        assert "Take a breath" in client.get(page("trial", pausing), follow=True).text
    assert client.post(page("break", pausing)).url == page("trial", pausing)
    assert open_pair(client, pausing)


def test_ending_a_break_twice_skips_none(pausing):
    client = arrived(pausing)
    vote(client, pausing)
    client.post(page("break", pausing)), client.post(page("break", pausing))

    assert "Take a breath" in vote(client, pausing).text


def test_what_was_fetched_ahead_stays_with_the_rater_through_the_break(pausing):
    client = arrived(pausing)
    heard_pair(client, pausing)
    client.post(page("ahead", pausing))
    vote(client, pausing)
    ahead = Presentation.objects.get(state="claimed")
    soon = timezone.now() + timedelta(seconds=5)
    Presentation.objects.filter(pk=ahead.pk).update(leased_until=soon)

    client.get(page("break", pausing))

    ahead.refresh_from_db()
    assert ahead.leased_until > soon + timedelta(minutes=10)
    client.post(page("break", pausing))
    assert open_pair(client, pausing) == ahead


def test_without_breaks_none_is_offered(study):
    client = arrived(study)

    assert "Take a breath" not in vote(client, study).text
