"""A study's own votes train its judge: which of them, in which folds, and what becomes of it."""

from __future__ import annotations

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from inference.judging import folds, weights
from listening import simulation
from listening.actions.keep_judges import keep_judges
from listening.actions.open_trials import open_trials
from listening.actions.train_judge import train_judge
from listening.actions.use_judge import use_judge
from listening.judging import choosing
from listening.judging.material import gather
from listening.listeners import careful, opinionated
from listening.models import Session
from studies import clearing, clock
from studies.errors import StudyError
from studies.models import Clip, ClipEmbedding, EngineSpec, Study, StudyJudge, TextEmbedding
from studies.storage import files
from tests import factories
from tests.listening.raters import consented, take_and_vote
from tests.once import once

pytestmark = pytest.mark.django_db
PROMPTS, DIM = 8, 5


@pytest.fixture
def study() -> Study:
    return once(compared)


def compared() -> Study:
    """Each prompt's two clips were compared six times by simulated raters, who like what one arm makes."""
    made = factories.study(
        prompt_set=factories.prompt_set(test=PROMPTS),
        votes_per_trial=6,
        trials_per_session=8,
        listening_prompts=PROMPTS,
    )
    made = factories.complete(made, values={"original": 0.3, "instruct": 0.5})
    embed(made, made.evaluation_scorer)
    open_trials(study=made)
    simulation.simulate(study=made, raters=6, seed=1)
    return Study.objects.get(pk=made.pk)


def embed(study: Study, scorer: EngineSpec) -> None:
    chance = np.random.default_rng(3)
    for clip in Clip.objects.order_by("pk"):
        ClipEmbedding.objects.create(clip=clip, scorer=scorer, vector=unit(chance.normal(size=DIM)))
    for prompt in study.prompt_set.prompts.order_by("position"):
        TextEmbedding.objects.create(
            identity=f"{scorer.pk} {prompt.pk}", scorer=scorer, text=prompt.text, state="done",
            vector=unit(chance.normal(size=DIM)),
        )  # fmt: skip


def unit(vector: np.ndarray) -> np.ndarray:
    return vector / np.linalg.norm(vector)


def test_a_judge_says_what_it_learned_from_and_how_it_does(study):
    judge = train_judge(study=study, by=None, courses=False)

    assert judge.simulated and judge.measured["votes"] == 6 * PROMPTS == sum(judge.material["outcomes"])
    assert len(judge.material["votes"]) == 6 * PROMPTS and set(judge.material["fold"].values()) == set(range(5))
    assert judge.scorers[0]["checkpoint"] == "sandbox:clap-judge"
    assert set(judge.measured["judge"]) == set(judge.measured["clap"]) == {
        "correlation", "log_loss", "brier", "error", "right"
    }  # fmt: skip
    assert study.events.first().text == f"A judge was trained on {6 * PROMPTS} votes of simulated raters."


def test_the_same_votes_make_the_same_judge(study):
    first, second = (train_judge(study=study, by=None, courses=False) for _ in range(2))

    assert first.weights.name == second.weights.name
    assert first.material["digest"] == second.material["digest"]
    assert train_judge(study=study, by=None, courses=False, seed=2).weights.name != first.weights.name


def test_every_text_that_was_voted_on_is_known_with_its_fold(study):
    judge = train_judge(study=study, by=None, courses=False)
    with judge.weights.open() as file:
        heads = weights.from_bytes(file.read())

    for prompt in study.prompt_set.prompts.filter(split="test"):
        fold = judge.material["fold"][str(prompt.pk)]
        told = Clip.objects.filter(renderings__candidate__prompt=prompt).values_list("text", flat=True)
        assert {heads.learned[folds.mark(text)] for text in (prompt.text, *told)} == {fold}


def test_people_come_before_programs_and_unused_sessions_count_for_nothing(study):
    assert gather(study, [study.evaluation_scorer], 1).simulated
    sessions = [consented(study) for _ in range(4)]
    for session in sessions:
        while take_and_vote(session):
            pass

    found = gather(study, [study.evaluation_scorer], 1)
    assert not found.simulated and len(found.votes) == 4 * PROMPTS

    Session.objects.filter(pk=sessions[0].pk).update(used=False)
    assert len(gather(study, [study.evaluation_scorer], 1).votes) == 3 * PROMPTS


