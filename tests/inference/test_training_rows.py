"""A checkpoint row as a worker serves it: validated with the study's own engines after each epoch."""

import pytest

from inference.serving import training
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
