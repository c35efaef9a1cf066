"""The only place that writes more than one table. Every action is atomic, keyword-only, and says who asked.

Row locks are taken in one order: studies first, by id; then work rows, by id. So actions cannot deadlock.
"""

from studies.actions.create import create_study, duplicate, free_slug, install_engine, spec_of
from studies.actions.delete import delete
from studies.actions.lifecycle import cancel, launch, pause, resume, retry_failed
from studies.actions.note import note, note_changes
from studies.actions.queue import Batch, claim, give_back, renew
from studies.actions.record import Outcome, catch_up, record

__all__ = [
    "Batch",
    "Outcome",
    "cancel",
    "catch_up",
    "claim",
    "create_study",
    "delete",
    "duplicate",
    "free_slug",
    "give_back",
    "install_engine",
    "launch",
    "note",
    "note_changes",
    "pause",
    "record",
    "renew",
    "resume",
    "retry_failed",
    "spec_of",
]
