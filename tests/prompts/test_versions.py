"""Versions of a prompt set: a copy that can be changed, in one line, each naming what it came from."""

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from prompts.actions import new_version
from prompts.describing import Text, changes
from prompts.errors import PromptError
from prompts.models import PromptSet
from tests import factories

FIELDS = ("position", "text", "kind", "split", "scene", "tags")


@pytest.fixture
def owner(db):
    return factories.user(is_staff=True)


@pytest.fixture
def frozen(owner) -> PromptSet:
    made = factories.prompt_set(factories.team(owner))
    made.licence, made.frozen_at = "CC-BY-4.0", timezone.now()
    made.save()
    return made


def test_a_version_is_a_copy_that_can_be_changed(frozen, owner):
    made = new_version(by=owner, prompt_set=frozen)

    assert (made.version, made.previous, made.frozen_at) == (2, frozen, None)
    assert (made.name, made.licence, made.team, made.slug) == (
        frozen.name,
        "CC-BY-4.0",
        frozen.team,
        f"{frozen.slug}-v2",
    )
    assert str(made) == f"{frozen.name}, version 2"
    assert list(made.prompts.values_list(*FIELDS)) == list(frozen.prompts.values_list(*FIELDS))
    assert frozen.prompts.count() == 10


def test_versions_stand_in_one_line(frozen, owner):
    second = new_version(by=owner, prompt_set=frozen)

    with pytest.raises(PromptError, match=r"a later one already: .*, version 2"):
        new_version(by=owner, prompt_set=frozen)
    third = new_version(by=owner, prompt_set=second)
    assert (third.version, third.slug) == (3, f"{frozen.slug}-v3")


def test_an_address_that_is_taken_is_passed_by(frozen, owner):
    PromptSet.objects.create(team=frozen.team, name="Other", slug=f"{frozen.slug}-v2")

    assert new_version(by=owner, prompt_set=frozen).slug == f"{frozen.slug}-v3"


def test_the_database_knows_no_version_out_of_nothing(frozen):
    with pytest.raises(IntegrityError), transaction.atomic():
        PromptSet.objects.create(team=frozen.team, name="Other", slug="other", version=2)


def test_changes_are_by_text_and_kind():
    before = [Text("rain", "open", "train"), Text("snow", "open", "test"), Text("hail", "open", "test")]
    after = [Text("Rain", "open", "test"), Text("snow", "open", "test"), Text("hail", "expert", "test")]

    assert changes(before, after) == changes(before, after)
    assert changes(before, after).moved == (("Rain", "train", "test"),)
    assert (changes(before, after).added, changes(before, after).removed) == (("hail",), ("hail",))


def test_the_page_begins_a_version_and_says_what_became_of_it(client, frozen, owner):
    client.force_login(owner)
    statistics = reverse("admin:prompts_promptset_statistics", args=[frozen.pk])
    assert "New version" in client.get(statistics).text

    answer = client.post(reverse("admin:prompts_promptset_version", args=[frozen.pk]), follow=True)

    made = frozen.next
    assert f"{made} has the prompts of {frozen}, and can be changed." in answer.text
    assert "New version" not in client.get(statistics).text
    made.prompts.filter(split="train", kind="open").first().delete()
    made.prompts.create(position=99, text="rain on a tin roof")
    made.prompts.filter(text="sad church music 0").update(split="validation")
    shown = client.get(reverse("admin:prompts_promptset_statistics", args=[made.pk])).text
    assert "1 added, 1 removed, 1 in another split" in shown
    assert "test → validation: sad church music 0" in shown


def test_a_viewer_begins_none_and_a_set_with_a_later_version_stays(client, frozen, owner):
    viewer, address = factories.user(is_staff=True), reverse("admin:prompts_promptset_version", args=[frozen.pk])
    frozen.team.memberships.create(user=viewer, role="viewer")
    client.force_login(viewer)
    assert client.post(address).status_code == 403
    assert client.get(address).status_code == 405

    PromptSet.objects.update(frozen_at=None)
    new_version(by=owner, prompt_set=frozen)
    client.force_login(owner)
    answer = client.post(reverse("admin:prompts_promptset_delete", args=[frozen.pk]), {"post": "yes"})
    assert answer.status_code in (302, 403) and PromptSet.objects.filter(pk=frozen.pk).exists()
