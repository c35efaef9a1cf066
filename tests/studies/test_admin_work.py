"""What workers made, as the admin shows it."""

import pytest
from django.urls import reverse

from accounts.models import Membership
from studies.models import Checkpoint, StoredFile, Work
from studies.models.work import identity_of
from tests import factories

pytestmark = pytest.mark.django_db
RANKED = [
    {
        "text": "an organ",
        "candidates": ["a loud organ", "an organ at dusk"],
        "scores": [0.3125, 0.2],
        "fidelity": [1, 1],
    }
]
WEIGHTS = "checkpoints/aa/aaaa.safetensors"


@pytest.fixture
def team(client):
    editor = factories.user("editor", is_staff=True)
    client.force_login(editor)
    return factories.team(editor, role=Membership.Role.EDITOR)


def test_a_checkpoint_says_what_it_learnt_from_and_names_its_weights(client, team):
    arm = factories.study(team, arms=("original", "instruct_feedback")).arms.get(key="instruct_feedback")
    learnt = {"ranked": RANKED, "curve": [{"epoch": 1, "objective": 0.71, "ranking_accuracy": 0.625}]}
    StoredFile.objects.create(name=WEIGHTS, content=b"w" * 2048, size=2048)
    made = Checkpoint.objects.create(
        identity=identity_of(of="it"), arm=arm, rewriter=arm.rewriter, state=Work.State.DONE, weights=WEIGHTS, **learnt
    )

    answer = client.get(reverse("admin:studies_checkpoint_change", args=[made.pk]))

    shown = answer.content.decode()
    assert answer.status_code == 200
    assert f"<code>{WEIGHTS}</code> 2.0\xa0KB" in shown
    assert "<summary>an organ</summary><ol><li>a loud organ" in shown and "0.313" in shown and "0.625" in shown


def test_reasons_have_a_column_where_rows_failed(client, team):
    clips = reverse("admin:studies_clip_changelist")

    assert "reason" not in client.get(clips).context["cl"].list_display
    assert "reason" in client.get(f"{clips}?state__exact=failed").context["cl"].list_display


def test_an_empty_list_says_what_comes_into_it(client, team):
    clips = reverse("admin:studies_clip_changelist")
    teaches = "Workers write here as soon as a study is launched."

    assert teaches in client.get(clips).content.decode()
    assert teaches not in client.get(f"{clips}?state__exact=failed").content.decode()
    factories.complete(factories.study(team))
    assert teaches not in client.get(clips).content.decode()
