"""Claims and leases on real PostgreSQL."""

import threading
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection
from django.utils import timezone

from studies import actions
from studies.actions.queue import give_up
from studies.models import WORK, Clip, Rewrite, Study
from tests import factories
from tests.studies import driver

pytestmark = pytest.mark.django_db


@pytest.fixture
def study():
    return actions.launch(study=factories.study(arms=("instruct",)), by=None)


def test_a_claim_holds_its_rows_under_a_lease(study):
    batch = actions.claim(worker="w")
    assert {row.pk for row in batch.rows} == set(Rewrite.objects.filter(lease=batch.lease).values_list("pk", flat=True))
    assert Rewrite.objects.filter(state="running", attempts=1, worker="w").count() == 4
    assert actions.claim(worker="other") is None


def test_rows_of_a_lost_worker_are_claimed_again(study):
    lost = actions.claim(worker="lost")
    Rewrite.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
    found = actions.claim(worker="found")
    assert {row.pk for row in found.rows} == {row.pk for row in lost.rows}
    assert set(Rewrite.objects.values_list("attempts", flat=True)) == {2}


def test_a_worker_that_comes_back_late_records_nothing(study):
    late = actions.claim(worker="late")
    Rewrite.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
    actions.claim(worker="found")
    assert driver.serve(late) == 0
    assert set(Rewrite.objects.values_list("state", flat=True)) == {"running"}


def test_a_renewed_lease_outlasts_the_first(study):
    batch = actions.claim(worker="w")
    Rewrite.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
    assert actions.renew(batch) == 4
    assert actions.claim(worker="other") is None


def test_a_row_that_kills_every_worker_is_given_up_with_its_reason(study, settings):
    settings.MAX_ATTEMPTS = 2
    for _ in range(2):
        actions.claim(worker="w")
        Rewrite.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
    assert actions.claim(worker="w") is None
    assert give_up() == 4
    assert Rewrite.objects.filter(state="failed", error__contains="died 2 times").count() == 4


@pytest.mark.parametrize("status", ["paused", "cancelled"])
def test_only_running_studies_are_served(study, status):
    Study.objects.update(status=status, finished_at=timezone.now() if status == "cancelled" else None)
    assert actions.claim(worker="w") is None


def test_a_batch_has_one_engine(study):
    other = factories.study(arms=("instruct",))
    actions.launch(study=other, by=None)
    batch = actions.claim(worker="w")
    assert {row.rewriter_id for row in batch.rows} == {study.arms.get().rewriter_id}


@pytest.mark.parametrize("kind", ["rewrite", "clip", "score"])
@pytest.mark.parametrize("state", ["running", "failed"])
def test_a_running_row_has_a_lease_and_a_failed_one_a_reason(kind, state, study):
    driver.drive(study)
    with pytest.raises(IntegrityError):
        WORK[kind].objects.update(state=state)


@pytest.mark.django_db(transaction=True)
def test_workers_that_claim_at_once_share_nothing(settings):
    settings.BATCH_SIZES = dict.fromkeys(settings.BATCH_SIZES, 3)
    owner = factories.team()
    actions.launch(
        study=factories.study(owner, arms=("original",), prompt_set=factories.prompt_set(owner, test=30)), by=None
    )
    claimed, start = [], threading.Barrier(6)

    def claim():
        start.wait()
        while batch := actions.claim(worker="w"):
            claimed.extend(row.pk for row in batch.rows)
        connection.close()

    threads = [threading.Thread(target=claim) for _ in range(6)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert sorted(claimed) == sorted(Clip.objects.values_list("pk", flat=True))
    assert len(claimed) == 120
