"""Weights that an arm goes on with: round after round under a floor, and from another study."""

from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from studies import actions, tuned
from studies.actions import Outcome
from studies.clearing import clear
from studies.errors import StudyError
from studies.models import Arm, Candidate, Checkpoint, Study
from tests import factories
from tests.once import once
from tests.studies import driver

pytestmark = pytest.mark.django_db
ROUNDS = {"training_prompts": 3, "candidates": 3, "rounds": 3, "training": {"fidelity_floor": 0.8}}


def kept(*fidelities: float):
    """A worker whose trained rounds keep so much of validation prompts, one after the other."""

    def outcome(kind, row):
        if kind != "training":
            return driver.outcome(kind, row)
        curve = [{"epoch": 1, "clap": 0.4, "fidelity": fidelities[row.round % len(fidelities)], "kept": True}]
        name = default_storage.save(f"checkpoints/{row.pk}", ContentFile(b"weights of %d" % row.pk))
        return Outcome(row.pk, {"weights": name, "curve": curve})

    return outcome


def driven(*fidelities: float, **fields) -> Study:
    study = factories.study(arms=("original", "instruct_feedback"), feedback_takes=1, evaluation_takes=1, **fields)
    study.arms.filter(key="instruct_feedback").update(parameters=ROUNDS)
    done = driver.drive(actions.launch(study=study, by=None), outcome=kept(*fidelities))
    assert done.status == Study.Status.COMPLETE
    return done


def evaluated(study: Study, key: str = "instruct_feedback") -> Checkpoint:
    used = Candidate.objects.filter(arm__study=study, arm__key=key, purpose="evaluate")
    (found,) = {candidate.rewrite.checkpoint for candidate in used.select_related("rewrite__checkpoint")}
    return found


@pytest.mark.parametrize(
    ("fidelities", "parents", "last"),
    [
        ((0.9, 0.9, 0.9), [None, 0, 1], 2),
        ((0.9, 0.5, 0.9), [None, 0, 0], 2),
        ((0.9, 0.9, 0.5), [None, 0, 1], 1),
        ((0.5, 0.9, 0.5), [None, None, 1], 1),
        ((0.5, 0.5, 0.5), [None, None, None], None),
    ],
)
def test_a_round_that_broke_the_floor_is_kept_and_not_carried_on(fidelities, parents, last):
    study = driven(*fidelities)

    rounds = Checkpoint.objects.order_by("round")
    assert [one.parent and one.parent.round for one in rounds] == parents
    used = {
        number: {c.rewrite.checkpoint_id for c in Candidate.objects.filter(purpose="train", round=number)}
        for number in range(3)
    }
    assert used == {number: {one.parent_id} for number, one in enumerate(rounds)}
    found = evaluated(study)
    assert (found and found.round) == last
    assert all(one.weights and one.curve for one in rounds)


@pytest.fixture
def source() -> Study:
    return once(driven, 0.9, 0.9, 0.5)


def begun(source: Study, name: str, methods=("original", "instruct"), **changed) -> Study:
    """A study of the same team and rewriter whose rewriting arms begin with that checkpoint."""
    study = factories.study(
        source.team,
        arms=methods,
        prompt_set=source.prompt_set,
        feedback_takes=1,
        evaluation_takes=1,
        listening_pairs=[],
    )
    for arm in study.arms.exclude(method="original"):
        arm.rewriter = source.arms.get(key="instruct_feedback").rewriter
        arm.parameters = {"checkpoint": name, **changed}
        arm.save()
    return study


def test_a_recipe_s_name_stands_for_the_study_that_was_made_from_it_with_the_same_seed(source):
    Study.objects.filter(pk=source.pk).update(recipe="main")
    other = driven(0.9, 0.9, 0.9, seed=7)
    Study.objects.filter(pk=other.pk).update(recipe="main", team=source.team)

    done = driver.drive(actions.launch(study=begun(source, "main/instruct_feedback"), by=None))

    assert evaluated(done, "instruct").origin == f"{source.slug}/instruct_feedback/2"


