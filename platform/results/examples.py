"""Prompts to listen to: where an arm gained most over the original, and where it lost."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from results.difference import Piece, difference
from results.measurements import EVALUATED, Measurements
from studies.models import Arm, Clip, Rendering, Study


class Version(NamedTuple):
    """What one arm made of a prompt. clap, oracle: 0..1 or None; clip: its first finished take, or None."""

    arm: Arm
    pieces: list[Piece]
    clap: float | None
    oracle: float | None
    clip: int | None


class Example(NamedTuple):
    """gain: CLAP of the arm that is looked at minus the original's; None where there is no original.

    pair: the original and the arm that is looked at; others: what the other arms made of the prompt.
    """

    prompt: str
    gain: float | None
    pair: list[Version]
    others: list[Version]


class Examples(NamedTuple):
    arm: Arm | None
    gains: list[Example]
    losses: list[Example]


def examples(study: Study, measured: Measurements, arm: Arm | None, each: int = 3) -> Examples:
    """The `each` prompts on which `arm` gained most over the original, and those on which it lost most."""
    if arm is None:
        return Examples(None, [], [])
    order = by_gain(measured, arm)
    best, worst = order[:each], order[each:][: -each - 1 : -1]
    found = shown(study, measured, arm, [*best, *worst])
    return Examples(arm, found[: len(best)], found[len(best) :])


def shown(study: Study, measured: Measurements, arm: Arm, rows: Sequence[int]) -> list[Example]:
    """rows: of prompts, as `by_gain` has them."""
    gains = gains_of(measured, arm)
    clips = _first_clips(study, [measured.prompts[i] for i in rows])
    return [_example(measured, arm, i, gains, clips) for i in rows]


def by_gain(measured: Measurements, arm: Arm) -> list[int]:
    """Rows of prompts that have a value, the greatest gain (or score) first."""
    gains = gains_of(measured, arm)
    values = measured.column(arm, "clap") if gains is None else gains
    known = np.flatnonzero(~np.isnan(values))
    return [int(i) for i in known[np.argsort(-values[known], kind="stable")]]


def rewriting(measured: Measurements) -> list[Arm]:
    """The arms that rewrite and have been scored, at least in part; the original where it is alone."""
    scored = [arm for arm in measured.arms if not np.isnan(measured.column(arm, "clap")).all()]
    return [arm for arm in scored if arm.method != Arm.Method.ORIGINAL] or scored


def looked_at(measured: Measurements, key: str = "") -> Arm | None:
    """The arm asked for, else the one that learned by feedback, else the last that rewrites."""
    arms = rewriting(measured)
    asked = [arm for arm in arms if arm.key == key]
    learned = [arm for arm in arms if arm.method == Arm.Method.INSTRUCT_FEEDBACK]
    return next(iter(asked + learned + arms[::-1]), None)


def gains_of(measured: Measurements, arm: Arm, measure: str = "clap") -> np.ndarray | None:
    """A measure of an arm minus the original's, [prompts]; None where no other arm is the original."""
    original = _original(measured, arm)
    return measured.column(arm, measure) - measured.column(original, measure) if original else None


def _original(measured: Measurements, arm: Arm) -> Arm | None:
    return next((each for each in measured.arms if each.method == Arm.Method.ORIGINAL and each != arm), None)


def _first_clips(study: Study, prompts: list[int]) -> dict[tuple[int, int], int]:
    """Clip id of the first finished take by (arm, prompt)."""
    rows = (
        Rendering.objects.filter(
            candidate__arm__study=study,
            candidate__purpose=EVALUATED,
            candidate__prompt__in=prompts,
            clip__state=Clip.State.DONE,
        )
        .order_by("-take")
        .values_list("candidate__arm", "candidate__prompt", "clip")
    )
    return {(arm, prompt): clip for arm, prompt, clip in rows}


def _example(measured: Measurements, arm: Arm, row: int, gains: np.ndarray | None, clips: dict) -> Example:
    prompt = measured.prompts[row]
    versions = [_version(measured, each, row, clips) for each in measured.arms if (each.pk, prompt) in measured.texts]
    pair = [version for version in versions if version.arm in (arm, _original(measured, arm))]
    others = [version for version in versions if version not in pair]
    given = measured.texts[arm.pk, prompt].prompt
    return Example(given, None if gains is None else float(gains[row]), pair, others)


def _version(measured: Measurements, arm: Arm, row: int, clips: dict[tuple[int, int], int]) -> Version:
    place = (arm.pk, measured.prompts[row])
    clap, oracle = (_known(measured.column(arm, name)[row]) for name in ("clap", "oracle"))
    return Version(arm, difference(*measured.texts[place]), clap, oracle, clips.get(place))


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
