"""Prompts to listen to: where an arm gained most over the original, and where it lost."""

from __future__ import annotations

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
    """gain: CLAP of the arm that is looked at minus the original's; None where there is no original."""

    prompt: str
    gain: float | None
    versions: list[Version]


class Examples(NamedTuple):
    arm: Arm | None
    gains: list[Example]
    losses: list[Example]


def examples(study: Study, measured: Measurements, arm: Arm | None, each: int = 3) -> Examples:
    """The `each` prompts on which `arm` gained most over the original, and those on which it lost most."""
    if arm is None:
        return Examples(None, [], [])
    order, gains = _order(measured, arm)
    best, worst = order[:each], order[each:][: -each - 1 : -1]
    clips = _first_clips(study, [measured.prompts[i] for i in (*best, *worst)])
    show = [[_example(measured, i, gains, clips) for i in rows] for rows in (best, worst)]
    return Examples(arm, *show)


def looked_at(arms: list[Arm], key: str = "") -> Arm | None:
    """The arm asked for, else the one that learned by feedback, else the last that rewrites."""
    rewriting = [arm for arm in arms if arm.method != Arm.Method.ORIGINAL] or arms
    asked = [arm for arm in rewriting if arm.key == key]
    learned = [arm for arm in rewriting if arm.method == Arm.Method.INSTRUCT_FEEDBACK]
    return next(iter(asked + learned + rewriting[::-1]), None)


def gains_of(measured: Measurements, arm: Arm, measure: str = "clap") -> np.ndarray | None:
    """A measure of an arm minus the original's, [prompts]; None where no other arm is the original."""
    original = next((a for a in measured.arms if a.method == Arm.Method.ORIGINAL and a != arm), None)
    return measured.column(arm, measure) - measured.column(original, measure) if original else None


def _order(measured: Measurements, arm: Arm) -> tuple[list[int], np.ndarray | None]:
    """Rows of prompts that have a value, the greatest gain (or score) first."""
    gains = gains_of(measured, arm)
    values = measured.column(arm, "clap") if gains is None else gains
    known = np.flatnonzero(~np.isnan(values))
    return [int(i) for i in known[np.argsort(-values[known], kind="stable")]], gains


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


def _example(measured: Measurements, row: int, gains: np.ndarray | None, clips: dict) -> Example:
    prompt = measured.prompts[row]
    versions, given = [], ""
    for arm in measured.arms:
        texts = measured.texts.get((arm.pk, prompt))
        if texts is None:
            continue
        given = texts.prompt
        values = (_known(measured.column(arm, name)[row]) for name in ("clap", "oracle"))
        versions.append(Version(arm, difference(*texts), *values, clips.get((arm.pk, prompt))))
    return Example(given, None if gains is None else float(gains[row]), versions)


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
