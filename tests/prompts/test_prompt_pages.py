"""Prompt sets and single prompts in the admin."""

import pytest
from django.urls import reverse
from django.utils import timezone

from prompts.models import Prompt, PromptSet
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def prompt_set(client):
    owner = factories.user("owner", is_staff=True)
    client.force_login(owner)
    made = PromptSet.objects.create(team=factories.team(owner), name="Weather", slug="weather")
    Prompt.objects.create(prompt_set=made, position=1, text="rain", split="train", scene="cafe", tags=["short"])
    return made


def test_a_new_set_leads_to_its_import(client, prompt_set):
    data = {"name": "New", "slug": "new", "team": prompt_set.team.pk, "language": "en"}
    response = client.post(reverse("admin:prompts_promptset_add"), data)

    assert response.url == reverse("admin:prompts_promptset_import", args=[PromptSet.objects.get(slug="new").pk])


def test_a_set_counts_its_prompts_by_split(client, prompt_set):
    (row,) = client.get(reverse("admin:prompts_promptset_changelist")).context["cl"].result_list

    assert (row.size, row.train, row.validation, row.test) == (1, 1, 0, 0)


def test_a_frozen_set_keeps_its_prompts_and_its_team(client, prompt_set):
    PromptSet.objects.update(frozen_at=timezone.now())
    prompt = prompt_set.prompts.get()
    change = reverse("admin:prompts_prompt_change", args=[prompt.pk])

    assert b'name="_save"' not in client.get(change).content
    assert client.post(change, {"text": "sun", "kind": "open", "split": "test"}).status_code == 403
    assert client.post(reverse("admin:prompts_prompt_delete", args=[prompt.pk]), {"post": "yes"}).status_code == 403
    form = client.get(reverse("admin:prompts_promptset_change", args=[prompt_set.pk])).context["adminform"].form
    assert set(form.fields) == {"name", "description", "licence"}


def test_a_set_that_a_study_uses_is_not_deleted(client, prompt_set):
    factories.study(prompt_set.team, prompt_set=prompt_set)

    client.post(reverse("admin:prompts_promptset_delete", args=[prompt_set.pk]), {"post": "yes"})
    client.post(
        reverse("admin:prompts_promptset_changelist"),
        {"action": "delete_selected", "_selected_action": prompt_set.pk, "post": "yes"},
    )

    assert PromptSet.objects.filter(pk=prompt_set.pk).exists()


def test_an_unused_set_is_deleted_with_its_prompts(client, prompt_set):
    delete = reverse("admin:prompts_promptset_delete", args=[prompt_set.pk])

    assert "1 prompts" in client.get(delete).content.decode()
    client.post(delete, {"post": "yes"})
    assert not PromptSet.objects.exists()
    assert not Prompt.objects.exists()


def add(client, prompt_set, **fields):
    data = {"prompt_set": prompt_set.pk, "text": "snow", "kind": "open", "split": "test", **fields}
    return client.post(reverse("admin:prompts_prompt_add"), data)


def test_a_prompt_is_added_behind_the_others(client, prompt_set):
    assert add(client, prompt_set, tags="mood; short").status_code == 302

    made = prompt_set.prompts.get(text="snow")
    assert (made.position, made.tags) == (2, ["mood", "short"])


@pytest.mark.parametrize(
    ("fields", "field", "says"),
    [
        ({"text": "=1+1"}, "text", "spreadsheet formula"),
        ({"text": "sn\u0007ow"}, "text", "U+0007"),
        ({"text": "two\nlines"}, "text", "line break"),
        ({"text": "Rain"}, "text", "Already stands in the prompt set, at 1"),
        ({"scene": "cafe"}, "scene", "already in the train split"),
        ({"tags": "=a"}, "tags", "spreadsheet formula"),
    ],
)
def test_a_prompt_by_hand_obeys_the_rules_of_an_import(client, prompt_set, fields, field, says):
    errors = add(client, prompt_set, **fields).context["adminform"].form.errors

    assert says in str(errors[field])
    assert prompt_set.prompts.count() == 1


def test_a_prompt_is_changed_without_clashing_with_itself(client, prompt_set):
    prompt = prompt_set.prompts.get()
    data = {"text": "Rain", "kind": "open", "split": "test", "scene": "cafe", "tags": "short"}

    assert client.post(reverse("admin:prompts_prompt_change", args=[prompt.pk]), data).status_code == 302
    prompt.refresh_from_db()
    assert (prompt.text, prompt.split, prompt.position) == ("Rain", "test", 1)


def test_a_prompt_cannot_be_put_into_another_teams_set(client, prompt_set):
    theirs = factories.prompt_set()
    before = theirs.prompts.count()

    add(client, theirs)

    assert theirs.prompts.count() == before
