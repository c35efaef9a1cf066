"""What pages have computed is kept until what it rests on changes, and no longer."""

from __future__ import annotations

import math

import pytest
from django.urls import reverse

from accounts.models import Rater
from listening.actions.decide import decide
from listening.actions.erase import erase
from listening.models import Decision, Session
from listening.quality.rules import Finding
from listening.simulation import simulate
from results.measures.agreement import Agreement
from results.opened import Opened
from results.people import lines
from studies import kept
from studies.models import Kept, Study
from tests import factories

STAMP = kept.stamp("decided", "votes")


class Counted:
    """A computation that says how often it was done."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> int:
        self.times += 1
        return self.times


@pytest.fixture
def compute() -> Counted:
    return Counted()


def test_it_is_computed_once(study, compute):
    assert [kept.kept(study, "n", STAMP, int, compute) for _ in range(3)] == [1, 1, 1]
    assert Kept.objects.get().study == study


@pytest.mark.parametrize("stamp", [kept.stamp("decided", "more votes"), kept.stamp("decided")])
def test_while_more_comes_in_it_is_shown_for_as_long_as_it_is_worth(study, compute, settings, stamp):
    settings.KEPT_PATIENCE = 1e9
    assert [kept.kept(study, "n", one, int, compute) for one in (STAMP, stamp)] == [1, 1]
    settings.KEPT_PATIENCE = 0
    assert kept.kept(study, "n", stamp, int, compute) == 2
    assert Kept.objects.count() == 1


def test_what_somebody_decided_is_seen_at_once(study, compute, settings):
    settings.KEPT_PATIENCE = 1e9
    kept.kept(study, "n", STAMP, int, compute)
    assert kept.kept(study, "n", kept.stamp("decided anew", "votes"), int, compute) == 2


def test_another_version_computes_anew(study, compute, monkeypatch):
    kept.kept(study, "n", STAMP, int, compute)
    monkeypatch.setattr(kept, "code", lambda: "another")
    assert kept.kept(study, "n", kept.stamp("decided", "votes"), int, compute) == 2


def test_a_draft_changes_all_the_time(owner, compute):
    draft = factories.study(factories.team(owner), status=Study.Status.DRAFT)
    assert [kept.kept(draft, "n", STAMP, int, compute) for _ in range(2)] == [1, 2]
    assert not Kept.objects.exists()


def test_numbers_that_are_none_come_back_as_such(study):
    agreement = Agreement(None, reason="nobody has voted")
    for _ in range(2):
        found = kept.kept(study, "agreement", STAMP, Agreement, lambda: agreement)
        assert found.alpha is None and math.isnan(found.low) and found.reason == "nobody has voted"


def test_kept_measurements_are_those_that_were_measured(voted):
    first, again = Opened(voted).measured, Opened(voted).measured

    assert Kept.objects.filter(study=voted, name="measured").exists()
    assert (first.prompts, first.texts, first.clips, first.spread) == (
        again.prompts,
        again.texts,
        again.clips,
        again.spread,
    )
    assert {place: values.tolist() for place, values in first.columns.items()}.keys() == again.columns.keys()
    for place, values in first.columns.items():
        assert values == pytest.approx(again.columns[place], nan_ok=True)


def votes(study) -> int:
    return Opened(Study.objects.get(pk=study.pk)).results["votes"]


def test_new_votes_and_decisions_are_in_the_next_page(voted):
    before = votes(voted)
    voted.listening_questions.update(votes_per_trial=9)
    voted.trials.update(votes_needed=9)
    simulate(study=voted, raters=3, seed=2)
    more = votes(voted)
    session = Session.objects.filter(study=voted).first()
    mine = session.presentations.filter(vote__isnull=False, trial__kind="study").count()
    decide(session=session, about=Decision.About.USE, value=False, reasons=[Finding("hand", "Why.")], by=None)

    assert before < more and mine and votes(voted) == more - mine


def test_a_name_is_read_from_the_study_as_it_is_now(voted, reader):
    reader.get(reverse("results:study", args=[voted.slug]))
    voted.arms.filter(key="instruct").update(name="Another name")

    assert "Another name" in reader.get(reverse("results:study", args=[voted.slug])).content.decode()


@pytest.mark.parametrize("keep_votes", [True, False])
def test_nothing_kept_remembers_an_erased_rater(voted, keep_votes):
    names = {line.name for line in lines(Opened(voted))}
    rater = Rater.objects.filter(sessions__study=voted).first()
    erase(rater=rater, keep_votes=keep_votes)

    assert not Kept.objects.filter(study=voted).exists()
    assert {line.name for line in lines(Opened(voted))} != names