@pytest.mark.parametrize(("name", "number"), [("{}/instruct_feedback", 2), ("{}/instruct_feedback/1", 1)])
def test_an_arm_begins_with_what_another_study_tuned(source, name, number):
    study = driver.drive(actions.launch(study=begun(source, name.format(source.slug)), by=None))

    found = evaluated(study, "instruct")
    first = source.arms.get(key="instruct_feedback").checkpoints.get(round=number - 1)
    assert found.arm.study == study
    assert found.origin == f"{source.slug}/instruct_feedback/{number}"
    assert (found.weights, found.curve, found.ranked) == (first.weights, first.curve, first.ranked)


def test_every_method_that_rewrites_can(source):
    methods = ("instruct", "instruct_icl", "best_of_n", "instruct_feedback")
    study = begun(source, f"{source.slug}/instruct_feedback", methods)
    study.arms.filter(key="instruct_icl").update(parameters={"checkpoint": f"{source.slug}/instruct_feedback"})
    more = {"training_prompts": 3, "candidates": 3, "rounds": 2}
    study.arms.filter(key="instruct_feedback").update(
        parameters={"checkpoint": f"{source.slug}/instruct_feedback", **more}
    )

    study = driver.drive(actions.launch(study=study, by=None), outcome=kept(0.9))

    assert study.status == Study.Status.COMPLETE
    assert all(evaluated(study, key).origin for key in methods[:3])
    adopted, first, second = study.arms.get(key="instruct_feedback").checkpoints.order_by("round")
    assert (adopted.round, first.parent, second.parent) == (0, adopted, first)
    assert evaluated(study) == second
    used = Candidate.objects.filter(arm__study=study, arm__key="best_of_n", purpose="select")
    assert {candidate.rewrite.checkpoint.origin for candidate in used} == {f"{source.slug}/instruct_feedback/2"}


def test_the_study_that_tuned_it_may_be_deleted(source):
    study = driver.drive(actions.launch(study=begun(source, f"{source.slug}/instruct_feedback"), by=None))

    clear(actions.delete(study=source), older=timedelta(hours=-1))

    with evaluated(study, "instruct").weights.open() as file:
        assert file.read().startswith(b"weights of")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("no-such/instruct_feedback", "has no study 'no-such'"),
        ("{}/no-such", "with an arm 'no-such'"),
        ("{}/instruct_feedback/9", "no finished checkpoint of round 9"),
        ("{}/original", "no finished checkpoint of a round that held"),
        ("{}", "should match pattern"),
        ("{}/instruct_feedback/0", "should match pattern"),
    ],
)
def test_a_launch_refuses_what_is_not_there(source, name, said):
    study = begun(source, name.format(source.slug))

    with pytest.raises(StudyError) as refused:
        actions.launch(study=study, by=None)

    assert said in " ".join(refused.value.messages["arms.instruct.parameters"])


def test_a_launch_refuses_another_team_s_weights_and_those_of_another_rewriter(source):
    strange = begun(source, f"{source.slug}/instruct_feedback")
    strange.team = factories.team()
    strange.save()
    other = begun(source, f"{source.slug}/instruct_feedback")
    other.arms.filter(key="instruct").update(
        rewriter=factories.engine("rewriter", "transformers-causal", checkpoint="sandbox:rewriter-gpt2")
    )

    for study, said in ((strange, "has no study"), (other, "do not fit")):
        with pytest.raises(StudyError) as refused:
            actions.launch(study=study, by=None)
        assert said in " ".join(refused.value.messages["arms.instruct.parameters"])


def test_a_rewriter_with_other_settings_takes_the_same_weights(source):
    study = begun(source, f"{source.slug}/instruct_feedback")
    study.arms.filter(key="instruct").update(
        rewriter=factories.engine(
            "rewriter", "transformers-seq2seq", checkpoint="sandbox:rewriter-t5", parameters={"keep_terms": True}
        )
    )

    done = driver.drive(actions.launch(study=study, by=None))

    assert evaluated(done, "instruct").origin
    assert Arm.objects.get(study=done, key="instruct").stage == "finished"


def test_what_was_copied_is_the_arm_s_once(source):
    arm = begun(source, "").arms.get(key="instruct")

    tuned.adopt(arm, f"{source.slug}/instruct_feedback/1")

    assert tuned.carried_on(arm).origin == f"{source.slug}/instruct_feedback/1"
