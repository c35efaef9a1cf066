"""A study from launch to completion: which rows there are at the end, and that they do not depend on the way."""

import random
from datetime import timedelta

import pytest
from django.utils import timezone

from studies import actions
from studies.models import WORK, Candidate, Checkpoint, Clip, Rendering, Rewrite, Score, Study, TextEmbedding
from studies.signals import study_completed
from tests import factories
from tests.studies import driver

pytestmark = pytest.mark.django_db
ALL = ("original", "instruct", "instruct_icl", "instruct_feedback", "best_of_n")


@pytest.fixture
def study():
    made = factories.study(arms=ALL, evaluation_takes=2, feedback_takes=2, listening_pairs=[])
    made.arms.filter(key="instruct_feedback").update(parameters={"training_prompts": 3, "candidates": 4})
    made.arms.filter(key="best_of_n").update(parameters={"n": 3})
    return made


def test_a_launched_study_of_all_methods_completes(study):
    done = driver.drive(actions.launch(study=study, by=None))
    assert done.status == Study.Status.COMPLETE
    assert set(done.arms.values_list("stage", flat=True)) == {"finished"}
    assert Candidate.objects.filter(purpose="evaluate").count() == 5 * 4
    assert Candidate.objects.filter(purpose="train").count() == 3 * 4
    assert Candidate.objects.filter(purpose="select").count() == 4 * 3
    assert all(not model.objects.exclude(state="done").exists() for model in WORK.values())


def test_launching_freezes_the_prompt_set(study):
    actions.launch(study=study, by=None)
    study.prompt_set.refresh_from_db()
    assert study.prompt_set.frozen_at is not None


def test_every_evaluated_clip_is_scored_by_teacher_judge_and_oracle(study):
    driver.drive(actions.launch(study=study, by=None))
    arm = study.arms.get(key="instruct")
    for rendering in Rendering.objects.filter(candidate__arm=arm):
        prompt, text = rendering.candidate.prompt.text, rendering.candidate.rewrite.text
        scores = set(rendering.clip.scores.values_list("scorer__engine", "scorer__checkpoint", "reference"))
        assert scores == {
            ("transformers-clap", "sandbox:clap-teacher", prompt),
            ("transformers-clap", "sandbox:clap-judge", prompt),
            ("transformers-clap", "sandbox:clap-judge", text),
            ("sandbox-oracle", "", prompt),
        }


def test_the_checkpoint_learns_from_candidates_ranked_by_the_teacher(study):
    driver.drive(actions.launch(study=study, by=None))
    checkpoint = Checkpoint.objects.get()
    assert len(checkpoint.ranked) == 3
    for ranked in checkpoint.ranked:
        assert ranked["scores"] == sorted(ranked["scores"], reverse=True)
        assert len(ranked["candidates"]) == 4
        for text, score in zip(ranked["candidates"], ranked["scores"], strict=True):
            values = Score.objects.filter(
                scorer=study.feedback_scorer,
                reference=ranked["text"],
                clip__renderings__candidate__purpose="train",
                clip__text=text,
            ).distinct()
            assert sum(v.value for v in values) / 2 == pytest.approx(score)


def test_the_feedback_arm_evaluates_what_its_checkpoint_writes(study):
    driver.drive(actions.launch(study=study, by=None))
    candidates = Candidate.objects.filter(arm__key="instruct_feedback", purpose="evaluate")
    assert set(candidates.values_list("rewrite__checkpoint", flat=True)) == {Checkpoint.objects.get().pk}


def test_two_rounds_train_the_second_checkpoint_on_candidates_of_the_first(study):
    arm = study.arms.get(key="instruct_feedback")
    arm.parameters = {**arm.parameters, "rounds": 2}
    arm.save()
    driver.drive(actions.launch(study=study, by=None))
    first, second = Checkpoint.objects.order_by("round")
    assert second.parent == first
    assert set(arm.candidates.filter(purpose="train", round=1).values_list("rewrite__checkpoint", flat=True)) == {
        first.pk
    }


def test_best_of_n_keeps_the_candidate_that_feedback_likes_most(study):
    driver.drive(actions.launch(study=study, by=None))
    arm = study.arms.get(key="best_of_n")
    for chosen in arm.candidates.filter(purpose="evaluate"):
        means = {
            candidate.rewrite_id: sum(
                Score.objects.get(clip=clip, scorer=study.feedback_scorer, reference=chosen.prompt.text).value
                for clip in candidate.clips.all()
            )
            for candidate in arm.candidates.filter(purpose="select", prompt=chosen.prompt)
        }
        assert chosen.rewrite_id == max(means, key=means.get)


