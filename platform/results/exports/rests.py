"""A whole file is made slowly while raters vote: they come first, and a script can wait."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

SHARE = 0.1  # of the time that a file is being made in while somebody votes
LOOKS = 0.25  # seconds between two looks at whether somebody does
STAYS = 20.0  # seconds that raters are taken to be there after a vote was seen
LONGEST = 10.0  # seconds of one rest: whoever stands in between hangs up on a stream that is silent for long


class Rests:
    """Of one file. votes: how many there ever were, in all studies; it only has to differ after another one."""

    def __init__(self, votes: Callable[[], int]) -> None:
        self._votes = votes
        self._known: int | None = None
        self._looked = self._voted = float("-inf")

    def __call__(self, blocks: Iterator[bytes]) -> Iterator[bytes]:
        """The same blocks, with rests in between; closed where it is closed."""
        try:
            while True:
                began = time.monotonic()
                block = next(blocks, None)
                if block is None:
                    return
                now = time.monotonic()
                if self._somebody_votes(now):
                    time.sleep(min(LONGEST, (now - began) * (1 / SHARE - 1)))
                yield block
        finally:
            if hasattr(blocks, "close"):
                blocks.close()  # the transaction that it reads in ends at once

    def _somebody_votes(self, now: float) -> bool:
        if now - self._looked >= LOOKS:
            votes = self._votes()
            if self._known not in (None, votes):
                self._voted = now
            self._known, self._looked = votes, now
        return now - self._voted < STAYS
