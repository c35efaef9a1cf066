"""Every admin page by every role: members see what is their team's, strangers see nothing, viewers change nothing."""

import pytest
from django.contrib import admin
from django.db.models import Model
from django.urls import reverse

from accounts.models import Membership, User
from studies.models import Rewrite, Score
from tests import factories
from tests.once import once

pytestmark = pytest.mark.django_db
ROLES = ["superuser", "owner", "editor", "viewer", "stranger"]


@pytest.fixture
def world():
    return once(everything)


def everything() -> tuple[dict[str, User], dict[str, Model]]:
    """A team with one row of everything that belongs to teams, and somebody of each role."""
    people = {name: factories.user(name, is_staff=True) for name in ROLES}
    people["superuser"].is_superuser = True
    people["superuser"].save()
    team = factories.team()
    for role in ("owner", "editor", "viewer"):
        Membership.objects.create(team=team, user=people[role], role=role)
    factories.team(people["stranger"])
    draft = factories.study(team)
    factories.complete(factories.study(team, prompt_set=factories.prompt_set(team, test=1, train=0, expert=0)))
    rewrite = Rewrite.objects.first()
    rows = {
        "accounts.team": team,
        "prompts.promptset": draft.prompt_set,
        "prompts.prompt": draft.prompt_set.prompts.first(),
        "studies.study": draft,
        "studies.rewrite": rewrite,
        "studies.clip": rewrite.candidates.first().clips.first(),
        "studies.score": Score.objects.first(),
    }
    return people, rows


SEES = {"superuser", "owner", "editor", "viewer"}
CHANGES = {
    "accounts.team": {"superuser", "owner"},
    "prompts.promptset": {"superuser", "owner", "editor"},
    "prompts.prompt": {"superuser", "owner", "editor"},
    "studies.study": {"superuser", "owner", "editor"},
    "studies.rewrite": set(),
    "studies.clip": set(),
    "studies.score": set(),
}


def address(label: str, view: str, *args) -> str:
    return reverse(f"admin:{label.replace('.', '_')}_{view}", args=args)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("label", CHANGES)
def test_a_row_is_listed_and_opened_by_its_team_only(client, world, label, role):
    people, rows = world
    client.force_login(people[role])

    opened = client.get(address(label, "change", rows[label].pk))
    listed = client.get(address(label, "changelist"))

    if role in SEES:
        assert opened.status_code == 200
        assert rows[label].pk in {row.pk for row in listed.context["cl"].result_list}
        assert (b'name="_save"' in opened.content) == (role in CHANGES[label])
    else:
        assert opened.status_code == 404
        assert rows[label].pk not in {row.pk for row in listed.context["cl"].result_list}


@pytest.mark.parametrize("model", admin.site._registry, ids=lambda model: model._meta.label_lower)
def test_nobody_in_no_team_sees_no_row_of_anything(client, world, model):
    """Whatever is registered later falls under this too. Their own API tokens are all that is theirs."""
    client.force_login(factories.user("newcomer", is_staff=True))

    response = client.get(address(model._meta.label_lower, "changelist"))

    assert response.status_code == 403 or not response.context["cl"].result_list


def test_a_choice_of_prompt_sets_offers_ones_own_only(client, world):
    people, _ = world
    query = {"app_label": "studies", "model_name": "study", "field_name": "prompt_set"}

    client.force_login(people["stranger"])
    assert client.get(reverse("admin:autocomplete"), query).json()["results"] == []
    client.force_login(people["editor"])
    assert len(client.get(reverse("admin:autocomplete"), query).json()["results"]) == 2


def test_a_study_cannot_be_moved_to_a_team_that_is_not_ones_own(client, world):
    people, _ = world
    client.force_login(people["stranger"])

    form = client.get(address("studies.study", "add")).context["adminform"].form

    assert [team.name for team in form.fields["team"].queryset] == [people["stranger"].teams.get().name]
    assert not form.fields["prompt_set"].queryset.exists()
