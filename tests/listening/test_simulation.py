"""Simulated raters vote as people do, prefer what the oracle prefers, and are never taken for people."""

import random

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Rater
from listening import claims, query
from listening.actions.open_trials import open_trials
from listening.listeners import Listener
from listening.models import Presentation, Question, Session, Vote
from listening.simulation import NothingToPreferBy, simulate
from tests import factories


@pytest.fixture
def study(db):
    made = factories.complete(
        factories.study(prompt_set=factories.prompt_set(test=10), votes_per_trial=3, trials_per_session=10),
        values={"original": 0.3, "instruct": 0.6},
    )
    open_trials(study=made)
    return made


def test_they_fill_the_trials_and_prefer_what_the_oracle_prefers(study):
    given = simulate(study=study, raters=6, seed=1)

    votes = query.votes(study)
    winners = [row.winner for row in votes]
    assert given == len(votes) == 30
    assert winners.count("instruct") > 3 * winners.count("original")


def test_they_are_marked_and_their_time_is_plausible(study):
    simulate(study=study, raters=1, seed=1)

    rater = Rater.objects.get()
    assert rater.simulated and rater.provider == "simulated"
    assert all(2_000 < row.response_ms < 60_000 for row in query.votes(study))
    assert Session.objects.get().finished_at < Presentation.objects.first().leased_until


def test_the_same_seed_gives_the_same_votes_and_nothing_twice(study):
    simulate(study=study, raters=2, seed=5)
    first = list(Vote.objects.order_by("pk").values_list("choice", "response_ms"))

    assert simulate(study=study, raters=2, seed=5) == 0
    Session.objects.all().delete()
    claims.recount(study.trials.values_list("pk", flat=True))
    simulate(study=study, raters=2, seed=5)

    assert list(Vote.objects.order_by("pk").values_list("choice", "response_ms")) == first


def test_a_listener_is_logistic_in_the_difference():
    listener, chance = Listener(noise=0.2, margin=0.0), random.Random(3)
    question, felt = Question(kind="preference"), {"a": 0.6, "b": 0.4}

    chosen = [listener.answer(question, felt, {}, chance)["choice"] for _ in range(4000)]

    assert chosen.count("a") / 4000 == pytest.approx(0.731, abs=0.02)  # 1 / (1 + exp(-1))


def test_a_study_without_an_oracle_is_refused(study):
    study.oracle = None

    with pytest.raises(NothingToPreferBy, match="no oracle"):
        simulate(study=study, raters=1, seed=1)


def test_the_command_says_what_it_did(study, capsys):
    call_command("simulate_raters", study.slug, raters=2, seed=1)

    assert capsys.readouterr().out == "20 votes by 2 simulated raters; 20 of 30 are there now.\n"


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        (["nobody"], "no study"),
        (["SLUG", "--raters", "0"], "at least 1"),
        (["SLUG", "--crowd", "careful"], "is not a kind"),
        (["SLUG", "--crowd", "sleepy:3"], "careful, careless, random, always-a"),
    ],
)
def test_the_command_refuses_what_makes_no_sense(study, arguments, fault):
    with pytest.raises(CommandError, match=fault):
        call_command("simulate_raters", *[study.slug if word == "SLUG" else word for word in arguments])


def test_the_command_refuses_a_study_without_trials(db):
    with pytest.raises(CommandError, match="no trials yet"):
        call_command("simulate_raters", factories.study().slug)


def test_the_command_lets_a_mixed_crowd_listen(study, capsys):
    call_command("simulate_raters", study.slug, crowd="careful:1,always-a:1", seed=1)

    assert "by 2 simulated raters" in capsys.readouterr().out
    assert set(Rater.objects.values_list("external_id", flat=True)) == {
        f"{study.pk}-1-careful-0",
        f"{study.pk}-1-always-a-0",
    }
