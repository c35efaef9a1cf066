"""A reading becomes prompts of a set: all of it, its good rows, or nothing."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max

from accounts.models import User
from prompts.comparing import compare
from prompts.errors import FrozenError, ImportRefusedError, PromptError
from prompts.faults import Fault
from prompts.models import Prompt, PromptSet
from prompts.reading import Reading, Row

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Imported:
    """added: prompts stored now. known: rows that the set held already, exactly so. faults: of the rows left out."""

    prompt_set: PromptSet
    added: int
    known: int
    faults: tuple[Fault, ...] = ()


@transaction.atomic
def import_prompts(*, by: User | None, prompt_set: PromptSet, reading: Reading, keep_good: bool = False) -> Imported:
    """Adds the rows that the set lacks, behind those it has. A set that is not saved yet is saved with them.

    keep_good: leave rows with a fault out, rather than refuse the file for them. A second import of the same file
    adds nothing. Raises ImportRefusedError (with its faults), FrozenError or PromptError; nothing is then stored.
    """
    if reading.unreadable:
        raise ImportRefusedError(reading.faults)
    if prompt_set.pk:  # One import at a time; and it sees the freeze of a launch, or the launch waits for it.
        prompt_set = PromptSet.objects.select_for_update().get(pk=prompt_set.pk)
    found = compare(reading, prompt_set)
    keepable = len(found.new) + found.known
    if found.faults and not (keep_good and keepable):
        raise ImportRefusedError(found.faults, keepable)
    if found.new and prompt_set.frozen_at:
        raise FrozenError(prompt_set.name)
    if not prompt_set.pk:
        _create(prompt_set)
    _append(prompt_set, found.new)
    if found.new:
        log.info(
            "%s prompts imported into %s by %s.",
            len(found.new),
            prompt_set.slug,
            f"user {by.pk}" if by else "a command",
        )
    return Imported(prompt_set, len(found.new), found.known, found.faults)


def _create(prompt_set: PromptSet) -> None:
    try:
        prompt_set.full_clean()
    except ValidationError as error:
        raise PromptError(error.message_dict) from error
    prompt_set.save()


def _append(prompt_set: PromptSet, rows: tuple[Row, ...]) -> None:
    last = prompt_set.prompts.aggregate(last=Max("position"))["last"] or 0
    Prompt.objects.bulk_create(
        (
            Prompt(
                prompt_set=prompt_set,
                position=position,
                text=row.text,
                kind=row.kind,
                split=row.split,
                scene=row.scene,
                tags=list(row.tags),
            )
            for position, row in enumerate(rows, last + 1)
        ),
        batch_size=1_000,
    )
