"""Batches as large as memory allows: where one does not fit it is halved, and so are those after it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from inference.engines import memory
from inference.engines.protocols import EngineError

Item = TypeVar("Item")
Made = TypeVar("Made")


class Batches:
    """size: the most items in a batch; it shrinks by itself and never grows again."""

    def __init__(self, size: int) -> None:
        self.size = size

    def run(self, items: Sequence[Item], call: Callable[[Sequence[Item]], Sequence[Made]]) -> list[Made]:
        """What `call` makes of the items, in order. Raises EngineError where a single one does not fit into memory."""
        made: list[Made] = []
        while len(made) < len(items):
            batch = items[len(made) : len(made) + self.size]
            try:
                made.extend(call(batch))
            except (MemoryError, RuntimeError) as error:
                if not memory.ran_out(error):
                    raise
                self._shrink(len(batch), error)
                memory.free()
        return made

    def _shrink(self, tried: int, error: BaseException) -> None:
        if tried == 1:
            raise EngineError(
                "One item alone does not fit into this worker's memory: choose a smaller model, shorter clips, "
                "dtype float16, or a larger machine."
            ) from error
        self.size = (tried + 1) // 2
