"""Votes and sessions in the admin: to be read by the team, written by nobody."""

import pytest
from django.urls import reverse

from listening.models import Session, Vote
from listening.pseudonyms import pseudonym
from tests import factories
from tests.listening.raters import consented, take_and_vote


@pytest.fixture
def vote(study):
    take_and_vote(consented(study, simulated=True), "tie")
    return take_and_vote(consented(study), "b")


def signed_in(client, study):
    reader = factories.user(is_staff=True)
    study.team.memberships.create(user=reader, role="viewer")
    client.force_login(reader)
    return client


def test_the_team_reads_who_preferred_what(client, study, vote):
    client = signed_in(client, study)
    votes = client.get(reverse("admin:listening_vote_changelist")).content.decode()
    assert vote.presentation.trial.prompt.text in votes
    assert vote.winner.name in votes and "neither" in votes
    sessions = client.get(reverse("admin:listening_session_changelist")).content.decode()
    session = vote.presentation.session
    assert pseudonym(study, session.rater_id) in sessions and session.rater.external_id not in sessions

    page = client.get(reverse("admin:listening_session_change", args=[vote.presentation.session_id]))
    assert vote.presentation.session.token not in page.content.decode()
    assert client.get(reverse("admin:listening_vote_change", args=[vote.pk])).status_code == 200


def test_nobody_changes_or_deletes_them(client, study, vote):
    client.force_login(factories.user(is_staff=True, is_superuser=True))
    for name, pk in (("vote", vote.pk), ("session", vote.presentation.session_id)):
        assert client.post(reverse(f"admin:listening_{name}_change", args=[pk]), {}).status_code == 403
        assert client.post(reverse(f"admin:listening_{name}_delete", args=[pk]), {"post": "yes"}).status_code == 403
    assert (Vote.objects.count(), Session.objects.count()) == (2, 2)


def test_to_other_teams_they_do_not_exist(client, vote):
    elsewhere = factories.user(is_staff=True)
    factories.team(elsewhere)
    client.force_login(elsewhere)

    votes = client.get(reverse("admin:listening_vote_changelist"))
    assert votes.status_code == 200 and vote.winner.name not in votes.content.decode()
    assert client.get(reverse("admin:listening_vote_change", args=[vote.pk])).status_code == 404


def test_the_list_asks_the_database_as_often_for_many_votes_as_for_one(
    client, study, vote, django_assert_max_num_queries
):
    signed_in(client, study)
    session = consented(study)
    while take_and_vote(session):
        pass
    with django_assert_max_num_queries(12):
        client.get(reverse("admin:listening_vote_changelist"))
