"""Importing in the admin: upload, a preview with every fault, then the good rows or nothing."""

import datetime
import re
from collections import Counter

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from accounts.models import Membership
from prompts.models import Prompt, PromptSet, Upload
from tests import factories

pytestmark = pytest.mark.django_db

MIXED = b"text,kind,split\nrain,open,test\n=1+1,open,test\nsnow,loud,test\nhail,open,train\n"


@pytest.fixture
def prompt_set(client):
    editor = factories.user("editor", is_staff=True)
    client.force_login(editor)
    team = factories.team(editor, role=Membership.Role.EDITOR)
    return PromptSet.objects.create(team=team, name="Weather", slug="weather")


def upload(client, prompt_set, content: bytes, name: str = "weather.csv"):
    data = {"file": SimpleUploadedFile(name, content)}
    return client.post(reverse("admin:prompts_promptset_import", args=[prompt_set.pk]), data, follow=True)


def decide(client, prompt_set, checksum: str, **data):
    where = reverse("admin:prompts_promptset_preview", args=[prompt_set.pk])
    return client.post(where, {"checksum": checksum, **data}, follow=True)


def test_the_preview_shows_each_fault_by_line_and_stores_no_prompt(client, prompt_set):
    response = upload(client, prompt_set, MIXED)

    content = response.content.decode()
    assert [(fault.line, fault.column) for fault in response.context["faults"]] == [(3, "text"), (4, "kind")]
    assert "Begins like a spreadsheet formula" in content
    assert "Import the 2 good rows" in content
    assert not Prompt.objects.exists()


def test_the_good_rows_are_kept_on_demand(client, prompt_set):
    shown = upload(client, prompt_set, MIXED)
    done = decide(client, prompt_set, shown.context["upload"].checksum)

    kept = list(prompt_set.prompts.values_list("position", "text", "split"))
    assert kept == [(1, "rain", "test"), (2, "hail", "train")]
    assert "2 prompts imported from weather.csv. 2 faulty rows were left out." in done.content.decode()
    assert not Upload.objects.exists()


def test_cancelling_changes_nothing(client, prompt_set):
    shown = upload(client, prompt_set, MIXED)
    done = decide(client, prompt_set, shown.context["upload"].checksum, cancel="Cancel")

    assert "was not imported; nothing has changed" in done.content.decode()
    assert not Prompt.objects.exists()
    assert not Upload.objects.exists()


def test_only_what_was_shown_is_imported(client, prompt_set):
    """Another file was chosen in a second window."""
    first = upload(client, prompt_set, MIXED).context["upload"].checksum
    upload(client, prompt_set, b"text\nfog\n")

    assert "Another file was uploaded since" in decide(client, prompt_set, first).content.decode()
    assert not Prompt.objects.exists()


def test_an_unreadable_file_offers_no_import(client, prompt_set):
    shown = upload(client, prompt_set, b"text,spilt\nrain,sad\n")

    assert "Unknown column “spilt”" in shown.content.decode()
    assert b'name="import"' not in shown.content
    assert "Nothing was imported" in decide(client, prompt_set, shown.context["upload"].checksum).content.decode()


def test_a_dataset_says_what_was_read_and_what_was_passed_by(client, prompt_set):
    shown = upload(client, prompt_set, b'{"caption": "rain", "ytid": "a"}\n', name="captions.jsonl")

    assert "captions.jsonl · JSON lines" in shown.text
    assert "Read: text. Passed by: ytid." in shown.text
    decide(client, prompt_set, shown.context["upload"].checksum)
    assert [prompt.text for prompt in Prompt.objects.all()] == ["rain"]


