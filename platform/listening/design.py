"""The active design: the pair of arms whose next vote teaches most, drawn so that no arm is cut off.

Strengths by Bradley and Terry (1952) with a normal prior, fitted by Newton's method; the information of a vote on a
pair is p (1 − p) Var(difference), as in D-optimal designs of paired comparisons (Graßhoff and Schwabe 2008). Pairs are
drawn by it and not taken in its order, and a share of draws is uniform, so that the comparison graph stays connected
and early luck is found out.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence

import numpy as np

from listening.models import Playback, Presentation, Session, Stimulus, Trial

Pair = tuple[int, int]
PRIOR = 1.0  # variance of a strength before any vote, in squared logits
UNIFORM = 0.2  # share of draws that do not look at votes
_STEPS = 25


def drawn(session: Session, trials: Sequence[int]) -> list[set[int]]:
    """Sets of trials by their pair of arms, in the order in which this rater is offered them."""
    by_pair = _pairs(trials)
    won = _won(session)
    chance = random.Random(f"{session.token}/{session.presentations.count()}")
    return [by_pair[pair] for pair in order(list(by_pair), won, chance)]


def order(pairs: Sequence[Pair], won: Mapping[Pair, float], chance: random.Random) -> list[Pair]:
    """The pairs, one draw after another without putting back. won: votes (winner, loser), a tie half to each.

    Pairs that join arms which no votes connect yet come first.
    """
    weights = information(pairs, won)
    joining = _joining(pairs, won)
    scale = sum(weights.values()) or 1.0
    left, chosen = sorted(pairs), []
    while left:
        pool = [pair for pair in left if pair in joining] or left
        odds = [UNIFORM / len(pool) + (1 - UNIFORM) * weights[pair] / scale for pair in pool]
        chosen.append(chance.choices(pool, odds)[0])
        left.remove(chosen[-1])
    return chosen


def information(pairs: Sequence[Pair], won: Mapping[Pair, float]) -> dict[Pair, float]:
    """What the next vote on each pair is expected to teach: p (1 − p) Var(strength − strength)."""
    arms = sorted({arm for pair in (*pairs, *won) for arm in pair})
    place = {arm: i for i, arm in enumerate(arms)}
    strengths, covariance = fit(len(arms), {(place[a], place[b]): n for (a, b), n in won.items()})
    found = {}
    for a, b in pairs:
        i, j = place[a], place[b]
        p = _logistic(strengths[i] - strengths[j])
        found[a, b] = float(p * (1 - p) * (covariance[i, i] + covariance[j, j] - 2 * covariance[i, j]))
    return found


def fit(arms: int, won: Mapping[Pair, float]) -> tuple[np.ndarray, np.ndarray]:
    """Strengths [arms] in logits and their covariance [arms, arms], at the posterior's mode."""
    strengths = np.zeros(arms)
    for _ in range(_STEPS):
        slope, curve = -strengths / PRIOR, np.eye(arms) / PRIOR
        for (a, b), votes in won.items():
            p = _logistic(strengths[a] - strengths[b])
            slope[[a, b]] += np.array([1, -1]) * votes * (1 - p)
            curve[np.ix_([a, b], [a, b])] += votes * p * (1 - p) * np.array([[1, -1], [-1, 1]])
        step = np.linalg.solve(curve, slope)
        strengths += step
        if np.abs(step).max(initial=0) < 1e-9:
            break
    return strengths, np.linalg.inv(curve)


def _logistic(x: float) -> float:
    return float(1 / (1 + np.exp(-x)))


def _joining(pairs: Sequence[Pair], won: Mapping[Pair, float]) -> set[Pair]:
    """Pairs whose arms no chain of votes connects."""
    group = {arm: arm for pair in (*pairs, *won) for arm in pair}
    for a, b in won:
        old, new = group[a], group[b]
        group = {arm: new if of == old else of for arm, of in group.items()}
    return {(a, b) for a, b in pairs if group[a] != group[b]}


def _pairs(trials: Sequence[int]) -> dict[Pair, set[int]]:
    arms: dict[int, list[int]] = {}
    rows = Stimulus.objects.filter(trial__in=trials).order_by("trial", "position").values_list("trial", "arm")
    for trial, arm in rows:
        arms.setdefault(trial, []).append(arm)
    by_pair: dict[Pair, set[int]] = {}
    for trial, (first, second) in arms.items():
        by_pair.setdefault((first, second), set()).add(trial)
    return by_pair


def _won(session: Session) -> dict[Pair, float]:
    """Votes of the session's population on its question, by (winner, loser). What is claimed has not taught yet."""
    rows = (
        Playback.objects.filter(
            presentation__trial__question=session.question_id,
            presentation__trial__kind=Trial.Kind.STUDY,
            presentation__population=session.population,
            presentation__state=Presentation.State.VOTED,
            presentation__session__used=True,
        )
        .order_by("presentation")
        .values_list("presentation", "stimulus__arm", "value")
    )
    voted: dict[int, list[tuple[int, float]]] = {}
    for presentation, arm, value in rows:
        voted.setdefault(presentation, []).append((arm, value or 0.0))
    won: dict[Pair, float] = {}
    for (a, high), (b, low) in voted.values():
        for pair, share in (((a, b), _share(high - low)), ((b, a), _share(low - high))):
            won[pair] = won.get(pair, 0.0) + share
    return {pair: votes for pair, votes in won.items() if votes}


def _share(lead: float) -> float:
    return 1.0 if lead > 0 else 0.5 if lead == 0 else 0.0
