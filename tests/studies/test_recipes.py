"""Recipes: every shipped one is valid with every model block, every mistake is named."""

import pytest
import yaml
from django.conf import settings
from django.utils import timezone

from inference.engines import registry
from studies import actions, blocks, recipes, validation
from studies.errors import RecipeError
from studies.models import Checkpoint, EngineSpec
from tests import factories


@pytest.fixture
def content():
    """The main recipe, whole."""
    return recipes.load("main").model_dump(mode="json")


@pytest.mark.parametrize("models", blocks.names())
@pytest.mark.parametrize("name", recipes.names())
@pytest.mark.django_db
def test_a_shipped_recipe_makes_a_study_that_may_be_launched_with_any_models(name, models):
    owner = factories.team()
    recipe = recipes.load(name, models)
    prompts = factories.prompt_set(owner, train=40, expert=10, validation=40, control=25)
    study = actions.create_study(recipe=recipe, slug="s", team=owner, prompt_set=prompts, by=None)
    for other in {arm.parameters.get("checkpoint", "").partition("/")[0] for arm in recipe.arms} - {""}:
        tuned(other, models, owner, prompts)
    assert validation.faults(study) == {}
    assert validation.warnings(study) == {}
    assert recipe.name and recipe.answers and recipe.needs and recipe.description and recipe.reading
    assert {spec.kind for spec in (study.generator, study.feedback_scorer)} == {"generator", "scorer"}


def tuned(name, models, owner, prompts):
    """What was made of the recipe that another one names, as far as its weights go."""
    recipe = recipes.load(name, models)
    study = actions.create_study(
        recipe=recipe, slug=f"{name}-x", team=owner, prompt_set=prompts, by=None, recipe_name=f"{name}@{models}"
    )
    study.status, study.launched_at, study.finished_at = "complete", timezone.now(), timezone.now()
    study.save()
    for arm in study.arms.filter(method="instruct_feedback"):
        Checkpoint.objects.create(identity=arm.key, arm=arm, rewriter=arm.rewriter, state="done", weights="w")


@pytest.mark.parametrize("models", blocks.names())
def test_every_engine_of_a_block_is_in_the_registry_and_takes_its_parameters(models):
    for engine in blocks.load(models).engines.values():
        assert registry.entry(engine.engine).kind == engine.kind
        registry.validate(engine.engine, engine.parameters)


@pytest.mark.parametrize("name", recipes.names())
def test_a_shipped_recipe_names_parts_and_never_models(name):
    content = yaml.safe_load((settings.RECIPES / f"{name}.yaml").read_text())
    assert content["models"] == "sandbox"
    assert "engines" not in content
    named = {content[part] for part in blocks.PLAYED if part in content}
    assert all(named <= blocks.load(models).engines.keys() for models in blocks.names())


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


# Model blocks


@pytest.fixture
def short():
    """A recipe that leaves all it can to a block."""
    return {
        "name": "Short",
        "models": "sandbox",
        "arms": [
            {"key": "original", "method": "original"},
            {"key": "ranked", "method": "instruct_feedback", "rewriter": "rewriter"},
            {"key": "dpo", "method": "instruct_feedback", "rewriter": "rewriter",
             "parameters": {"training": {"objective": "dpo"}}},
        ],
    }  # fmt: skip


def test_a_block_gives_what_the_recipe_does_not_say(short):
    block = blocks.load("sandbox")
    recipe = recipes.parse(short)

    assert (recipe.name, recipe.seconds, recipe.evaluation_takes) == (f"Short {block.told}", block.seconds, 4)
    assert set(recipe.engines) == {"rewriter", block.generator, "teacher", "judge", "oracle"}
    assert recipe.arms[1].parameters == {"training": block.training["margin_ranking"]}
    assert recipe.arms[2].parameters == {"training": {"objective": "dpo"}}


def test_what_the_recipe_says_stands(short):
    mine = {"kind": "generator", "engine": "sandbox-synthesiser", "parameters": {"sample_rate": 8000}}
    short |= {"seconds": 1.5, "generator": "mine", "engines": {"mine": mine}}
    short["arms"][1]["parameters"] = {"training": {"margin": 0.1}}

    recipe = recipes.parse(short)

    assert (recipe.seconds, recipe.generator, set(recipe.engines)) == (
        1.5, "mine", {"mine", "rewriter", "teacher", "judge", "oracle"}
    )  # fmt: skip
    assert recipe.arms[1].parameters["training"] == blocks.load("sandbox").training["margin_ranking"] | {"margin": 0.1}


def test_another_block_may_take_the_place_of_the_recipes_own(short):
    recipe = recipes.parse(short, "published")
    assert recipe.oracle is None and recipe.seconds == 10
    assert recipe.arms[1].parameters["sampling"] == "spread"


def test_names_lead_to_recipe_and_models():
    assert recipes.load("sandbox") == recipes.load("main") == recipes.load("main@sandbox")
    assert recipes.load("published") == recipes.load("main", "published") == recipes.load("main@published")
    assert recipes.known("main@published") and recipes.known("sandbox")
    assert not any(map(recipes.known, ("main@nobody", "../main", "models/sandbox", "main@../models/sandbox", "@")))


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"models": "nobody"}, "models"),
        ({"models": "../recipes/main"}, "models"),
        ({"models": ["sandbox"]}, "models"),
        ({"arms": 3}, "arms"),
        ({"arms": ["original"]}, "arms.0"),
        ({"engines": "sandbox"}, "engines"),
        ({"generator": ["synthesiser"]}, "generator"),
        ({"arms": [{"key": "a", "method": "instruct", "rewriter": "no_such_part"}]}, "recipe"),
        ({"arms": [{"key": "a", "method": ["instruct"], "rewriter": "rewriter"}]}, "arms.0.method"),
        ({"arms": [{"key": "a", "method": "instruct_feedback", "rewriter": "rewriter",
                    "parameters": {"training": {"objective": ["dpo"]}}}]}, "arms.0"),
        ({"training": {"margin_ranking": {}}}, "training"),
    ],
)  # fmt: skip
def test_a_mistake_beside_a_block_is_named_too(short, change, field):
    with pytest.raises(RecipeError) as refused:
        recipes.parse(short | change)
    assert field in refused.value.messages