def test_too_few_votes_and_scorers_that_have_heard_nothing_are_refused(study):
    with pytest.raises(StudyError, match="has heard no two clips"):
        train_judge(study=study, by=None, scorers=[study.feedback_scorer])
    with pytest.raises(StudyError, match="gives no embeddings of its own"):
        train_judge(study=study, by=None, scorers=[study.oracle])
    study.rater_sessions.all().delete()
    with pytest.raises(StudyError, match="0 votes on 0 prompts"):
        train_judge(study=study, by=None)


def test_prompts_that_all_share_a_text_cannot_be_held_out(study):
    Clip.objects.update(text="the same words for every prompt")

    with pytest.raises(StudyError, match="none could be held out"):
        train_judge(study=study, by=None)


def test_it_becomes_a_scorer_that_names_no_study_and_its_weights_stay_while_it_is_there(study):
    judge = train_judge(study=study, by=None, courses=False)
    spec = use_judge(judge=judge, by=None)

    assert spec == use_judge(judge=judge, by=None) == StudyJudge.objects.get().spec
    assert spec.engine == "study-judge" and spec.checkpoint == judge.weights.name
    assert study.name not in spec.name and study.slug not in spec.slug
    assert spec.hears_like(study.evaluation_scorer) and not spec.hears_like(study.feedback_scorer)
    judge.delete()
    clearing.clear([spec.checkpoint], older=clock.now() - clock.now())
    assert files().exists(spec.checkpoint)
    spec.delete()
    clearing.clear([spec.checkpoint], older=clock.now() - clock.now())
    assert not files().exists(spec.checkpoint)


def test_trials_are_given_out_by_what_they_teach_the_judge(study):
    factories.bare(study, design="judge")
    judge = train_judge(study=study, by=None, courses=False)
    trials = list(study.trials.order_by("pk").values_list("pk", flat=True))
    assert set(judge.material["worth"]) == set(map(str, trials))
    taught = {str(trial): 0.0 for trial in trials} | {str(trials[3]): 1.0}
    StudyJudge.objects.update(material={**judge.material, "worth": taught})

    session, first = consented(study), []
    for number in range(60):
        session.token = f"rater {number}"
        order = choosing.drawn(session, trials)
        assert {trial for one in order for trial in one} == set(trials)
        first.append(next(iter(order[0])))

    assert first.count(trials[3]) > 40  # four fifths of the draws, and its share of those that do not look
    assert len(set(first)) > 3


def test_a_study_by_its_judge_is_trained_again_when_votes_have_come_in(study):
    assert keep_judges() == 0  # its design asks for no judge
    factories.bare(study, design="judge")

    assert [keep_judges(), keep_judges()] == [1, 0]
    judge = StudyJudge.objects.get()
    StudyJudge.objects.update(measured={**judge.measured, "votes": 20})
    assert keep_judges() == 1


def test_the_command_trains_and_tells(study, capsys):
    call_command("train_judge", study.slug, "--use")

    said = capsys.readouterr().out
    assert f"{6 * PROMPTS} votes on {PROMPTS} pairs of {PROMPTS} prompts." in said
    assert EngineSpec.objects.get(engine="study-judge").slug in said
    assert len(StudyJudge.objects.get().measured["curve"]) > 1
    for wrong in (["nowhere"], [study.slug, "--scorer", "nobody"], [study.slug, "--scorer", study.oracle.slug]):
        with pytest.raises(CommandError):
            call_command("train_judge", *wrong)


def test_what_a_judge_would_gain_is_measured_and_nothing_of_it_is_kept(study, capsys):
    before = (Session.objects.count(), study.trials.count(), study.votes_per_trial)

    call_command("measure_judge", study.slug, "--seeds", "1", "--prompts", "6", "--votes-per-trial", "4", "--choosing")

    rows = capsys.readouterr().out.splitlines()
    assert [row.split("|")[1].strip() for row in rows if "[" in row] == ["careful", "opinionated"]
    assert sum("by what they teach" in row for row in rows) == 2
    study.refresh_from_db()
    assert (Session.objects.count(), study.trials.count(), study.votes_per_trial) == before
    assert not StudyJudge.objects.exists()


def test_an_opinionated_listener_likes_some_sounds_whatever_was_asked_for():
    truth = {"harmony": "dissonant", "space": "echoing"}

    assert opinionated().feels(0.8, truth) == pytest.approx(0.8 + 0.5 * (-1.0 + 0.5))
    assert careful().feels(0.8, truth) == 0.8
