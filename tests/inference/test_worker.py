"""A real Celery worker with the real sandbox engines, killed without warning."""

import pytest
from django.db.models import Q

from studies import actions
from studies.models import (
    WORK,
    Candidate,
    Checkpoint,
    Clip,
    ClipEmbedding,
    Rendering,
    Rewrite,
    Score,
    StoredFile,
    Study,
    TextEmbedding,
)
from tests import factories
from tests.inference import workers

ARMS = ("original", "instruct", "instruct_icl", "instruct_feedback", "best_of_n")

pytestmark = pytest.mark.django_db(transaction=True)


def small_study() -> Study:
    made = factories.study(arms=ARMS, evaluation_takes=1, feedback_takes=1, seconds=1.0, listening_pairs=[])
    made.arms.exclude(rewriter=None).update(
        rewriter=factories.engine(
            "rewriter", "transformers-seq2seq", checkpoint="sandbox:rewriter-t5", parameters={"dtype": "float64"}
        )
    )
    for scorer in (made.feedback_scorer, made.evaluation_scorer):
        scorer.parameters = {"dtype": "float64"}
        scorer.save()
    made.arms.filter(key="instruct_feedback").update(
        parameters={"training_prompts": 2, "candidates": 3, "training": {"epochs": 1}}
    )
    made.arms.filter(key="best_of_n").update(parameters={"n": 3})
    return made


def finished(study: Study):
    def check() -> bool:
        study.refresh_from_db()
        assert study.status != Study.Status.PAUSED, study.status_reason
        return study.status == Study.Status.COMPLETE

    return check


def done_rows() -> int:
    return sum(model._default_manager.filter(state="done").count() for model in WORK.values())


def test_a_worker_killed_at_several_moments_leaves_the_same_study(tmp_path):
    study = actions.launch(study=small_study(), by=None)
    in_call = Q(state="running")
    with workers.running(tmp_path) as worker:
        # In the middle of rewriting, of rendering, of scoring, of training.
        for moment in (
            lambda: Rewrite.objects.filter(in_call).exists(),
            lambda: Clip.objects.filter(in_call).exists(),
            lambda: Score.objects.filter(in_call).exists(),
            lambda: Checkpoint.objects.filter(in_call).exists() or Checkpoint.objects.filter(state="done").exists(),
        ):
            worker.wait_until(lambda moment=moment: moment() or finished(study)())
            worker.kill()
            worker.start()
        worker.wait_until(finished(study))
        assert failures() == []
        killed = contents()
        assert Clip.objects.filter(attempts__gt=1).exists() or Rewrite.objects.filter(attempts__gt=1).exists()
        start_over(study)
        actions.launch(study=study, by=None)
        worker.wait_until(finished(study))
    assert failures() == []
    undisturbed = contents()
    assert {
        name: set(killed[name]) ^ set(undisturbed[name]) for name in killed if killed[name] != undisturbed[name]
    } == {}


def failures() -> list[tuple[str, str]]:
    """(kind, reason) of every failed row."""
    failed = ((kind, model._default_manager.filter(state="failed")) for kind, model in WORK.items())
    return [(kind, error) for kind, rows in failed for error in rows.values_list("error", flat=True)]


def start_over(study: Study) -> None:
    Candidate.objects.all().delete()
    for model in (ClipEmbedding, Score, Clip, Rewrite, Checkpoint, TextEmbedding, StoredFile):
        model._default_manager.all().delete()
    study.arms.update(stage="", round=0)
    Study.objects.update(status="draft", launched_at=None, finished_at=None)


def contents() -> dict:
    """Everything a study made, by content: rows and bytes."""
    return {
        "rewrites": set(Rewrite.objects.values_list("identity", "text", "state", "error")),
        "clips": set(Clip.objects.values_list("identity", "audio", "state", "loudness", "true_peak")),
        "bytes": {name: bytes(content) for name, content in StoredFile.objects.values_list("name", "content")},
        "scores": set(Score.objects.values_list("identity", "value", "state", "preprocessing")),
        "texts": {t.identity: tuple(map(float, t.vector)) for t in TextEmbedding.objects.all()},
        "heard": {(e.clip.identity, e.scorer.slug): tuple(map(float, e.vector)) for e in embeddings()},
        "checkpoints": set(Checkpoint.objects.values_list("identity", "weights", "state")),
        "candidates": set(
            Candidate.objects.values_list("arm__key", "prompt__text", "purpose", "round", "index", "rewrite__identity")
        ),
        "renderings": set(Rendering.objects.values_list("candidate__arm__key", "take", "clip__identity")),
    }


def embeddings():
    return ClipEmbedding.objects.select_related("clip", "scorer")


def test_a_broken_checkpoint_fails_its_rows_with_the_reason_and_the_others_go_on(tmp_path):
    study = small_study()
    study.arms.exclude(key__in=["original", "instruct"]).delete()
    study.arms.filter(key="instruct").update(
        rewriter=factories.engine("rewriter", "transformers-seq2seq", checkpoint="sandbox:no-such-model")
    )
    actions.launch(study=study, by=None)
    with workers.running(tmp_path) as worker:
        worker.wait_until(finished(study))
    failed = Rewrite.objects.filter(state="failed")
    assert failed.count() == 4
    assert all("no-such-model" in row.error for row in failed)
    assert Candidate.objects.filter(arm__key="original", clips__state="done").count() == 4