def test_exemplars_are_the_nearest_expert_captions_of_the_training_split(study):
    arm = study.arms.get(key="instruct_icl")
    arm.parameters = {"exemplars": 2}
    arm.save()
    driver.drive(actions.launch(study=study, by=None))
    vectors = {e.text: [float(v) for v in e.vector] for e in TextEmbedding.objects.filter(arms=arm)}
    captions = study.prompt_set.prompts.filter(kind="expert", split="train").values_list("text", flat=True)
    for candidate in arm.candidates.all():
        by_cosine = sorted(captions, key=lambda text: -cosine(vectors[text], vectors[candidate.prompt.text]))
        assert candidate.rewrite.exemplars == by_cosine[:2]


def cosine(a, b):
    return sum(x * y for x, y in zip(a, b, strict=True)) / (sum(x * x for x in a) * sum(y * y for y in b)) ** 0.5


def test_the_same_text_is_rendered_once_for_all_arms(study):
    driver.drive(actions.launch(study=study, by=None))
    assert Clip.objects.count() == len(set(Clip.objects.values_list("text", "seed")))
    assert Rendering.objects.count() > Clip.objects.count()


def test_a_second_study_of_the_same_content_finds_everything_made(study):
    driver.drive(actions.launch(study=study, by=None))
    made = {kind: model.objects.count() for kind, model in WORK.items() if kind != "training"}
    twin = Study.objects.get(pk=study.pk)
    arms = list(twin.arms.all())
    twin.pk, twin.slug, twin.status, twin.launched_at, twin.finished_at = None, "twin", "draft", None, None
    twin.save()
    for arm in arms:
        arm.pk, arm.study, arm.stage, arm.round = None, twin, "", 0
        arm.save()
    twin = actions.launch(study=twin, by=None)
    driver.drive(twin)
    twin.refresh_from_db()
    assert twin.status == Study.Status.COMPLETE
    assert Checkpoint.objects.count() == 2
    fresh = Rewrite.objects.filter(checkpoint__arm__study=twin).count()
    assert Rewrite.objects.count() == made["rewrite"] + fresh


def test_completion_is_announced_once(study):
    heard = []
    study_completed.connect(lambda sender, study, **_: heard.append(study.slug), weak=False, dispatch_uid="test")
    try:
        driver.drive(actions.launch(study=study, by=None))
    finally:
        study_completed.disconnect(dispatch_uid="test")
    assert heard == [study.slug]


@pytest.mark.parametrize("seed", range(2))
def test_lost_workers_at_random_moments_change_nothing(seed, study, settings):
    settings.MAX_ATTEMPTS = 10_000
    settings.BATCH_SIZES = dict.fromkeys(settings.BATCH_SIZES, 9)
    actions.launch(study=study, by=None)
    luck = random.Random(seed)
    while batch := actions.claim(worker="mortal"):
        if luck.random() < 0.5:
            driver.serve(batch)
        else:
            WORK[batch.kind].objects.filter(lease=batch.lease).update(
                leased_until=timezone.now() - timedelta(seconds=1)
            )
    study.refresh_from_db()
    assert study.status == Study.Status.COMPLETE
    assert contents() == undisturbed(study)


def undisturbed(study):
    """The rows of the same study, run again from nothing without a disturbance."""
    from studies.models import ClipEmbedding, StoredFile

    Candidate.objects.all().delete()
    for model in (ClipEmbedding, Score, Clip, Rewrite, Checkpoint, TextEmbedding, StoredFile):
        model.objects.all().delete()
    study.arms.update(stage="", round=0)
    Study.objects.update(status="draft", launched_at=None, finished_at=None)
    driver.drive(actions.launch(study=study, by=None))
    return contents()


def contents():
    return {
        "rewrites": set(Rewrite.objects.values_list("identity", "text", "state")),
        "clips": set(Clip.objects.values_list("identity", "audio", "state")),
        "scores": set(Score.objects.values_list("identity", "value", "state")),
        "checkpoints": set(Checkpoint.objects.values_list("identity", "weights", "state")),
        "candidates": set(
            Candidate.objects.values_list("arm__key", "prompt__text", "purpose", "round", "index", "rewrite__identity")
        ),
        "renderings": set(Rendering.objects.values_list("candidate__arm__key", "take", "clip__identity")),
    }
