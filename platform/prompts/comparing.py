"""A file's prompts beside those that a set already holds."""

from __future__ import annotations

from dataclasses import dataclass

from prompts.faults import Fault
from prompts.models import PromptSet
from prompts.reading import Reading, Row
from prompts.seen import Seen


@dataclass(frozen=True)
class Comparison:
    """new: rows that the set lacks. known: how many it holds exactly so. faults: the file's, and against the set."""

    new: tuple[Row, ...]
    known: int
    faults: tuple[Fault, ...]


def compare(reading: Reading, prompt_set: PromptSet) -> Comparison:
    """What an import of `reading` would add. Importing a file twice adds nothing and is no fault."""
    exact, seen = held(prompt_set)
    new, faults = [], list(reading.faults)
    rows = [row for row in reading.rows if _content(row) not in exact]
    for row in rows:
        found = [Fault(row.line, message, column) for column, message in seen.faults(row)]
        faults += found
        if not found:
            new.append(row)
    faults.sort(key=lambda fault: fault.line or 0)
    return Comparison(tuple(new), len(reading.rows) - len(rows), tuple(faults))


def held(prompt_set: PromptSet, without: int | None = None) -> tuple[set[tuple], Seen]:
    """What the set holds, exactly and as further prompts must respect it; `without` the prompt of that key."""
    exact, seen = set(), Seen()
    if prompt_set.pk:
        for prompt in prompt_set.prompts.order_by("position").iterator():
            if prompt.pk == without:
                continue
            exact.add(_content(prompt))
            seen.add(prompt, f"in the prompt set, at {prompt.position}")
    return exact, seen


def _content(prompt) -> tuple:
    return prompt.text, prompt.kind, prompt.split, prompt.scene, tuple(prompt.tags)
