"""A checkpoint row as a worker serves it: validated with the study's own engines after each epoch."""

from itertools import combinations

import pytest

from inference.held_out import HeldOut
from inference.serving import engine_of, training
from studies import arms
from studies.actions.stages import training_prompts, validation_prompts
from studies.errors import StudyError
from studies.models import Checkpoint
from studies.models.work import identity_of
from studies.validation import check
from tests import factories

pytestmark = pytest.mark.django_db
RANKED = {
    "text": "sad church music",
    "exemplars": [],
    "candidates": ["sad church music, organ, slow tempo, minor chords, echoing", "sad church music, rich sound"],
    "scores": [0.5, 0.1],
    "fidelity": [1.0, 1.0],
}


@pytest.fixture
def study():
    prompts = factories.prompt_set(train=3)
    for number, text in enumerate(("calm lake at night", "robot factory"), start=1):
        prompts.prompts.create(position=100 + number, text=text, kind="open", split="validation")
    return factories.study(arms=("original", "instruct_feedback"), prompt_set=prompts, seconds=1.0)


def row(study, validated: int = 2, **parameters) -> Checkpoint:
    arm = study.arms.get(method="instruct_feedback")
    parameters = {"epochs": 2, "fidelity": "chrf", **parameters}
    return Checkpoint.objects.create(
        identity=identity_of(**parameters),
        arm=arm,
        rewriter=arm.rewriter,
        parameters=parameters,
        ranked=[RANKED],
        validation=validation_prompts(study, validated),
    )


def test_each_epoch_is_validated_by_clap_and_fidelity(study):
    made = row(study)
    (outcome,) = training([made])

    curve = outcome.values["curve"]
    assert [entry["epoch"] for entry in curve] == [0, 1, 2]
    assert all(-1 <= entry["clap"] <= 1 and 0 < entry["fidelity"] <= 1 for entry in curve)
    assert all(len(entry["rewrites"]) == 2 for entry in curve)
    assert sum(entry.get("kept", False) for entry in curve) == 1
    assert training([made])[0].values["curve"] == curve  # the same row again is the same curve


def test_the_order_of_held_out_candidates_is_compared_with_feedbacks(study):
    made = row(study, epochs=1, validation_prompts=2, held_out_candidates=3)
    (outcome,) = training([made])

    before, after = outcome.values["curve"]
    for name in ("held_out_ranking", "held_out_ranking_a_token"):
        assert 0 <= before[name] <= 1 and 0 <= after[name] <= 1
    # The same by hand, of the rewriter before training.
    rewriter, held = engine_of(made.rewriter), HeldOut(study, made.validation, 3, engine_of)
    assert held.entry(rewriter, 0.0)["held_out_ranking"] == pytest.approx(before["held_out_ranking"])
    rightly = []
    for prompt in held.ranked:
        if prompt.fault(0.0):  # a prompt whose candidates are all alike orders nothing
            continue
        sums, _ = rewriter.token_log_likelihoods(prompt.request, prompt.candidates)
        pairs = [(i, j) for i, j in combinations(range(len(sums)), 2) if prompt.scores[i] > prompt.scores[j]]
        rightly.append(sum(bool(sums[i] > sums[j]) for i, j in pairs) / len(pairs))
    assert before["held_out_ranking"] == pytest.approx(sum(rightly) / len(rightly))


@pytest.mark.parametrize("wrong", [{"held_out_candidates": 3}, {"held_out_candidates": 1, "validation_prompts": 2}])
def test_candidates_that_cannot_be_held_out_are_refused(wrong):
    assert "held_out_candidates" in arms.faults("instruct_feedback", {"training": wrong})[0]


def test_validation_prompts_are_those_of_their_split_with_seeds_of_their_own(study):
    drawn = validation_prompts(study, 2)

    assert {prompt["text"] for prompt in drawn} == {"calm lake at night", "robot factory"}
    assert len({prompt["seed"] for prompt in drawn}) == 2
    assert not {p.text for p in training_prompts(study, 3)} & {prompt["text"] for prompt in drawn}


@pytest.mark.parametrize(
    ("split", "wanted", "message"), [("test", 3, "split has 2 open"), ("validation", 1, "may not choose epochs")]
)
def test_a_launch_refuses_validation_that_cannot_be(study, split, wanted, message):
    study.arms.filter(method="instruct_feedback").update(
        parameters={"training_prompts": 3, "training": {"validation_prompts": wanted}}
    )
    study.evaluation_split = split
    study.save()

    with pytest.raises(StudyError) as refusal:
        check(study)
    assert message in str(refusal.value.messages["arms.instruct_feedback.parameters"])
