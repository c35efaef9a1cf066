"""Launch, pause, resume, cancel, retry."""

from __future__ import annotations

import logging

from django.db import transaction

from accounts.models import User
from prompts.models import PromptSet
from studies import clock, validation
from studies.actions.note import note
from studies.actions.record import advance, failures
from studies.errors import StudyError
from studies.models import WORK, Arm, Study, Work
from studies.signals import study_changed
from studies.wake import wake

log = logging.getLogger(__name__)
Status = Study.Status


@transaction.atomic
def launch(*, study: Study, by: User | None) -> Study:
    """Freezes the study and its prompt set and writes the first work rows.

    Raises StudyError naming each field that forbids it; nothing is then changed.
    """
    study = _locked(study, Status.DRAFT, verb="launch")
    validation.check(study)
    study.status, study.launched_at = Status.RUNNING, clock.now()
    study.save(update_fields=["status", "launched_at"])
    PromptSet.objects.filter(pk=study.prompt_set_id, frozen_at=None).update(frozen_at=clock.now())
    advance(study)
    wake()
    note(study=study, by=by, text="Launched: settings and prompts are frozen.")
    study_changed.send(Study, study=study, event="launched")
    log.info("Study %s launched by %s.", study.slug, f"user {by.pk}" if by else "a command")
    return study


@transaction.atomic
def pause(*, study: Study, by: User | None) -> Study:
    """No further row is claimed; batches under way are recorded."""
    study = _locked(study, Status.RUNNING, verb="pause")
    note(study=study, by=by, text="Paused.")
    return _become(study, Status.PAUSED, reason=f"Paused by {by}." if by else "Paused.")


@transaction.atomic
def resume(*, study: Study, by: User | None) -> Study:
    """Goes on, accepting the failures there are; only further ones can pause it again."""
    study = _locked(study, Status.PAUSED, verb="resume")
    study.accepted_failures = {kind: failures(study, kind)[0] for kind in WORK}
    study.save(update_fields=["accepted_failures"])
    _become(study, Status.RUNNING)
    accepted = sum(study.accepted_failures.values())
    note(study=study, by=by, text=f"Resumed, without {accepted} failed rows." if accepted else "Resumed.")
    advance(study)
    wake()
    return study


@transaction.atomic
def cancel(*, study: Study, by: User | None) -> Study:
    """Ends the study for good; what it has made stays."""
    study = _locked(study, Status.RUNNING, Status.PAUSED, verb="cancel")
    study.finished_at = clock.now()
    note(study=study, by=by, text="Cancelled; what it made stays.")
    return _become(study, Status.CANCELLED, reason=f"Cancelled by {by}." if by else "Cancelled.")


@transaction.atomic
def retry_failed(*, study: Study, by: User | None, kind: str = "", error: str = "") -> int:
    """Failed rows wait again, with their attempts forgotten; how many. A study past its end is not reopened.

    kind, error: only those of this kind that failed for this reason; all of them where neither is given.
    """
    study = _locked(study, Status.RUNNING, Status.PAUSED, verb="retry")
    rows = sum(_wait_again(study, each, error) for each in WORK if kind in ("", each))
    study.accepted_failures = {}
    study.save(update_fields=["accepted_failures"])
    note(study=study, by=by, text=f"{rows} failed {kind or 'rows'} wait again{f': {error}' if error else ''}"[:300])
    if rows and study.status == Status.PAUSED:
        _become(study, Status.RUNNING)
    study.arms.filter(stage=Arm.Stage.FINISHED).update(stage=Arm.Stage.EVALUATING)  # until these rows are settled too
    advance(study)
    wake()
    return rows


def _wait_again(study: Study, kind: str, error: str) -> int:
    model = WORK[kind]
    failed = model._default_manager.filter(**{model.studies_path: study}, state=Work.State.FAILED)
    failed = failed.filter(error=error) if error else failed
    return model._default_manager.filter(pk__in=failed.values("pk")).update(
        state=Work.State.WAITING, error="", attempts=0, finished_at=None
    )


def _locked(study: Study, *allowed: Study.Status, verb: str) -> Study:
    fresh = Study.objects.select_for_update().get(pk=study.pk)
    if fresh.status not in allowed:
        raise StudyError({"status": [f"Cannot {verb} a study that is {fresh.get_status_display()}."]})
    return fresh


BECAME = {Status.RUNNING: "resumed", Status.PAUSED: "paused", Status.CANCELLED: "cancelled"}


def _become(study: Study, status: Study.Status, reason: str = "") -> Study:
    study.status, study.status_reason = status, reason
    study.save(update_fields=["status", "status_reason", "finished_at"])
    study_changed.send(Study, study=study, event=BECAME[status])
    return study
