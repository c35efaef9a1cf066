"""Facts that belong together are held together by the database."""

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from listening.actions.take_trial import take_trial
from listening.models import Playback, Presentation, Session, Stimulus, Vote
from tests.listening.raters import NOW, consented, serve, take_and_vote


def refused(queryset, constraint: str, **values) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        queryset.update(**values)


def again(row, constraint: str, **changes) -> None:
    row.pk = None
    for name, value in changes.items():
        setattr(row, name, value)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        row.save(force_insert=True)


def test_the_same_clips_are_one_trial_of_a_question(study):
    again(study.trials.first(), "one_trial_a_content")


def test_a_trial_holds_a_sound_once(study):
    first, second = study.trials.first().stimuli.all()
    refused(Stimulus.objects.filter(pk=second.pk), "one_stimulus_a_sound", clip=first.clip)


def test_a_trial_holds_an_arm_once(study):
    first, second = study.trials.first().stimuli.all()
    refused(Stimulus.objects.filter(pk=second.pk), "one_stimulus_an_arm", arm=first.arm)


def test_what_stands_for_an_arm_is_untouched(study):
    refused(Stimulus.objects.all(), "stimulus_of_an_arm_is_untouched", treatment="degrade-4")


@pytest.mark.parametrize("values", [{"votes_needed": 0}, {"votes_needed": None}, {"kind": "trap"}])
def test_a_trial_of_the_study_needs_votes_and_no_other_does(study, values):
    refused(study.trials.all(), "trial_of_the_study_needs_votes", **values)


def test_a_rater_has_one_session_in_a_study(study):
    again(consented(study), "one_session_a_rater_and_study", token="other")


@pytest.mark.parametrize(
    "values",
    [
        {"state": "complete"},
        {"state": "left", "finished_at": timezone.now()},
        {"state": "complete", "completion_code": "CODE"},
        {"completion_code": "CODE"},
        {"finished_at": timezone.now()},
    ],
)
def test_a_session_has_a_code_and_a_time_exactly_when_it_has_ended(study, values):
    session = consented(study)
    refused(Session.objects.filter(pk=session.pk), "session_end_has_a_time_and_a_code", **values)


def test_a_session_meets_a_trial_once(study):
    row = take_and_vote(consented(study)).presentation
    again(row, "one_presentation_a_session_and_trial", token="t")


def test_every_clip_has_an_address_of_its_own(study):
    one, other = take_trial(session=consented(study), now=NOW).playbacks.all()
    refused(Playback.objects.filter(pk=one.pk), "token", token=other.token)


def test_a_letter_is_one_clip_and_a_clip_one_letter(study):
    one, other = take_trial(session=consented(study), now=NOW).playbacks.all()
    refused(Playback.objects.filter(pk=one.pk), "one_playback_a_letter", letter=other.letter)
    refused(Playback.objects.filter(pk=one.pk), "one_playback_a_stimulus", stimulus=other.stimulus)


@pytest.mark.parametrize("unheard", ["served", "heard"])
def test_nothing_is_answered_unheard(study, unheard):
    row = take_trial(session=consented(study), now=NOW)
    serve(row)
    refused(row.playbacks.all(), "playback_answered_was_heard", **{"heard": 1.0, "value": 0.5, unheard: 0})


@pytest.mark.parametrize("state", ["voted", "surplus"])
def test_nothing_is_voted_on_that_was_not_sent(study, state):
    row = take_trial(session=consented(study), now=NOW)
    refused(Presentation.objects.filter(pk=row.pk), "presentation_voted_was_served", state=state)


def test_nobody_hears_less_than_nothing(study):
    row = take_trial(session=consented(study), now=NOW)
    refused(row.playbacks.all(), "playback_heard_is_not_negative", heard=-1.0)


def test_a_presentation_has_one_vote(study):
    again(take_and_vote(consented(study)), "listening_vote_presentation_id_key")


@pytest.mark.parametrize(
    ("choice", "values"),
    [("a", {"choice": "tie"}), ("b", {"choice": "rated"}), ("a", {"choice": "bad"}), ("a", {"passed": True})],
)
def test_only_a_vote_for_one_of_the_clips_has_a_winner(study, choice, values):
    stored = take_and_vote(consented(study), choice)
    refused(Vote.objects.filter(pk=stored.pk), "vote_that_has_a_winner_chose_it", **values)
