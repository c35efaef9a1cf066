"""A completed study's clips become trials."""

from __future__ import annotations

import logging
from itertools import groupby

from django.db import transaction

from listening.models import Trial
from studies.models import Arm, Clip, Rendering, Study
from studies.pipeline import item_seed

logger = logging.getLogger(__name__)

SILENCE = -70.0  # LUFS, the absolute gate of BS.1770: at or below it there is nothing to bring to a loudness


@transaction.atomic
def open_trials(*, study: Study) -> int:
    """Writes the trials that the study's listening pairs ask for and returns how many are new.

    Run again, it adds what is missing and changes nothing that is there.
    """
    Study.objects.select_for_update(of=("self",), no_key=True).get(
        pk=study.pk
    )  # one at a time: both would fill up to the limit
    arms = {arm.key: arm for arm in study.arms.all()}
    pairs = {tuple(sorted(pair)) for pair in study.listening_pairs if len(pair) == 2}
    known = [(arms[a], arms[b]) for a, b in sorted(pairs) if a != b and a in arms and b in arms]
    if len(known) < len(study.listening_pairs):
        logger.warning("Study %s: some listening pairs repeat, or name no two arms of it.", study.slug)
    return sum(_open_pair(study, *sorted(pair, key=lambda arm: arm.pk)) for pair in known)


def _open_pair(study: Study, first: Arm, second: Arm) -> int:
    heard = _first_takes(first), _first_takes(second)
    there = set(study.trials.filter(first_arm=first, second_arm=second).values_list("prompt_id", flat=True))
    new = _chosen(study, there, [p for p in heard[0] if comparable(heard[0][p], heard[1].get(p))])
    trials = [
        Trial(
            study=study,
            prompt_id=prompt,
            first_arm=first,
            second_arm=second,
            first_clip=heard[0][prompt],
            second_clip=heard[1][prompt],
            votes_needed=study.votes_per_trial,
        )
        for prompt in new
    ]
    return len(Trial.objects.bulk_create(trials))


def _chosen(study: Study, there: set[int], prompts: list[int]) -> list[int]:
    """The same prompts for every pair, as far as they can be compared, by the study's seed."""
    order = sorted(set(prompts) - there, key=lambda prompt: item_seed(study.seed, "listening", prompt))
    return sorted(order[: max(0, study.listening_prompts - len(there))])


def _first_takes(arm: Arm) -> dict[int, Clip]:
    """The clip that stands for the arm, by prompt: take 0 of what it finally proposes for evaluation."""
    renderings = (
        Rendering.objects.filter(candidate__arm=arm, candidate__purpose="evaluate", take=0, clip__state=Clip.State.DONE)
        .select_related("candidate", "clip")
        .order_by("candidate__prompt", "-candidate__round", "candidate__index")
    )
    return {prompt: next(rows).clip for prompt, rows in groupby(renderings, key=lambda row: row.candidate.prompt_id)}


def comparable(clip: Clip, other: Clip | None) -> bool:
    """Two different audible clips of the same length and rate: what raters get is then the same number of bytes."""
    return (
        other is not None
        and clip.audio.name != other.audio.name  # named by content: two texts can come to sound the same
        and (clip.samples, clip.sample_rate) == (other.samples, other.sample_rate)
        and all(one.loudness is not None and one.loudness > SILENCE for one in (clip, other))
    )
