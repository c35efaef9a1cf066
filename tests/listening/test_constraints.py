"""Facts that belong together are held together by the database."""

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from listening.actions.take_trial import take_trial
from listening.models import Presentation, Session, Trial, Vote
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


def test_a_pair_is_one_trial_of_a_prompt(study):
    again(study.trials.first(), "one_trial_a_prompt_and_pair")


def test_a_pair_has_one_order(study):
    trial = study.trials.first()
    refused(
        Trial.objects.filter(pk=trial.pk),
        "trial_pair_has_one_order",
        first_arm=trial.second_arm_id,
        second_arm=trial.first_arm_id,
    )


def test_a_trial_compares_two_clips(study):
    trial = study.trials.first()
    refused(Trial.objects.filter(pk=trial.pk), "trial_clips_differ", first_clip=trial.second_clip_id)


def test_a_trial_needs_votes(study):
    refused(study.trials.all(), "trial_needs_votes", votes_needed=0)


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
    again(row, "one_presentation_a_session_and_trial", token="t", a_token="x", b_token="y")


def test_a_session_holds_one_claim(study):
    row = take_trial(session=consented(study), now=NOW)
    other = study.trials.exclude(pk=row.trial_id).first()
    again(row, "one_claim_a_session", trial=other, token="t", a_token="x", b_token="y")


def test_the_sides_have_their_own_addresses(study):
    row = take_trial(session=consented(study), now=NOW)
    refused(Presentation.objects.filter(pk=row.pk), "presentation_sides_have_own_tokens", b_token=row.a_token)


@pytest.mark.parametrize("unheard", ["a_served", "b_served", "a_heard", "b_heard"])
@pytest.mark.parametrize("state", ["voted", "surplus"])
def test_nothing_is_voted_on_unheard(study, unheard, state):
    row = take_trial(session=consented(study), now=NOW)
    serve(row)
    heard = {"a_heard": 1.0, "b_heard": 1.0, "state": state, unheard: 0}
    refused(Presentation.objects.filter(pk=row.pk), "presentation_voted_was_heard", **heard)


def test_nobody_hears_less_than_nothing(study):
    row = take_trial(session=consented(study), now=NOW)
    refused(Presentation.objects.filter(pk=row.pk), "presentation_heard_is_not_negative", a_heard=-1.0)


def test_a_presentation_has_one_vote(study):
    again(take_and_vote(consented(study)), "listening_vote_presentation_id_key")


@pytest.mark.parametrize(
    ("choice", "values"),
    [("a", {"winner": None}), ("a", {"choice": "tie"}), ("tie", {"choice": "b"}), ("a", {"choice": "c"})],
)
def test_a_vote_names_a_winner_unless_it_is_a_tie(study, choice, values):
    stored = take_and_vote(consented(study), choice)
    refused(Vote.objects.filter(pk=stored.pk), "vote_has_a_winner_unless_tied", **values)
