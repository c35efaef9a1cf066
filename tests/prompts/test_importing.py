"""A reading becomes prompts of a set: all of it, its good rows, or nothing."""

import threading

import pytest
from django.db import connection
from django.utils import timezone

from prompts.actions import import_prompts
from prompts.errors import FrozenError, ImportRefusedError, PromptError
from prompts.models import Prompt, PromptSet
from prompts.reading import read_prompts
from tests import factories

pytestmark = pytest.mark.django_db

GOOD = b"text,kind,split,scene,tags\nrain,open,train,cafe,short;mood\nsnow,expert,test,,\n"


@pytest.fixture
def prompt_set():
    team = factories.team()
    return PromptSet.objects.create(team=team, name="Weather", slug="weather")


def imported(prompt_set, data: bytes, **options):
    return import_prompts(by=None, prompt_set=prompt_set, reading=read_prompts(data), **options)


def test_stores_every_column_in_the_order_of_the_file(prompt_set):
    assert imported(prompt_set, GOOD).added == 2
    assert list(Prompt.objects.values_list("position", "text", "kind", "split", "scene", "tags")) == [
        (1, "rain", "open", "train", "cafe", ["short", "mood"]),
        (2, "snow", "expert", "test", "", []),
    ]


def test_a_new_set_is_saved_with_its_prompts():
    made = imported(PromptSet(team=factories.team(), name="New", slug="new"), GOOD).prompt_set

    assert made.pk
    assert made.prompts.count() == 2


def test_a_fault_leaves_neither_prompts_nor_a_new_set():
    new = PromptSet(team=factories.team(), name="New", slug="new")

    with pytest.raises(ImportRefusedError) as refused:
        imported(new, b"text\nrain\n=1+1\n")

    assert [fault.line for fault in refused.value.faults] == [3]
    assert refused.value.keepable == 1
    assert not PromptSet.objects.exists()
    assert not new.pk


def test_the_good_rows_can_be_kept(prompt_set):
    outcome = imported(prompt_set, b"text\nrain\n=1+1\nsnow\n", keep_good=True)

    assert [outcome.added, [fault.line for fault in outcome.faults]] == [2, [3]]
    assert list(prompt_set.prompts.values_list("position", "text")) == [(1, "rain"), (2, "snow")]


@pytest.mark.parametrize("data", [b"text,spilt\nrain,sad\n", b"text\n=1+1\n"], ids=["unreadable", "no good row"])
def test_keeping_good_rows_needs_good_rows(prompt_set, data):
    with pytest.raises(ImportRefusedError):
        imported(prompt_set, data, keep_good=True)


def test_importing_a_file_again_adds_nothing(prompt_set):
    imported(prompt_set, GOOD)
    again = imported(prompt_set, GOOD)

    assert (again.added, again.known, again.faults) == (0, 2, ())
    assert Prompt.objects.count() == 2


def test_a_longer_file_adds_its_new_rows_behind_the_others(prompt_set):
    imported(prompt_set, GOOD)
    again = imported(prompt_set, GOOD + b"hail,open,train,cafe,\n")

    assert (again.added, again.known) == (1, 2)
    assert prompt_set.prompts.get(text="hail").position == 3


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("Rain ,open,train,cafe,short;mood", "text"),  # another case
        ("rain,open,test,,", "text"),  # the same prompt in another split
        ("snow,open,train,,", "text"),  # an expert test caption as an open training prompt
        ("fog,open,test,cafe,", "scene"),  # a training scene
    ],
)
def test_refuses_what_clashes_with_the_set(prompt_set, row, column):
    imported(prompt_set, GOOD)

    with pytest.raises(ImportRefusedError) as refused:
        imported(prompt_set, f"text,kind,split,scene,tags\n{row}\n".encode())

    (fault,) = refused.value.faults
    assert (fault.line, fault.column) == (2, column)
    assert "in the prompt set, at" in str(fault)


def test_a_frozen_set_takes_nothing_more(prompt_set):
    imported(prompt_set, GOOD)
    PromptSet.objects.update(frozen_at=timezone.now())

    with pytest.raises(FrozenError, match="Import into a new prompt set"):
        imported(prompt_set, b"text\nhail\n")
    assert imported(prompt_set, GOOD).added == 0
    assert Prompt.objects.count() == 2


def test_a_taken_address_is_named(prompt_set):
    with pytest.raises(PromptError) as refused:
        imported(PromptSet(team=prompt_set.team, name="Other", slug="weather"), GOOD)

    assert "slug" in refused.value.messages


@pytest.mark.django_db(transaction=True)
def test_two_imports_at_once_store_each_prompt_once(prompt_set):
    barrier, outcomes = threading.Barrier(2), []

    def run() -> None:
        barrier.wait()
        try:
            outcomes.append(imported(prompt_set, GOOD).added)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == [0, 2]
    assert sorted(prompt_set.prompts.values_list("position", flat=True)) == [1, 2]
