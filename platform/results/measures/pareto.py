"""Which points no other one beats in both of two wishes, and where giving up one of them stops to pay."""

from __future__ import annotations

from collections.abc import Sequence


def front(x: Sequence[float], y: Sequence[float]) -> list[int]:
    """Places of the points that are not beaten, by rising x (so by falling y); more is better of both.

    A point is beaten by one that is at least as good in both and better in one; equal points do not beat each other.
    """
    found: list[int] = []
    highest = float("-inf")
    for at in sorted(range(len(x)), key=lambda i: (-x[i], -y[i])):
        equal = bool(found) and (x[at], y[at]) == (x[found[-1]], y[found[-1]])
        if y[at] > highest or equal:
            found.append(at)
            highest = y[at]
    return found[::-1]


def knee(x: Sequence[float], y: Sequence[float], on: Sequence[int]) -> int | None:
    """Of a front, the place of the point furthest beyond the chord between its ends, both wishes scaled to 0..1.

    The knee of Das (1999), found as Kneedle does (Satopää et al. 2011). None where the front has fewer than three
    points, or none beyond the chord: each step then costs as much as it brings.
    """
    if len(on) < 3 or x[on[0]] == x[on[-1]]:
        return None
    least, most = x[on[0]], x[on[-1]]
    high, low = y[on[0]], y[on[-1]]
    beyond = {at: (x[at] - least) / (most - least) + (y[at] - low) / (high - low) - 1 for at in on}
    best = max(on, key=lambda at: beyond[at])
    return best if beyond[best] > 1e-9 else None
