"""A deleted study leaves no sound behind, in the database or in S3, and takes none from another study."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.utils import timezone

from listening.actions.open_trials import open_trials
from listening.models import Vote
from listening.simulation import simulate
from studies.models import Checkpoint, Clip, Rewrite, Score, StoredFile, Study
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture(params=["database", "s3"])
def place(request, s3) -> str:
    s3.new_files(request.param)
    return request.param


def voted() -> Study:
    made = factories.complete(factories.study(votes_per_trial=2))
    open_trials(study=made)
    simulate(study=made, raters=2, seed=1)
    arm = made.arms.get(key="instruct")
    weights = default_storage.save(f"checkpoints/{made.pk}", ContentFile(b"weights"))
    checkpoint = Checkpoint.objects.create(
        identity=f"c{made.pk}", arm=arm, rewriter=arm.rewriter, state="done", weights=weights, ranked=[]
    )
    Rewrite.objects.filter(candidates__arm=arm).update(checkpoint=checkpoint)
    return made


def long_ago() -> None:
    StoredFile.objects.update(created_at=timezone.now() - timedelta(days=2))


def test_all_that_was_made_for_it_alone_goes_and_the_rest_stays(place, s3):
    other = voted()
    kept = {str(name) for name in StoredFile.objects.values_list("name", flat=True)}
    votes = Vote.objects.count()
    made = voted()
    shared = made.arms.get(key="original").candidates.earliest("pk").renderings.get().clip
    other.arms.get(key="original").candidates.earliest("pk").renderings.create(clip=shared, take=9)
    kept.add(shared.audio.name)
    long_ago()

    call_command("delete_study", made.slug, "--yes")

    assert not Study.objects.filter(pk=made.pk).exists()
    assert set(StoredFile.objects.values_list("name", flat=True)) == kept
    assert set(s3.objects()) == ({f"studies/{name}" for name in kept} if place == "s3" else set())
    assert Vote.objects.count() == votes > 0
    assert Clip.objects.count() == len(kept) - 1 and Checkpoint.objects.count() == 1
    assert not Score.objects.exclude(clip__in=Clip.objects.all()).exists()
    assert not Rewrite.objects.filter(candidates=None).exists()


def test_what_a_worker_has_just_saved_stays_until_it_is_old(place, s3):
    made = voted()
    call_command("delete_study", made.slug, "--yes")
    assert StoredFile.objects.count() == 9
    call_command("clear_audio")
    assert StoredFile.objects.count() == 9
    long_ago()
    call_command("clear_audio")
    assert StoredFile.objects.count() == 0 and not s3.objects()


def test_objects_without_a_row_go_when_they_are_old_enough(s3, capsys):
    s3.new_files("s3")
    clip = factories.finished_clip(factories.engine("generator", "sandbox-synthesiser"), "a tone", 1)
    long_ago()
    s3.put("studies/clips/stranger", b"?")
    s3.put("elsewhere/clips/stranger", b"?")
    call_command("clear_audio")
    assert len(s3.objects()) == 3
    call_command("clear_audio", "--older-than", "0")
    assert set(s3.objects()) == {f"studies/{clip.audio.name}", "elsewhere/clips/stranger"}
    assert "Deleted 0 files, and 1 objects" in capsys.readouterr().out


def test_nothing_is_deleted_by_mistake():
    made = factories.complete(factories.study())
    with pytest.raises(CommandError, match="say --yes"):
        call_command("delete_study", made.slug)
    with pytest.raises(CommandError, match="There is no study"):
        call_command("delete_study", "none", "--yes")
    Study.objects.filter(pk=made.pk).update(status="running", finished_at=None)
    with pytest.raises(CommandError, match="cancel it first"):
        call_command("delete_study", made.slug, "--yes")
    assert Study.objects.filter(pk=made.pk).exists() and Clip.objects.count() == 8
