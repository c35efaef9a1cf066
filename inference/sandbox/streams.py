"""Independent random streams: two renders with one seed differ only where their wording does."""

from __future__ import annotations

from zlib import crc32

import numpy as np


def stream(seed: int, purpose: str) -> np.random.Generator:
    """A generator of its own for each (seed, purpose). What one purpose draws never moves another's numbers."""
    return np.random.default_rng([abs(seed), int(seed < 0), crc32(purpose.encode())])
