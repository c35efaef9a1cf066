"""What pages show is computed before somebody opens them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from listening.simulation import simulate
from results import tasks
from results.ahead import compute_ahead
from results.tabs import TABS
from studies import kept
from studies.models import Kept, Study


@pytest.fixture
def computed(monkeypatch) -> list[str]:
    """Names of what is computed from now on."""
    names: list[str] = []
    made = kept._made

    def noted(study, name, stamp, compute):
        names.append(name)
        return made(study, name, stamp, compute)

    monkeypatch.setattr(kept, "_made", noted)
    return names


def addresses(study: Study) -> list[str]:
    tabs = [reverse("results:tab", args=[study.slug, tab]) for tab in TABS]
    raters = reverse("admin:listening_raters", args=[study.listening_test.pk])
    return [reverse("results:study", args=[study.slug]), *tabs, raters, f"{raters}?simulated"]


def test_no_page_of_a_completed_study_computes_anything_when_it_is_opened(voted, owner, reader, computed):
    owner.is_staff = True
    owner.save()
    tasks.look_ahead()
    assert {"measured", "results", "verdicts simulated"} <= set(computed)
    computed.clear()

    assert [reader.get(address).status_code for address in addresses(voted)] == [200] * len(addresses(voted))
    assert [name for name in computed if name != "verdicts people"] == []  # nobody has come: it costs nothing


def test_what_has_come_since_is_computed_ahead_too(voted, reader, computed, settings):
    settings.KEPT_PATIENCE = 0
    assert compute_ahead() == 1 and compute_ahead() == 0
    voted.listening_questions.update(votes_per_trial=9)
    voted.trials.update(votes_needed=9)
    simulate(study=voted, raters=2, seed=3)

    assert compute_ahead() == 1
    computed.clear()
    assert reader.get(reverse("results:tab", args=[voted.slug, "preference"])).status_code == 200
    assert computed == []


def test_studies_that_nobody_has_looked_at_for_long_are_left_alone(voted):
    Study.objects.filter(pk=voted.pk).update(finished_at=timezone.now() - timedelta(days=30))
    assert compute_ahead() == 0

    Kept.objects.create(study=voted, name="results", rests_on="x", body="{}", seconds=1, made_at=timezone.now())
    assert compute_ahead() == 1
