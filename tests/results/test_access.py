"""Every address of the room, for every kind of reader: for a stranger nothing is there."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import get_resolver, reverse

from accounts.models import ApiToken
from results import urls
from results.api import urls as api_urls
from studies.models import Clip
from tests import factories

PAGES = {
    "results:study": (),
    "results:progress": (),
    "results:clip": ("clip",),
    "results:figure": ("alignment",),
}
API = {"api:results": (), "api:export": (), "api:clip": ("clip",)}
OPEN = {"results:login", "results:logout", "results:studies", "api:schema", "api:studies"}


@pytest.fixture
def study(owner):
    """As small as a study can be: there are many addresses and readers."""
    team = factories.team(owner)
    return factories.complete(factories.study(team, prompt_set=factories.prompt_set(team, test=2)))


EVERYTHING = {**PAGES, **API}


def address(name: str, study) -> str:
    clip = Clip.objects.filter(renderings__candidate__arm__study=study).first()
    return reverse(name, args=[study.slug, *(clip.pk if a == "clip" else a for a in EVERYTHING[name])])


def signed_in(person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def bearer(person) -> dict[str, str]:
    return {"authorization": f"Bearer {ApiToken.issue(person, 'script')[1]}"}


def test_no_address_is_forgotten_here():
    named = {f"{module.app_name}:{pattern.name}" for module in (urls, api_urls) for pattern in module.urlpatterns}

    assert named == {*PAGES, *API, *OPEN}
    assert get_resolver().resolve("/studies/any/").view_name == "results:study"


def test_members_of_the_team_and_superusers_read_everything(study, owner, viewer):
    for person in (owner, viewer, factories.user("root", is_superuser=True)):
        client = signed_in(person)
        for name in EVERYTHING:
            assert client.get(address(name, study)).status_code == 200, f"{person} at {name}"


def test_for_a_stranger_it_is_as_if_the_study_did_not_exist(study, stranger):
    client = signed_in(stranger)
    for name in EVERYTHING:
        there = address(name, study)
        theirs, nowhere = client.get(there), client.get(there.replace(study.slug, "no-such-study"))

        assert (theirs.status_code, nowhere.status_code) == (404, 404), name
        assert study.name not in theirs.content.decode()


def test_an_anonymous_reader_of_a_page_is_asked_to_sign_in(study):
    for name in PAGES:
        response = Client().get(address(name, study))

        assert response.status_code == 302, name
        assert response.url.startswith(reverse("results:login"))
        assert "next=" in response.url


def test_an_anonymous_script_is_told_to_bring_a_token(study):
    for name in API:
        response = Client().get(address(name, study))

        assert response.status_code == 401, name
        assert response["WWW-Authenticate"] == "Bearer"
        assert response["Content-Type"].startswith("application/problem+json")


def test_a_token_opens_what_its_user_may_read_and_no_more(study, viewer, stranger):
    allowed, refused = bearer(viewer), bearer(stranger)
    for name in API:
        there = address(name, study)
        assert Client().get(there, headers=allowed).status_code == 200, name
        assert Client().get(there, headers=refused).status_code == 404, name


def test_a_member_who_leaves_the_team_sees_nothing_more(study, viewer):
    client, key = signed_in(viewer), bearer(viewer)
    study.team.memberships.filter(user=viewer).delete()

    assert client.get(address("results:study", study)).status_code == 404
    assert Client().get(address("api:results", study), headers=key).status_code == 404


def test_a_clip_of_another_study_is_not_heard_through_ones_own(study, owner):
    foreign = factories.finished_clip(study.generator, "somebody else's", 1)

    for name in ("results:clip", "api:clip"):
        response = signed_in(owner).get(reverse(name, args=[study.slug, foreign.pk]))
        assert response.status_code == 404


def test_lists_hold_the_studies_of_ones_own_teams_alone(study, owner, stranger):
    factories.study()  # of a team that neither is in

    for person, seen in ((owner, [study.slug]), (stranger, [])):
        listed = signed_in(person).get(reverse("api:studies")).json()["results"]
        assert [row["slug"] for row in listed] == seen
        page = signed_in(person).get(reverse("results:studies")).content.decode()
        assert (study.name in page) == bool(seen)


def test_nothing_is_written_through_this_room(study, owner):
    client = signed_in(owner)
    for name in EVERYTHING:
        for method in ("post", "put", "patch", "delete"):
            assert getattr(client, method)(address(name, study)).status_code == 405, f"{method} {name}"