def test_columns_are_chosen_and_splits_drawn_before_anything_is_stored(client, prompt_set):
    rows = "".join(f"{i},rain {i},sad\n" for i in range(40))
    shown = upload(client, prompt_set, f"id,words,mood\n{rows}".encode())
    assert "there is no header" in shown.text.lower() and 'name="import"' not in shown.text

    chosen = {
        "column_text": "words", "column_tags": "mood", "kind": "open", "split": "test",
        "how": "random", "train": 50, "validation": 0, "test": 50, "seed": 7,
    }  # fmt: skip
    preview = reverse("admin:prompts_promptset_preview", args=[prompt_set.pk])
    planned = client.get(preview, chosen)
    assert "Import 40 prompts" in planned.text and not Prompt.objects.exists()

    hidden = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', planned.text))
    client.post(preview, hidden | {"import": "1"})
    stored = Counter(Prompt.objects.values_list("split", flat=True))
    assert sum(stored.values()) == 40 and set(stored) == {"train", "test"}
    assert dict(stored) == {split: count for _, split, count in planned.context["counts"]}
    assert Prompt.objects.first().tags == ["sad"]


def test_a_plan_that_cannot_be_offers_no_import(client, prompt_set):
    upload(client, prompt_set, b"text\nrain\n")
    chosen = {"column_text": "text", "kind": "open", "split": "test", "how": "random", "train": 50, "test": 40}
    preview = reverse("admin:prompts_promptset_preview", args=[prompt_set.pk])

    planned = client.get(preview, chosen)

    assert "90 % together; they must make 100" in planned.text
    assert 'name="import"' not in planned.text
    checksum = planned.context["upload"].checksum
    assert "they must make 100" in client.post(preview, chosen | {"checksum": checksum, "import": "1"}).text
    assert not Prompt.objects.exists()


def test_a_file_that_is_there_already_says_so(client, prompt_set):
    for _ in range(2):
        shown = upload(client, prompt_set, b"text\nrain\n")
        decide(client, prompt_set, shown.context["upload"].checksum)

    assert "there is nothing to import" in upload(client, prompt_set, b"text\nrain\n").content.decode()
    assert Prompt.objects.count() == 1


def test_a_frozen_set_is_refused_before_and_after_the_upload(client, prompt_set):
    shown = upload(client, prompt_set, b"text\nrain\n")
    PromptSet.objects.update(frozen_at=timezone.now())

    assert "is frozen" in decide(client, prompt_set, shown.context["upload"].checksum).content.decode()
    assert "is frozen" in client.get(reverse("admin:prompts_promptset_import", args=[prompt_set.pk])).content.decode()
    assert not Prompt.objects.exists()


def test_a_file_beyond_the_limit_is_refused_at_the_door(client, prompt_set, settings):
    settings.PROMPT_LIMITS = {"bytes": 1_000_000}

    assert "larger than 1 MB" in upload(client, prompt_set, b"text\n" + b"x" * 1_000_000).content.decode()
    assert not Upload.objects.exists()


def test_a_preview_without_an_upload_leads_back(client, prompt_set):
    response = client.get(reverse("admin:prompts_promptset_preview", args=[prompt_set.pk]), follow=True)

    assert "Choose the file again" in response.content.decode()


def test_uploads_are_forgotten_after_a_day(client, prompt_set):
    upload(client, prompt_set, MIXED)
    Upload.objects.update(created_at=timezone.now() - datetime.timedelta(days=2))
    other = PromptSet.objects.create(team=prompt_set.team, name="Other", slug="other")
    upload(client, other, MIXED)

    assert [kept.prompt_set for kept in Upload.objects.all()] == [other]


def test_markup_in_a_file_is_shown_and_not_run(client, prompt_set):
    shown = upload(client, prompt_set, b"text,kind\n<script>alert(1)</script>,<b>loud</b>\n<i>rain</i>,open\n")

    assert b"<script>alert" not in shown.content
    assert b"<b>loud" not in shown.content
    assert b"<i>rain" not in shown.content


def test_many_faults_are_counted_and_the_first_are_shown(client, prompt_set):
    shown = upload(client, prompt_set, b"text\nrain\n" + b"=1+1\n" * 500)

    assert "500 faults" in shown.content.decode()
    assert len(shown.context["faults"]) == 200
