"""What each question's trials are made of, and the practice, traps and gold beside them."""

from collections import Counter

import pytest

from listening.actions.open_trials import open_trials
from listening.actions.take_trial import take_trial, upcoming
from listening.models import Question, Stimulus, Trial
from listening.past import past_of
from studies.models import Clip
from tests import factories
from tests.listening.raters import NOW, answer, consented, serve, take_and_vote

FOUR = ("original", "instruct", "instruct_icl", "best_of_n")
FIVE = (*FOUR, "instruct_feedback")


def asked(kind: str, arms=FOUR, prompts: int = 8, **test):
    """A complete study whose raters are asked one question about these arms."""
    pairs = [[arms[0], arm] for arm in arms[1:]]
    made = factories.study(prompt_set=factories.prompt_set(test=prompts), arms=arms, listening_pairs=pairs)
    study = factories.bare(factories.complete(made), **test)
    study.listening_questions.update(kind=kind)
    Clip.objects.update(samples=3 * 16_000)  # long enough for a voice
    open_trials(study=study)
    return study


def of(study, kind: str) -> list[Trial]:
    return list(study.trials.filter(kind=kind))


@pytest.mark.parametrize(
    ("kind", "arms", "trials", "clips"),
    [
        ("preference", FOUR, 24, 2),
        ("cmos", FOUR, 24, 2),
        ("relevance", FOUR, 32, 1),
        ("quality", FOUR, 32, 1),
        ("mushra", FIVE, 8, 5),
        ("best_worst", FOUR, 8, 4),
        ("best_worst", FIVE, 8, 4),
        ("best_worst", FOUR[:3], 0, 0),
    ],
)
def test_each_question_has_its_own_screens(db, kind, arms, trials, clips):
    study = asked(kind, arms)

    made = of(study, "study")

    assert len(made) == trials
    assert {trial.stimuli.count() for trial in made} <= {clips}
    assert all(len(set(trial.stimuli.values_list("arm", flat=True))) == clips for trial in made)


def test_fours_of_five_arms_take_turns(db):
    study = asked("best_worst", FIVE, prompts=30)

    fours = Counter(trial.arms for trial in of(study, "study"))

    assert len(fours) == 5
    assert sum(fours.values()) == 20  # the study's limit of prompts


@pytest.mark.parametrize("kind", Question.Kind.values)
def test_practice_traps_and_gold_are_made_of_the_studys_clips(db, kind):
    study = asked(kind, practice_trials=5, traps_per_ten=1, gold_per_ten=1)

    levels = [
        sorted(t.stimuli.exclude(treatment="").values_list("treatment", flat=True)) for t in of(study, "practice")
    ]
    assert levels == [["degrade-4"], ["degrade-3"], ["degrade-2"], ["degrade-1"], []]
    for trial in of(study, "trap"):
        assert [one.treatment[:4] for one in trial.stimuli.all() if one.treatment] == ["say-"]
    for trial in of(study, "gold"):
        assert trial.stimuli.filter(treatment__in=["degrade-4", "noise"]).count() == 1
    assert 4 <= len(of(study, "trap")) <= 10 and 4 <= len(of(study, "gold")) <= 10
    assert not Stimulus.objects.filter(trial__study=study, arm__isnull=False).exclude(trial__kind="study").exists()


def test_screens_of_a_question_have_the_same_number_of_clips_whatever_they_are_for(db):
    for kind in Question.Kind.values:
        study = asked(kind, practice_trials=5, traps_per_ten=1, gold_per_ten=1)
        assert len({trial.stimuli.count() for trial in study.trials.all()}) == 1


def test_clips_that_are_too_short_for_a_voice_have_no_traps(db):
    study = asked("preference", traps_per_ten=1)
    study.trials.all().delete()
    Clip.objects.update(samples=8_000)

    open_trials(study=study)

    assert of(study, "study") and not of(study, "trap")


def test_a_session_goes_through_practice_then_trials_with_their_checks(db):
    study = asked("preference", practice_trials=3, traps_per_ten=1, gold_per_ten=1)
    Clip.objects.update(samples=16_000)
    session = consented(study)

    kinds = []
    while vote := take_and_vote(session):
        kinds.append(vote.presentation.trial.kind)

    assert kinds[:3] == ["practice"] * 3
    assert Counter(kinds[3:]) == {"study": 10, "trap": 1, "gold": 1} or Counter(kinds[3:])["study"] == 10
    assert upcoming(session, past_of(session)) == []
    session.refresh_from_db()
    assert session.state == "complete"


def test_practice_and_checks_take_no_votes(db):
    study = asked("preference", practice_trials=5, traps_per_ten=2, gold_per_ten=2)
    Clip.objects.update(samples=16_000)
    session = consented(study)
    while take_and_vote(session):
        pass

    assert sum(trial.votes_people for trial in of(study, "study")) == study.trials_per_session
    assert not study.trials.exclude(kind="study").filter(votes_people__gt=0).exists()


def test_the_answer_to_a_check_is_stored_with_whether_it_was_passed(db):
    study = asked("preference", gold_per_ten=4)
    Clip.objects.update(samples=16_000)
    session = consented(study)
    while (shown := take_trial(session=session, now=NOW)).trial.kind != "gold":
        serve(shown)
        answer(shown, session=session)
    serve(shown)
    degraded = shown.playbacks.exclude(stimulus__treatment="").get().letter

    vote = answer(shown, degraded, session=session)

    assert vote.passed is False
    assert vote.winner is None
