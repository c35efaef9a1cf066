"""New studies from recipes and from other studies, by one click."""

from html import unescape

import pytest
import yaml
from django.urls import reverse
from django.utils.html import escape

from accounts.models import Membership
from studies import actions, blocks, recipes
from studies.admin.cards import choices
from studies.models import Study
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor(client):
    made = factories.user("editor", is_staff=True)
    client.force_login(made)
    return made


@pytest.fixture
def team(editor):
    return factories.team(editor, role=Membership.Role.EDITOR)


def gallery(client, **query) -> str:
    return client.get(reverse("admin:studies_study_recipes"), query).content.decode()


def make(client, key: str, team, prompts, **kwargs):
    address = reverse("admin:studies_study_from_recipe", args=[key])
    return client.post(address, {"team": team.pk, "prompt_set": prompts.pk}, **kwargs)


def test_every_recipe_says_what_it_answers_and_costs(client, team):
    factories.prompt_set(team, test=4)

    shown = gallery(client)

    for key in recipes.names():
        recipe = recipes.load(key)
        assert recipe.name in shown
        assert recipe.answers.strip()[:40] in shown
    assert "Raters&#x27; pay" in shown or "Raters' pay" in shown
    assert "Never run here" in shown


def test_the_cost_follows_the_prompts_that_are_chosen(client, team):
    small, large = factories.prompt_set(team, test=2), factories.prompt_set(team, test=40)

    clips = {each: client.get(reverse("admin:studies_study_recipes"), {"prompt_set": each.pk, "team": team.pk})
             .context["cards"][-1].cost.total.clips for each in (small, large)}  # fmt: skip

    assert clips[large] > clips[small] > 0


@pytest.mark.parametrize("key", recipes.names())
def test_a_recipes_page_says_how_to_read_it_and_who_plays_which_part(client, team, key):
    prompts = factories.prompt_set(team, test=4, train=20)
    recipe = recipes.load(key, "published")

    address = reverse("admin:studies_study_from_recipe", args=[key])
    shown = client.get(address, {"models": "published", "team": team.pk, "prompt_set": prompts.pk}).content.decode()

    for told in (recipe.answers, recipe.reading, recipe.needs, *(engine.name for engine in recipe.engines.values())):
        assert escape(told.strip()) in shown
    assert "Make this study" in shown and "judges the result" in shown
    for arm in recipe.arms:
        assert choices(arm) in unescape(shown)
        assert yaml.safe_load(f"{{{choices(arm)}}}") == arm.parameters


def test_the_study_has_the_models_that_were_chosen(client, team):
    prompts = factories.prompt_set(team, test=4, train=12)
    address = reverse("admin:studies_study_from_recipe", args=["main"])

    client.post(address, {"team": team.pk, "prompt_set": prompts.pk, "models": "published"})

    made = Study.objects.get()
    assert made.recipe == "main@published"
    assert made.generator.checkpoint == blocks.load("published").engines["musicgen"].checkpoint


def test_models_and_recipes_that_are_none_are_refused(client, team):
    prompts = factories.prompt_set(team)
    address = reverse("admin:studies_study_from_recipe", args=["main"])

    client.post(address, {"team": team.pk, "prompt_set": prompts.pk, "models": "../main"})

    assert not Study.objects.exists()
    assert client.get(address.replace("main", "no-such-recipe")).status_code == 404


def test_without_prompts_it_says_what_comes_first(client, team):
    assert "First, some prompts" in gallery(client)


def test_one_click_makes_a_draft_that_can_be_launched(client, team):
    prompts = factories.prompt_set(team, test=4, train=12)

    response = make(client, "main", team, prompts)

    made = Study.objects.get()
    assert response.url == reverse("admin:studies_study_change", args=[made.pk])
    assert (made.status, made.recipe, made.created_by.username) == ("draft", "main@sandbox", "editor")
    assert "Everything is in place" in client.get(response.url).content.decode()
    assert make(client, "main", team, prompts).status_code == 302
    assert set(Study.objects.values_list("slug", flat=True)) == {"main", "main-2"}


def test_prompts_and_teams_of_strangers_cannot_be_chosen(client, team):
    theirs = factories.prompt_set(factories.team(factories.user("eve")))
    mine = factories.prompt_set(team)

    for chosen_team, chosen in ((team, theirs), (theirs.team, mine)):
        shown = make(client, "main", chosen_team, chosen, follow=True).content.decode()
        assert "Choose a team of yours" in shown
    assert theirs.name not in gallery(client)
    assert not Study.objects.exists()


def test_a_viewer_makes_nothing(client):
    viewer = factories.user("viewer", is_staff=True)
    client.force_login(viewer)
    team = factories.team(viewer, role=Membership.Role.VIEWER)

    assert make(client, "main", team, factories.prompt_set(team)).status_code == 403
    assert client.get(reverse("admin:studies_study_recipes")).status_code == 403


def test_a_copy_has_the_settings_the_arms_and_the_listening_test_but_no_results(client, team):
    study = factories.complete(factories.study(team, arms=("original", "instruct", "best_of_n"), seed=7))
    study.arms.filter(key="best_of_n").update(parameters={"n": 3})
    test = study.listening_test
    test.title, test.reward, test.languages, test.closed = "Which sounds better?", 2, ["de"], True
    test.save()
    study.listening_questions.update(kind="cmos")

    response = client.post(reverse("admin:studies_study_duplicate", args=[study.pk]))

    copy = Study.objects.exclude(pk=study.pk).get()
    assert response.url == reverse("admin:studies_study_change", args=[copy.pk])
    assert (copy.status, copy.seed, copy.launched_at, copy.created_by.username) == ("draft", 7, None, "editor")
    assert copy.slug != study.slug
    assert list(copy.arms.values_list("key", "parameters", "stage")) == [
        ("original", {}, ""), ("instruct", {}, ""), ("best_of_n", {"n": 3}, "")
    ]  # fmt: skip
    assert (copy.listening_test.title, copy.listening_test.reward, copy.listening_test.languages) == (
        "Which sounds better?", 2, ["de"]
    )  # fmt: skip
    assert not copy.listening_test.closed
    assert [question.kind for question in copy.listening_questions.all()] == ["cmos"]
    assert study.listening_questions.count() == 1
    assert not copy.arms.filter(candidates__isnull=False).exists()
    actions.launch(study=copy, by=None)


def test_a_copy_of_a_strangers_study_cannot_be_made(client, team):
    theirs = factories.study()

    assert client.post(reverse("admin:studies_study_duplicate", args=[theirs.pk])).status_code == 404
