"""Arms that rank under a floor of fidelity: what is taught, what is chosen, and what is asked of the scorer for it."""

import pytest

from studies import actions
from studies.actions import Outcome
from studies.fidelity import cosine, kept_terms
from studies.models import WORK, Checkpoint, Score, Study, TextEmbedding
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


def embedded(kind, row) -> Outcome:
    """Each scorer reads a text in its own way."""
    if kind == "embedding":
        return Outcome(row.pk, {"vector": vector(row.scorer, row.text)})
    return driver.outcome(kind, row)


def vector(scorer, text: str) -> list[float]:
    return [driver.number(scorer.slug, text, at) for at in range(4)]


READERS = [("text_cosine", "feedback_scorer"), ("judged_cosine", "evaluation_scorer")]


def read(method: str, **parameters) -> Study:
    study = factories.study(arms=("original", method), feedback_takes=1, evaluation_takes=1)
    study.arms.filter(key=method).update(parameters=parameters)
    done = driver.drive(actions.launch(study=study, by=None), outcome=embedded)
    assert done.status == Study.Status.COMPLETE
    heard = Score.objects.filter(
        clip__renderings__candidate__in=study.arms.get(key=method).candidates.exclude(purpose="evaluate")
    )
    assert set(heard.values_list("scorer", flat=True)) == {study.feedback_scorer_id}  # the other one reads texts alone
    return done


@pytest.mark.parametrize(("measure", "reader"), READERS)
def test_the_best_of_n_is_held_to_the_cosine_of_the_scorer_that_its_measure_names(measure, reader):
    study = read("best_of_n", n=4, fidelity=measure, constraint={"floor": 1.0, "weight": 10_000})
    scorer, arm = getattr(study, reader), study.arms.get(key="best_of_n")

    for best in arm.candidates.filter(purpose="evaluate"):
        texts = arm.candidates.filter(prompt=best.prompt, purpose="select").values_list("rewrite__text", flat=True)
        kept = {text: cosine(vector(scorer, best.prompt.text), vector(scorer, text)) for text in texts}
        assert best.rewrite.text == max(kept, key=kept.__getitem__)


@pytest.mark.parametrize(("measure", "reader"), READERS)
def test_a_checkpoint_is_given_the_cosine_of_the_scorer_that_its_measure_names(measure, reader):
    study = read("instruct_feedback", training_prompts=3, candidates=4, training={"fidelity": measure})
    scorer = getattr(study, reader)

    for ranked in Checkpoint.objects.get().ranked:
        found = [cosine(vector(scorer, ranked["text"]), vector(scorer, text)) for text in ranked["candidates"]]
        assert ranked["fidelity"] == pytest.approx(found)


def test_without_a_cosine_no_text_is_embedded_to_be_ranked():
    driven("best_of_n", n=3, constraint=FLOOR)

    assert not TextEmbedding.objects.exists()


def test_candidates_are_not_ranked_before_their_texts_are_read():
    """Whatever the order in which workers serve: here the last kind that they look for."""
    study = factories.study(arms=("original", "best_of_n"), feedback_takes=1, evaluation_takes=1)
    study.arms.filter(key="best_of_n").update(
        parameters={"n": 4, "fidelity": "judged_cosine", "constraint": {"floor": 1.0}}
    )
    study = actions.launch(study=study, by=None)
    late = tuple(kind for kind in WORK if kind != "embedding")

    driver.drive(study, outcome=embedded, kinds=late)

    arm = study.arms.get(key="best_of_n")
    assert arm.stage == "candidates"
    assert driver.drive(study, outcome=embedded).status == Study.Status.COMPLETE
    assert arm.candidates.filter(purpose="evaluate").count() == 4


def test_texts_that_an_older_release_did_not_read_are_read_before_the_ranking():
    study = factories.study(arms=("original", "best_of_n"), feedback_takes=1, evaluation_takes=1)
    study.arms.filter(key="best_of_n").update(
        parameters={"n": 4, "fidelity": "text_cosine", "constraint": {"floor": 1.0, "weight": 10_000}}
    )
    study = actions.launch(study=study, by=None)
    driver.drive(study, outcome=embedded, kinds=("rewrite", "clip"))
    TextEmbedding.objects.all().delete()

    assert driver.drive(study, outcome=embedded).status == Study.Status.COMPLETE

    arm = study.arms.get(key="best_of_n")
    ranked = arm.candidates.filter(purpose="select")
    known = set(TextEmbedding.objects.filter(state="done").values_list("text", flat=True))
    assert known == {text for pair in ranked.values_list("prompt__text", "rewrite__text") for text in pair}
    for best in arm.candidates.filter(purpose="evaluate"):
        texts = ranked.filter(prompt=best.prompt).values_list("rewrite__text", flat=True)
        wanted = vector(study.feedback_scorer, best.prompt.text)
        assert best.rewrite.text == max(texts, key=lambda text: cosine(wanted, vector(study.feedback_scorer, text)))


@pytest.mark.parametrize(
    "constraint", [{"floor": 2}, {"weight": 1}, {"floor": 0.5, "weight": 0}, {"floor": 0.5, "x": 1}]
)
def test_a_constraint_that_makes_no_sense_is_named(constraint):
    from studies import arms

    (line, *_) = arms.faults("best_of_n", {"constraint": constraint})

    assert line.startswith("constraint.")
