"""Recipes: every shipped one is valid, every mistake is named."""

import pytest
import yaml
from django.conf import settings

from studies import actions, recipes, validation
from studies.errors import RecipeError
from studies.models import EngineSpec
from tests import factories


@pytest.fixture
def content():
    return yaml.safe_load((settings.RECIPES / "sandbox.yaml").read_text())


@pytest.mark.parametrize("name", recipes.names())
@pytest.mark.django_db
def test_a_shipped_recipe_makes_a_study_that_may_be_launched(name):
    owner = factories.team()
    study = actions.create_study(
        recipe=recipes.load(name),
        slug="s",
        team=owner,
        prompt_set=factories.prompt_set(owner, train=40, expert=10, validation=8),
        by=None,
    )
    assert validation.faults(study) == {}


MISTAKES = {
    "an unknown key": (lambda c: c.update(sedonds=3), "sedonds"),
    "an unknown method": (lambda c: c["arms"][1].update(method="magic"), "arms.1.method"),
    "an arm without its rewriter": (lambda c: c["arms"][1].pop("rewriter"), "arms.1"),
    "an unknown parameter of an arm": (lambda c: c["arms"][2].update(parameters={"k": 3}), "arms.2"),
    "an engine nobody named": (lambda c: c.update(generator="musicgen"), "recipe"),
    "two arms of one key": (lambda c: c["arms"][1].update(key="original"), "recipe"),
    "a pair with an unknown arm": (lambda c: c["listening"].update(pairs=[["a", "original"]]), "recipe"),
    "no arms": (lambda c: c.update(arms=[]), "arms"),
    "seconds below half": (lambda c: c.update(seconds=0.1), "seconds"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_named_by_its_field(mistake, content):
    change, field = MISTAKES[mistake]
    change(content)
    with pytest.raises(RecipeError) as refused:
        recipes.parse(content)
    assert field in refused.value.messages


def test_a_recipe_that_does_not_exist_lists_those_that_do():
    with pytest.raises(RecipeError, match="sandbox"):
        recipes.load("nothing-like-it")


def test_a_file_that_is_no_yaml_says_so(tmp_path):
    path = tmp_path / "broken.yaml"
    path.write_text("arms: [")
    with pytest.raises(RecipeError, match="not YAML"):
        recipes.load(str(path))


@pytest.mark.django_db
def test_engine_parameters_are_checked_by_the_engines_own_schema(content):
    content["engines"]["rewriter"]["parameters"] = {"top_p": 7}
    owner = factories.team()
    with pytest.raises(RecipeError) as refused:
        actions.create_study(
            recipe=recipes.parse(content), slug="s", team=owner, prompt_set=factories.prompt_set(owner), by=None
        )
    assert "engines.rewriter.parameters" in refused.value.messages


@pytest.mark.django_db
def test_the_same_engine_is_installed_once_and_another_beside_it(content):
    owner = factories.team()
    prompts = factories.prompt_set(owner)
    for slug, temperature in (("a", 1.0), ("b", 1.0), ("c", 0.7)):
        content["engines"]["rewriter"]["parameters"] = {"temperature": temperature}
        actions.create_study(recipe=recipes.parse(content), slug=slug, team=owner, prompt_set=prompts, by=None)
    assert EngineSpec.objects.filter(kind="rewriter").count() == 2
