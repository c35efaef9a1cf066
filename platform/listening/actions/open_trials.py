"""A completed study's clips become trials."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from itertools import combinations, groupby

from django.db import transaction

from listening import configuration, pools
from listening.models import Question, Trial
from studies.evaluated import main_prompts
from studies.models import Arm, Clip, Rendering, Study
from studies.pipeline import item_seed

logger = logging.getLogger(__name__)

SILENCE = -70.0  # LUFS, the absolute gate of BS.1770: at or below it there is nothing to bring to a loudness
SEVERAL = 8  # clips on one screen at most
FOUR = 4
Heard = dict[int, dict[int, Clip]]  # the clip that stands for an arm, by arm and prompt


@transaction.atomic
def open_trials(*, study: Study) -> int:
    """Writes the trials that the study's questions ask for and returns how many are new.

    Run again, it adds what is missing and changes nothing that is there.
    """
    # One at a time: both would fill up to the limit.
    Study.objects.select_for_update(of=("self",), no_key=True).get(pk=study.pk)
    configuration.test_of(study)
    pairs = listening_pairs(study)
    heard = {arm.pk: _first_takes(arm) for arm in {arm.pk: arm for pair in pairs for arm in pair}.values()}
    return sum(_open_question(question, pairs, heard) for question in configuration.questions_of(study)) if pairs else 0


def listening_pairs(study: Study) -> list[tuple[Arm, Arm]]:
    """The pairs of arms that the study names, each once, in the order of the arms' ids."""
    arms = {arm.key: arm for arm in study.arms.all()}
    pairs = {tuple(sorted(pair)) for pair in study.listening_pairs if len(pair) == 2}
    known = [(arms[a], arms[b]) for a, b in sorted(pairs) if a != b and a in arms and b in arms]
    if len(known) < len(study.listening_pairs):
        logger.warning("Study %s: some listening pairs repeat, or name no two arms of it.", study.slug)
    return [(a, b) if a.pk < b.pk else (b, a) for a, b in known]


def _open_question(question: Question, pairs: list[tuple[Arm, Arm]], heard: Heard) -> int:
    groups = screens(question, pairs)
    new = sum(_open_group(question, place, groups, heard) for place in range(len(groups)))
    pools.fill(question)
    return new


def screens(question: Question, pairs: list[tuple[Arm, Arm]]) -> list[tuple[Arm, ...]]:
    """Which arms stand together on one screen."""
    arms = sorted({arm.pk: arm for pair in pairs for arm in pair}.values(), key=lambda arm: arm.pk)
    if question.kind in Question.PAIRS:
        return list(pairs)
    if question.kind in Question.SINGLES:
        return [(arm,) for arm in arms]
    return [tuple(arms[:SEVERAL])] if question.kind == Question.Kind.MUSHRA else list(combinations(arms, FOUR))


def _open_group(question: Question, place: int, groups: Sequence[tuple[Arm, ...]], heard: Heard) -> int:
    group = groups[place]
    clips = {prompt: [heard[arm.pk].get(prompt) for arm in group] for prompt in heard[group[0].pk]}
    fit = [prompt for prompt in clips if comparable(clips[prompt])]
    if question.kind == Question.Kind.BEST_WORST:
        fit = _turn(question.study, list(clips), place, len(groups), set(fit))
    there = set(_trials_of(question, group).values_list("prompt_id", flat=True))
    new = chosen(question.study, there, fit)
    return len([write(question, Trial.Kind.STUDY, prompt, zip(group, clips[prompt], strict=True)) for prompt in new])


def _turn(study: Study, prompts: list[int], place: int, turns: int, fit: set[int]) -> list[int]:
    """A prompt is asked once, and fours take turns: those of the study's prompts that fall to this one."""
    return [prompt for prompt in chosen(study, set(), prompts)[place::turns] if prompt in fit]


def _trials_of(question: Question, group: Iterable[Arm]):
    trials = question.trials.filter(kind=Trial.Kind.STUDY)
    for arm in group:
        trials = trials.filter(stimuli__arm=arm)
    return trials


def chosen(study: Study, there: set[int], prompts: list[int]) -> list[int]:
    """The same prompts for every group of arms, as far as they can be compared, by the study's seed."""
    order = sorted(set(prompts) - there, key=lambda prompt: item_seed(study.seed, "listening", prompt))
    return sorted(order[: max(0, study.listening_prompts - len(there))])


def write(question: Question, kind: str, prompt: int, stimuli: Iterable[tuple[Arm | None, Clip | None]]) -> Trial:
    """A trial of untouched clips and their arms."""
    return pools.write(question, kind, prompt, [(arm, clip, "") for arm, clip in stimuli if clip])


def _first_takes(arm: Arm) -> dict[int, Clip]:
    """The clip that stands for the arm, by prompt: take 0 of what it finally proposes for evaluation."""
    renderings = (
        Rendering.objects.filter(candidate__arm=arm, candidate__purpose="evaluate", take=0, clip__state=Clip.State.DONE)
        .filter(candidate__prompt__in=main_prompts(arm.study))
        .select_related("candidate", "clip")
        .order_by("candidate__prompt", "-candidate__round", "candidate__index")
    )
    return {prompt: next(rows).clip for prompt, rows in groupby(renderings, key=lambda row: row.candidate.prompt_id)}


def comparable(clips: Sequence[Clip | None]) -> bool:
    """Different audible clips of the same length and rate: what raters get is then the same number of bytes."""
    there = [clip for clip in clips if clip is not None]
    return (
        len(there) == len(clips)
        # Named by content: two texts can come to sound the same.
        and len({clip.audio.name for clip in there}) == len(there)
        and len({(clip.samples, clip.sample_rate) for clip in there}) == 1
        and all(clip.loudness is not None and clip.loudness > SILENCE for clip in there)
    )
