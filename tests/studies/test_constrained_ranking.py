"""Arms that rank under a floor of fidelity: what is taught, what is chosen, and what is asked of the scorer for it."""

import pytest

from studies import actions, design
from studies.actions import Outcome
from studies.fidelity import cosine, kept_terms
from studies.models import Checkpoint, Score, Study, TextEmbedding
from tests import factories
from tests.studies import driver

pytestmark = pytest.mark.django_db
FLOOR = {"floor": 0.9}


def dropping(kind, row) -> Outcome:
    """A rewriter that loses a word now and then, for which the teacher gives more than for any other text."""
    if kind == "rewrite" and driver.number(row.source, row.seed) > 0.4:
        return Outcome(row.pk, {"text": f"{row.source.replace('workout', '').replace('church', '')} {row.seed}"})
    if kind == "score" and kept_terms(row.reference, row.clip.text) < 1:
        return Outcome(row.pk, {"value": 1 + driver.number(row.clip.identity)})
    return driver.outcome(kind, row)


def driven(method: str, **parameters) -> Study:
    study = factories.study(arms=("original", method), feedback_takes=1, evaluation_takes=1)
    study.arms.filter(key=method).update(parameters=parameters)
    done = driver.drive(actions.launch(study=study, by=None), outcome=dropping)
    assert done.status == Study.Status.COMPLETE
    return done


@pytest.mark.parametrize(("constraint", "whole"), [(None, False), (FLOOR, True), (FLOOR | {"weight": 50}, True)])
def test_the_best_of_n_is_one_that_holds_the_floor(constraint, whole):
    study = driven("best_of_n", n=6, constraint=constraint)

    chosen = study.arms.get(key="best_of_n").candidates.filter(purpose="evaluate")
    kept = [kept_terms(*texts) for texts in chosen.values_list("prompt__text", "rewrite__text")]

    assert len(kept) == 4
    assert all(share == 1 for share in kept) == whole


def test_a_checkpoint_is_given_the_scores_as_they_are_and_the_floor_beside_them():
    driven("instruct_feedback", training_prompts=3, candidates=6, training={"constraint": FLOOR})

    made = Checkpoint.objects.get()

    assert made.parameters["constraint"] == {"floor": 0.9, "weight": None}
    for ranked in made.ranked:
        assert ranked["scores"] == sorted(ranked["scores"], reverse=True)
        assert ranked["fidelity"] == [kept_terms(ranked["text"], text) for text in ranked["candidates"]]
    assert min(share for ranked in made.ranked for share in ranked["fidelity"]) < 0.9


@pytest.mark.parametrize(
    ("method", "parameters"),
    [
        ("best_of_n", {"n": 3, "fidelity": "text_cosine", "constraint": FLOOR}),
        ("instruct_feedback", {"training_prompts": 3, "candidates": 3, "training": {"fidelity": "text_cosine"}}),
    ],
)
def test_a_floor_of_cosine_is_that_of_the_teachers_embeddings(method, parameters, monkeypatch):
    """The driver answers with scores alone; a worker brings the embeddings of their texts along."""

    def embedded(kind, row):
        if kind == "score":
            TextEmbedding.objects.get_or_create(
                scorer=row.scorer,
                text=row.reference,
                defaults={
                    "identity": f"{row.scorer_id} {row.reference}",
                    "state": "done",
                    "vector": [driver.number(row.reference, i) for i in range(4)],
                },
            )
        return driver.outcome(kind, row)

    study = factories.study(arms=("original", method), feedback_takes=1, evaluation_takes=1)
    study.arms.filter(key=method).update(parameters=parameters)
    planned = design.of_study(study).scores(design.plan_of(study.arms.get(key=method)), "candidates")
    done = driver.drive(actions.launch(study=study, by=None), outcome=embedded)
    assert done.status == Study.Status.COMPLETE

    candidate = done.arms.get(key=method).candidates.exclude(purpose="evaluate").exclude(index=0).first()
    asked = Score.objects.filter(clip__renderings__candidate=candidate, scorer=study.feedback_scorer)
    assert set(asked.values_list("reference", flat=True)) >= {candidate.prompt.text, candidate.rewrite.text}
    assert planned == 2
    for ranked in Checkpoint.objects.values_list("ranked", flat=True).iterator():
        for prompt in ranked:
            found = [cosine(_vector(prompt["text"]), _vector(text)) for text in prompt["candidates"]]
            assert prompt["fidelity"] == pytest.approx(found)


def _vector(text: str) -> list[float]:
    return [driver.number(text, i) for i in range(4)]


def test_without_a_cosine_no_rewrite_is_embedded_to_be_ranked():
    study = driven("best_of_n", n=3, constraint=FLOOR)

    ranked = Score.objects.filter(clip__renderings__candidate__purpose="select", scorer=study.feedback_scorer)

    assert set(ranked.values_list("reference", flat=True)) <= set(
        study.prompt_set.prompts.values_list("text", flat=True)
    )


@pytest.mark.parametrize(
    "constraint", [{"floor": 2}, {"weight": 1}, {"floor": 0.5, "weight": 0}, {"floor": 0.5, "x": 1}]
)
def test_a_constraint_that_makes_no_sense_is_named(constraint):
    from studies import arms

    (line, *_) = arms.faults("best_of_n", {"constraint": constraint})

    assert line.startswith("constraint.")
