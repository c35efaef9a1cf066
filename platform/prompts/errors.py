"""What can go wrong with a prompt set, said to the person who can act on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from prompts.faults import Fault


class PromptError(Exception):
    """`messages`: what to change, by the field it concerns."""

    def __init__(self, messages: dict[str, list[str]]) -> None:
        self.messages = messages
        super().__init__("; ".join(text for texts in messages.values() for text in texts))


class FrozenError(PromptError):
    """A launched study uses the set: what its results rest on must not change."""

    def __init__(self, name: str) -> None:
        text = f"{name} is frozen, because a launched study uses it. Import into a new prompt set instead."
        super().__init__({"prompt_set": [text]})


class ImportRefusedError(PromptError):
    """Nothing was stored. `faults` says why, by line; `keepable`: how many good rows could have been kept."""

    def __init__(self, faults: Sequence[Fault], keepable: int = 0) -> None:
        self.faults, self.keepable = list(faults), keepable
        super().__init__({"file": [str(fault) for fault in faults]})
