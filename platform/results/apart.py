"""How far the sounds of each arm lie from a reference: which clips are compared, by whose embeddings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from listening.actions.open_trials import SILENCE
from results.measures import distribution
from results.measures.distribution import Distance
from results.opened import Opened
from results.statistics import mean_intervals
from studies.evaluated import CONTROL, main_prompts
from studies.models import ClipEmbedding, Rendering, Study, TextEmbedding, Work

EXPERT = "expert captions, as written"
Takes = dict[tuple[int, int], np.ndarray]  # embedding by prompt and take


@dataclass(frozen=True)
class Apart:
    """clips, silent: of the arm, and how many of them were left out. kl: against the original of the same prompt and
    audio seed; it has its interval over prompts."""

    arm: str
    reference: str
    clips: int
    silent: int
    reference_clips: int
    kad: Distance
    fad: Distance
    kl: Distance


def apart(page: Opened) -> list[Apart]:
    """Of every arm but the reference itself. Nothing where the scorer that judges has no space of sounds."""
    return page.kept("apart", list[Apart], lambda: _apart(page))


def _apart(page: Opened) -> list[Apart]:
    study = page.study
    original = next((arm for arm in page.arms if arm.key in page.originals), None)
    if original is None or not study.evaluation_scorer.hears_words:
        return []
    heard = {arm.pk: _takes(study, arm.pk, study.evaluation_kind) for arm in page.arms}
    experts, _ = _takes(study, original.pk, CONTROL)
    by_experts = study.evaluation_kind != CONTROL and len(experts) >= distribution.LEAST
    reference, name = (experts, EXPERT) if by_experts else (heard[original.pk][0], original.name)
    classes = _classes(study)
    compared = [arm for arm in page.arms if (by_experts or arm != original) and heard[arm.pk][0]]
    return [
        _row(arm.name, name, *heard[arm.pk], reference, {} if arm == original else heard[original.pk][0], classes)
        for arm in compared
        if reference
    ]


def _row(arm: str, name: str, takes: Takes, silent: int, reference: Takes, original: Takes, classes) -> Apart:
    (x, of_x), (y, of_y) = (_stacked(each) for each in (takes, reference))
    return Apart(
        arm, name, len(x), silent, len(y), distribution.kad(x, y, of_x, of_y), distribution.fad(x, y),
        _kl(takes, original, classes),
    )  # fmt: skip


def _stacked(takes: Takes) -> tuple[np.ndarray, np.ndarray]:
    return np.array(list(takes.values())), np.array([prompt for prompt, _ in takes])


def _kl(takes: Takes, original: Takes, classes: np.ndarray) -> Distance:
    both = [place for place in takes if place in original]
    if not both or len(classes) < 2:
        return Distance(None, reason="nothing of the same prompt and audio seed to compare with")
    sounds, references = (np.array([one[place] for place in both]) for one in (takes, original))
    found = distribution.kl(sounds, references, classes)
    prompts = np.array([prompt for prompt, _ in both])
    means = np.array([found[prompts == prompt].mean() for prompt in np.unique(prompts)])
    (estimate,) = mean_intervals(means[:, None])
    if estimate is None:
        return Distance(float(means.mean()))
    ends: Any = estimate.interval or (None, None)
    return Distance(estimate.value, *ends)


def _takes(study: Study, arm: int, kind: str) -> tuple[Takes, int]:
    """Embeddings of the arm's evaluated clips that can be heard, and how many cannot."""
    rows = Rendering.objects.filter(
        candidate__arm=arm, candidate__purpose="evaluate", candidate__prompt__kind=kind, clip__state=Work.State.DONE
    ).order_by("candidate__prompt__position", "take", "-candidate__round")
    places: dict[int, list[tuple[int, int]]] = {}
    silent = 0
    for clip, prompt, take, loudness in rows.values_list("clip", "candidate__prompt", "take", "clip__loudness"):
        if loudness is None or loudness <= SILENCE:
            silent += 1
        else:
            places.setdefault(clip, []).append((prompt, take))
    vectors = ClipEmbedding.objects.filter(scorer=study.evaluation_scorer_id, clip__in=places)
    found = {clip: np.asarray(vector, float) for clip, vector in vectors.values_list("clip", "vector")}
    return {place: found[clip] for clip, each in places.items() if clip in found for place in each}, silent


def _classes(study: Study) -> np.ndarray:
    """The study's own prompts, as the scorer reads them: what a clip is heard as is the chance of each."""
    texts = main_prompts(study).values("text")
    known = TextEmbedding.objects.filter(scorer=study.evaluation_scorer_id, state=Work.State.DONE, text__in=texts)
    return np.array([np.asarray(vector, float) for vector in known.order_by("text").values_list("vector", flat=True)])
