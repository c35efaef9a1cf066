"""Batches as large as memory allows: where one does not fit it is halved, and so are those after it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from inference.engines import memory
from inference.engines.protocols import EngineError

LARGE = 20_000_000  # parameters
FEW, MANY = 4, 32

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


def quick_batch(model: Any) -> int:
    """How many windows or texts are quickest in one call of a CLAP (ours, measured).

    On a CPU the activations of a large model fall out of the cache beyond a few; a GPU, or a small model, wants many.
    """
    large = sum(weight.numel() for weight in model.parameters()) > LARGE
    return FEW if large and next(model.parameters()).device.type == "cpu" else MANY
