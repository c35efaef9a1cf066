"""Whatever recipe, parameters or JSON comes: what was meant, or its room's own error; never another one."""

from __future__ import annotations

import json

import pytest
import yaml
from django.conf import settings
from django.core.exceptions import ValidationError
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import ValidationError as Invalid

from inference.engines import registry
from inference.engines.protocols import EngineError
from inference.training import parameters
from studies import arms, recipes, storable
from studies.admin.forms import PairsField
from studies.errors import RecipeError
from studies.models import Study
from tests.strange import BYTES, LINES, TEXT, VALUE, changed, drawn, spoilt

SHIPPED = (settings.RECIPES / "main.yaml").read_bytes()
WHOLE = recipes.load("main").model_dump(mode="json")
MAKER = WHOLE["generator"]
WAYS = {  # into a recipe
    "itself": (lambda told: told, lambda told, other: other),
    "an arm": (lambda told: told["arms"][-1], lambda told, other: {**told, "arms": [*told["arms"][:-1], other]}),
    "an engine": (
        lambda told: told["engines"][MAKER],
        lambda told, other: {**told, "engines": {**told["engines"], MAKER: other}},
    ),
    "its models": (lambda told: yaml.safe_load(SHIPPED), lambda told, other: other),
    "listening": (lambda told: told["listening"], lambda told, other: {**told, "listening": other}),
}
SMALL = ("control_prompts", "evaluation_takes", "feedback_takes", "listening_prompts", "votes_per_trial")


def read(content: object) -> None:
    """A recipe whose numbers fit their columns, or a refusal that can be shown."""
    try:
        recipe = recipes.parse(content)
    except RecipeError as refused:
        assert refused.messages and all(text for texts in refused.messages.values() for text in texts)
        str(refused).encode()
        return
    told = recipe.model_dump(mode="json")
    told |= {"listening_prompts": recipe.listening.prompts, "votes_per_trial": recipe.listening.votes_per_trial}
    assert all(0 <= told[name] < 2**15 for name in SMALL) and 0 <= told["seed"] < 2**31
    assert len(recipe.name) <= Study._meta.get_field("name").max_length
    assert not storable.fault(told)
    json.dumps(told, allow_nan=False).encode()


@drawn(200)
@given(VALUE)
@example({"name": "\ud800"})
@example([[]] * 3)
def test_any_content(content):
    read(content)


@pytest.mark.parametrize("way", WAYS)
def test_a_recipe_with_a_part_of_another_kind(way):
    pick, put = WAYS[way]

    @drawn(80)
    @given(changed(pick(WHOLE)))
    def tried(other):
        read(put(WHOLE, other))

    tried()


@pytest.mark.parametrize("number", [2**15, 2**31, 10**400, float("inf"), float("nan"), "1e999"])
@pytest.mark.parametrize("field", ["evaluation_takes", "feedback_takes", "control_prompts", "seconds"])
def test_a_number_that_no_column_holds_is_named(field, number):
    with pytest.raises(RecipeError) as refused:
        recipes.parse({**WHOLE, field: number})
    assert field in str(refused.value)


@drawn(250)
@given(st.one_of(BYTES, spoilt(SHIPPED), LINES.map(lambda text: text.encode("utf-8", "replace"))))
@example(b"day: 2026-13-45")
@example(b"[" * 5_000)
@example(b"n: " + b"9" * 5_000)
@example(b"n: 0x" + b"f" * 50_000)
@example(b"a: &a [*a]")
@example(b"a: &a {b: *a, c: *a}")
@example(b"a: !!timestamp x")
@example(b"a: !!bool x")
@example(b'a: !!int ""')
@example(b"a: !!binary \xff")
@example(b"a: 2001-12-14t21:59:43.10-99:99")
def test_any_yaml(data):
    try:
        content = recipes.plain(data)
    except yaml.YAMLError as error:
        assert str(error)
    else:
        read(content)


@drawn(100)
@given(TEXT)
@example("x" * 5_000)
@example("\0")
@example("\ud800")
@example("../")
def test_any_name_of_a_recipe(name):
    with pytest.raises(RecipeError) as refused:
        recipes.load(name)
    str(refused.value).encode()


@drawn(150)
@given(st.sampled_from(list(arms.SCHEMAS)), VALUE)
@example("instruct_feedback", {"training": {"objective": []}})
@example("instruct_feedback", {"training": {"cross_entropy": "1e999"}})
@example("instruct_feedback", {"training_prompts": 2**63})
def test_any_parameters_of_an_arm(method, values):
    faults = arms.faults(method, values)
    assert all(faults) if faults else storable.fault(arms.parse(method, values).model_dump(mode="json")) == ""


@drawn(150)
@given(changed({"objective": "dpo", "epochs": 3, "cross_entropy": 0.1, "diverged": 3.0, "lora": None, "seed": 1}))
def test_any_parameters_of_training(values):
    try:
        found = parameters.parse(values)
    except Invalid:
        return
    assert not storable.fault(found.model_dump(mode="json"))


@drawn(200)
@given(st.sampled_from([*registry.ENGINES]), VALUE)
def test_any_parameters_of_an_engine(name, values):
    try:
        found = registry.validate(name, values)
    except EngineError as refused:
        assert name in str(refused)
    else:
        json.dumps(found, allow_nan=False)


@drawn(250)
@given(st.one_of(TEXT, VALUE.map(json.dumps)))
@example("[" * 900 + "]" * 900)
@example("9" * 5_000)
@example('{"a": 1e999}')
@example('{"\\u0000": 1}')
def test_any_json_that_somebody_types(text):
    field = storable.JsonField(required=False)
    try:
        found = field.clean(text)
    except ValidationError as refused:
        assert all(refused.messages)
    else:
        assert not storable.fault(found)
        json.dumps(found, allow_nan=False, ensure_ascii=False).encode()
    field.prepare_value(field.bound_data(text, None))
    field.has_changed({"a": 1}, text)


@drawn(100)
@given(TEXT)
def test_any_pairs(text):
    try:
        assert all(len(pair) == 2 for pair in PairsField(required=False).clean(text))
    except ValidationError as refused:
        assert "Line" in str(refused)
