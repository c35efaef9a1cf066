"""Workers announce what they can serve and take only that; what nobody can serve is said, not silent."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from inference.engines import registry
from studies import actions, workers
from studies.models import Clip, Rewrite, Study, Worker
from tests import factories
from tests.inference import workers as processes

pytestmark = pytest.mark.django_db
REWRITERS = "transformers-seq2seq,transformers-clap,sandbox-oracle"


@pytest.fixture
def study():
    return actions.launch(study=factories.study(evaluation_takes=1, seconds=0.5, listening_pairs=[]), by=None)


def test_a_worker_claims_only_what_it_can_serve(study):
    assert actions.claim(worker="w", engines=["sandbox-synthesiser"]).kind == "clip"  # of the original arm
    assert actions.claim(worker="w", engines=["transformers-causal"]) is None
    assert actions.claim(worker="w", engines=["transformers-seq2seq"]).kind == "rewrite"


def test_without_any_worker_a_running_study_says_so(study):
    assert workers.missing(study) == ["No worker is running: start one (script/server, or celery -A config worker)."]


def test_an_engine_that_nobody_serves_is_named_with_what_it_needs(study, monkeypatch):
    workers.announce("one", ["transformers-seq2seq", "transformers-clap", "sandbox-oracle"], timezone.now())
    assert workers.missing(study) == [f"{study.generator}: waiting for a worker with sandbox-synthesiser."]

    needy = registry.Entry("generator", "a:B", registry.parameters.NoParameters, ("torch", "audiocraft"))
    monkeypatch.setitem(registry.ENGINES, "sandbox-synthesiser", needy)
    assert workers.missing(study) == [f"{study.generator}: waiting for a worker with audiocraft."]

    workers.announce("two", ["sandbox-synthesiser"], timezone.now())
    assert workers.missing(study) == []


def test_a_worker_that_has_fallen_silent_is_no_longer_there(study):
    workers.announce("one", registry.ENGINES, timezone.now())
    Worker.objects.update(seen_at=timezone.now() - timedelta(minutes=5))

    assert "No worker is running" in workers.missing(study)[0]
    workers.announce("one", registry.ENGINES, timezone.now())
    assert workers.missing(study) == []


def test_the_pages_of_a_running_study_say_what_it_waits_for(client, study):
    owner = factories.user(is_staff=True, is_superuser=True)
    client.force_login(owner)
    workers.announce("one", ["transformers-seq2seq", "transformers-clap", "sandbox-oracle"], timezone.now())

    for page in (
        reverse("results:study", args=[study.slug]),
        reverse("admin:studies_study_change", args=[study.pk]),
    ):
        assert "waiting for a worker with sandbox-synthesiser" in client.get(page).content.decode()


def test_packages_that_are_not_there_make_an_engine_unavailable(monkeypatch):
    registry.available.cache_clear()
    needy = registry.Entry("generator", "a:B", registry.parameters.NoParameters, ("torch", "no_such_package"))
    monkeypatch.setitem(registry.ENGINES, "needy", needy)

    assert registry.lacking("needy") == ["no_such_package"]
    assert "needy" not in registry.available() and "transformers-clap" in registry.available()
    registry.available.cache_clear()


@pytest.mark.django_db(transaction=True)
def test_two_workers_with_different_engines_finish_a_study_together(tmp_path):
    study = factories.study(evaluation_takes=1, seconds=0.5, listening_pairs=[])
    with processes.running(tmp_path, AUDIONESE_ENGINES=REWRITERS) as first:
        study = actions.launch(study=study, by=None)
        first.wait_until(lambda: not Rewrite.objects.exclude(state="done").exists())
        first.wait_until(lambda: workers.missing(study) != [] and Worker.objects.exists())
        assert not Clip.objects.exclude(state="waiting").exists()
        assert workers.missing(study) == [f"{study.generator}: waiting for a worker with sandbox-synthesiser."]

        with processes.running(tmp_path, AUDIONESE_ENGINES="sandbox-synthesiser") as second:
            second.wait_until(lambda: Study.objects.get(pk=study.pk).status == Study.Status.COMPLETE)
    assert Worker.objects.count() == 2
