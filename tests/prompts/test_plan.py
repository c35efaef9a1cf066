"""Which column is which, and how prompts are split."""

import json
from collections import Counter

import pytest

from prompts.limits import Limits
from prompts.plan import Plan, Shares
from prompts.plan_form import PlanForm
from prompts.reading import Row, read_prompts
from tests.prompts.test_sheets import parquet

HALVES = Shares({"train": 50, "validation": 0, "test": 50}, seed=3)
NAMES = ("ytid", "words", "mood")


def read(data: bytes, plan: Plan, **limits):
    return read_prompts(data, Limits(**limits), plan=plan)


def form(**changes) -> PlanForm:
    chosen = {"column_text": "words", "kind": "open", "split": "test", "how": "given", **changes}
    return PlanForm(chosen, NAMES, {})


def test_any_column_may_hold_the_prompts():
    reading = read(b"ytid,words,mood\nx,rain,sad;short\n", Plan({"text": "words", "tags": "mood"}, kind="expert"))

    assert reading.rows == (Row(2, "rain", "expert", "test", "", ("sad", "short")),)
    assert (reading.columns, reading.sources, reading.ignored) == (("text", "tags"), ("words", "mood"), ("ytid",))


def test_a_column_of_parquet_by_any_name_is_read():
    data = parquet(words=["rain", "snow"], number=[1, 2])

    assert [row.text for row in read(data, Plan({"text": "words"})).rows] == ["rain", "snow"]
    assert "number: holds int64, not text" in str(read(data, Plan({"text": "number"})).faults[0])


def test_a_column_that_is_not_there_is_named():
    reading = read(b"text\nrain\n", Plan({"text": "words"}))

    assert reading.unreadable
    assert reading.names == ("text",)
    assert str(reading.faults[0]) == "there is no column “words” in this file."


def test_rows_that_are_too_short_are_still_faults():
    reading = read(b"ytid,words,mood\nx,rain\n", Plan({"text": "words"}))

    assert str(reading.faults[0]).startswith("line 2: 2 cells, but the header names 3 columns")


def test_drawn_splits_follow_their_shares():
    shares = Shares({"train": 60, "validation": 10, "test": 30})
    drawn = Counter(shares.split(f"rain {i}", "") for i in range(5_000))

    assert {split: round(count / 50) for split, count in drawn.items()} == pytest.approx(shares.percent, abs=3)


def test_a_scene_stays_together_and_a_prompt_where_it_was():
    """Also in a file that has grown: nothing moves from one split into another."""
    texts = [f"rain {i}" for i in range(200)]
    lines = [{"text": text, "scene": f"scene {i // 4}"} for i, text in enumerate(texts)]
    plan = Plan({"text": "text", "scene": "scene"}, shares=HALVES)

    few, all_ = (read("\n".join(map(json.dumps, part)).encode(), plan) for part in (lines[:100], lines[::-1]))

    assert not few.faults and not all_.faults
    splits = {row.text: row.split for row in all_.rows}
    assert all(splits[row.text] == row.split for row in few.rows)
    assert len({row.split for row in few.rows}) == 2


def test_another_seed_draws_otherwise():
    other = Shares(HALVES.percent, seed=4)

    assert any(HALVES.split(f"rain {i}", "") != other.split(f"rain {i}", "") for i in range(20))


def test_tags_decide_and_the_rest_is_as_given():
    data = b"text,split,tags\nrain,,Loud\nsnow,train,loud; long\nhail,train,\nsun,,other\n"
    plan = Plan({"text": "text", "split": "split", "tags": "tags"}, by_tag={"loud": "validation"}, split="test")

    assert [row.split for row in read(data, plan).rows] == ["validation", "validation", "train", "test"]


def test_the_form_makes_the_plan():
    random = form(how="random", train="70", validation="", test="30", seed="5", column_tags="mood")
    tags = form(how="tags", train_tags="Sad; slow", test_tags="short")

    assert random.is_valid(), random.errors
    assert random.plan == Plan(
        {"text": "words", "tags": "mood"}, shares=Shares({"train": 70, "validation": 0, "test": 30}, seed=5)
    )
    assert tags.is_valid(), tags.errors
    assert tags.plan.by_tag == {"sad": "train", "slow": "train", "short": "test"}


@pytest.mark.parametrize(
    ("changes", "field", "says"),
    [
        ({"column_text": "nowhere"}, "column_text", "nowhere"),
        ({"how": "random", "train": "70", "test": "40"}, "test", "110 % together"),
        ({"how": "random", "train": "-10", "test": "110"}, "train", "greater than or equal to 0"),
        ({"how": "tags"}, "train_tags", "at least one split"),
        ({"how": "tags", "train_tags": "a;b", "test_tags": "B"}, "test_tags", "“b” is among those of train too"),
        ({"kind": "loud"}, "kind", "loud"),
    ],
)
def test_a_plan_that_cannot_be_is_refused_by_field(changes, field, says):
    made = form(**changes)

    assert not made.is_valid()
    assert says in " ".join(made.errors[field])
