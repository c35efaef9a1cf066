"""In which order a session meets study trials, traps and gold. Pure."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable

from listening.models import Trial

Kind = Trial.Kind
BLOCK = 10


def schedule(study_trials: int, traps: int, gold: int, seed: int) -> list[Trial.Kind]:
    """Kinds of the session's trials in order: in each ten `traps` and `gold`, never the very first, until all
    study trials are in. Who counts cannot tell which they are: their places are drawn anew in each ten."""
    chance = random.Random(seed)
    order: list[Trial.Kind] = []
    while (missing := study_trials - order.count(Kind.STUDY)) > 0:
        checks = [Kind.TRAP] * traps + [Kind.GOLD] * gold
        room = BLOCK - len(checks)
        if missing < room:  # the last block is shorter, and so is its share of checks
            checks = chance.sample(checks, round(len(checks) * missing / room))
        block = [Kind.STUDY] * min(room, missing) + checks
        chance.shuffle(block)
        if not order and block[0] != Kind.STUDY:
            other = block.index(Kind.STUDY)
            block[0], block[other] = block[other], block[0]
        order += block
    return order


def remaining(order: Iterable[Trial.Kind], had: Iterable[str]) -> list[Trial.Kind]:
    """What is left of the order once what was had is taken out of it."""
    taken = Counter(had)
    left = []
    for kind in order:
        if taken[kind]:
            taken[kind] -= 1
        else:
            left.append(kind)
    return left
