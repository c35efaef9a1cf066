"""Engines kept in memory by one worker process: loaded once, put away when others need the room."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any

from inference.engines import memory

log = logging.getLogger(__name__)


class Shelf:
    """budget: bytes of weights that may lie in memory together; the engine in use stays, whatever its size."""

    def __init__(self, budget: int) -> None:
        self.budget = budget
        self.engines: OrderedDict[Hashable, Any] = OrderedDict()  # the least recently used first

    def get(self, key: Hashable, load: Callable[[], Any]) -> Any:
        """The engine of that key, loaded if it is not there; where memory runs out, once more with all others gone."""
        if key in self.engines:
            self.engines.move_to_end(key)
            return self.engines[key]
        try:
            engine = load()
        except (MemoryError, RuntimeError) as error:
            if not self.engines or not memory.ran_out(error):
                raise
            log.warning("Out of memory while loading %s: putting every other engine away.", key)
            self.clear()
            engine = load()
        self.engines[key] = engine
        self._make_room()
        return engine

    def clear(self) -> None:
        self.engines.clear()
        memory.free()

    def _make_room(self) -> None:
        sizes = {key: memory.weight(engine) for key, engine in self.engines.items()}
        while len(self.engines) > 1 and sum(sizes.values()) > self.budget:
            key, _ = self.engines.popitem(last=False)
            log.info("Putting %s away: %.1f GB of weights lie in memory.", key, sum(sizes.values()) / 1e9)
            del sizes[key]
            memory.free()
