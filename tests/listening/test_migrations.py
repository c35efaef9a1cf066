"""Trials, claims and votes of two clips are still there, with all they said, as trials of stimuli."""

from datetime import UTC, datetime

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from listening.models import Playback, Presentation, Provider, Trial, Vote
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def old():
    """The models as they were. Afterwards the tables are as they are now, whatever happened."""
    call_command("migrate", "listening", "0001", verbosity=0)
    yield MigrationExecutor(connection).loader.project_state([("listening", "0001_initial")]).apps
    call_command("migrate", verbosity=0)


def test_old_votes_keep_what_they_said(request):
    study = factories.complete(factories.study())
    first, second = study.arms.order_by("pk")
    clips = [arm.candidates.order_by("prompt").first().renderings.get().clip for arm in (first, second)]
    prompt = first.candidates.order_by("prompt").first().prompt
    old = request.getfixturevalue("old")
    make = {
        name: old.get_model("listening", name).objects.create for name in ("Session", "Trial", "Presentation", "Vote")
    }
    rater = old.get_model("accounts", "Rater").objects.create(provider="prolific", external_id="p1")
    consent = old.get_model("accounts", "ConsentText").objects.create(checksum="c", text="Yes.")
    trial = make["Trial"](
        study_id=study.pk, prompt_id=prompt.pk, first_arm_id=first.pk, second_arm_id=second.pk,
        first_clip_id=clips[0].pk, second_clip_id=clips[1].pk, votes_needed=3,
    )  # fmt: skip
    session = make["Session"](
        study_id=study.pk, rater=rater, consent=consent, token="s", started_at=NOW, last_seen_at=NOW
    )
    shown = make["Presentation"](
        session=session, trial=trial, token="p", state="voted", claimed_at=NOW, leased_until=NOW, a_is_first=False,
        a_token="ta", b_token="tb", first_served_at=NOW, a_served=100, b_served=200, a_heard=1.5, b_heard=2.5,
    )  # fmt: skip
    make["Vote"](presentation=shown, choice="b", winner_id=first.pk, response_ms=900, created_at=NOW)

    call_command("migrate", verbosity=0)

    new = Trial.objects.get(pk=trial.pk)
    assert (new.question.kind, new.kind, new.votes_needed, new.votes_people) == ("preference", "study", 3, 1)
    assert new.arms == f"{first.pk}-{second.pk}"
    assert list(new.stimuli.values_list("arm", "clip")) == [(first.pk, clips[0].pk), (second.pk, clips[1].pk)]
    heard = Playback.objects.order_by("letter").values_list(
        "letter", "token", "stimulus__arm", "served", "heard", "value"
    )
    assert list(heard) == [("a", "ta", second.pk, 100, 1.5, 0.0), ("b", "tb", first.pk, 200, 2.5, 1.0)]
    assert Presentation.objects.get().population == "people"
    assert Vote.objects.get().winner_id == first.pk
    assert Provider.objects.filter(key="prolific", person_parameter="PROLIFIC_PID").exists()
    study.refresh_from_db()
    assert study.listening_test.headphones == "none"  # whoever began without a check goes on without
