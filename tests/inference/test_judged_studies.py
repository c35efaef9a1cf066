"""The whole way in the sandbox: clips, votes, a judge that agrees with its raters, and another study that it scores."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from django.db import transaction

from inference import serving, tasks
from inference.judging import folds, weights
from inference.sandbox.vocabulary import shipped_prompts
from listening.actions.open_trials import open_trials
from listening.actions.train_judge import train_judge
from listening.actions.use_judge import use_judge
from listening.listeners import opinionated
from listening.simulation import simulate
from prompts.models import Prompt, PromptSet
from studies import actions, recipes, validation
from studies.models import ClipEmbedding, Score, Study, StudyJudge, TextEmbedding
from tests import factories

pytestmark = pytest.mark.django_db
PROMPTS, EACH, LEARNED = 45, 3, 300  # prompts, votes a pair, and votes that a judge may learn from
ARMS = ("original", "instruct", "instruct_icl")
PAIRS = [["instruct", "original"], ["instruct_icl", "original"], ["instruct_icl", "instruct"]]


@pytest.fixture(scope="module")
def judge(django_db_setup, django_db_blocker) -> Iterator[StudyJudge]:
    """Of a study that was made and voted on once, for all tests here."""
    with django_db_blocker.unblock(), transaction.atomic():
        factories.same_keys()
        yield train_judge(study=voted(), by=None)
        transaction.set_rollback(True)


def voted() -> Study:
    """Real clips of real rewrites, heard by raters who have a taste beside what was asked for."""
    recipe, prompts = recipes.load("sandbox"), shipped("test", PROMPTS)
    heard = {"pairs": PAIRS, "prompts": PROMPTS, "votes_per_trial": EACH}
    changed = {"arms": [arm for arm in recipe.arms if arm.key in ARMS], "evaluation_takes": 1, "control_prompts": 0}
    listening = recipes.Listening(**heard, trials_per_session=PROMPTS)
    recipe = recipe.model_copy(update={**changed, "seconds": 2.0, "listening": listening})
    study = actions.create_study(recipe=recipe, slug="voted", team=prompts.team, prompt_set=prompts, by=None)
    study = worked(factories.bare(study))
    open_trials(study=study)
    given = simulate(study=study, raters=20, seed=1, listener=opinionated())
    assert given == EACH * study.trials.filter(kind="study").count() > LEARNED
    return study


def shipped(split: str, n: int) -> PromptSet:
    prompts = factories.prompt_set(test=0, train=0, expert=0)
    rows = [row for row in shipped_prompts() if (row["kind"], row["split"]) == ("open", split)][:n]
    rows += [row for row in shipped_prompts() if (row["kind"], row["split"]) == ("expert", "train")][:10]
    Prompt.objects.bulk_create(
        Prompt(prompt_set=prompts, position=at, text=row["text"], kind=row["kind"], split=row["split"])
        for at, row in enumerate(rows)
    )
    return prompts


def worked(study: Study) -> Study:
    study = actions.launch(study=study, by=None)
    while tasks.one_batch() is not None:
        pass
    study = Study.objects.get(pk=study.pk)
    assert study.status == Study.Status.COMPLETE, study.status_reason
    return study


def test_three_hundred_votes_teach_it_what_clap_does_not_hear(judge):
    """Held-out votes are all those on other prompts than the judge has learned from."""
    told = judge.measured

    (learned,) = [point for point in told["curve"] if point["votes"] == LEARNED]
    assert learned["value"] >= told["clap"]["correlation"] + 0.15
    assert told["gain"] >= 0.15 and told["gain_interval"][0] > 0
    assert told["judge"]["log_loss"] < told["clap"]["log_loss"]
    assert told["judge"]["error"] < 0.12


def test_its_agreement_grows_with_votes(judge):
    points = judge.measured["curve"]

    assert len(points) > 4
    assert points[-1]["value"] > points[0]["value"] + 0.05


def test_another_study_is_scored_by_it_out_of_fold_and_warned_where_it_teaches(judge):
    spec = use_judge(judge=judge, by=None)
    again = judge.study.prompt_set
    study = factories.study(
        arms=("original",), prompt_set=again, seconds=1.0, evaluation_takes=1, evaluation_scorer=spec, seed=7
    )
    study = worked(study)

    scores = Score.objects.filter(scorer=spec, state="done").select_related("clip")
    assert scores.count() == PROMPTS
    with judge.weights.open() as file:
        heads = weights.from_bytes(file.read())
    for score in scores:
        text = np.asarray(TextEmbedding.objects.get(scorer=spec, text=score.reference).vector, float)
        clip = np.asarray(ClipEmbedding.objects.get(scorer=spec, clip=score.clip).vector, float)
        head = heads.folds[heads.learned[folds.mark(score.reference)]]
        assert score.value == pytest.approx(head.unit * head.utility([text[None]], [clip[None]])[0], abs=1e-5)
        assert score.preprocessing == serving.engine_of(spec).fingerprint()
    assert not validation.warnings(study).get("feedback_scorer")

    study.feedback_scorer = spec
    assert "their votes cannot judge it" in validation.warnings(study)["feedback_scorer"][0]
