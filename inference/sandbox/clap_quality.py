"""How well a sandbox CLAP listens, measured on clips, scenes, prompts and wordings that no training step met."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from transformers import AutoTokenizer, ClapFeatureExtractor, ClapModel

from inference.sandbox.captions import RESERVED_FRAMES
from inference.sandbox.clap_model import Clip, spectrograms
from inference.sandbox.synthesiser import complete
from inference.sandbox.vocabulary import (
    ATTRIBUTES,
    PHRASES,
    parse,
    relevance,
    sample_attributes,
    shipped_prompts,
)

FIRST = 9_000_000  # seeds from here on are never trained on
CLIPS = 1000  # of an examination
GALLERY = 200  # clips to choose among
TAKES = 4  # clips for each open prompt
RETAKES = 8  # seeds for the noise of one text

# The bars. The lowest attribute stands for all ten.
BARS: dict[str, Callable[[Mapping[str, float]], bool]] = {
    "recall_at_1": lambda q: q["recall_at_1"] >= 0.35,
    "auc_expert": lambda q: q["auc_expert"] >= 0.95,
    "auc_open": lambda q: q["auc_open"] >= 0.90,
    "attributes": lambda q: min(q[f"two_way_{a}"] for a in ATTRIBUTES) >= 0.75,
}


@dataclass(frozen=True)
class Examination:
    """Clips and texts on which CLAPs are compared. mels: float16 [clips, frames, bands]."""

    truths: tuple[dict[str, str], ...]
    mels: Tensor
    captions: tuple[str, ...]  # one a clip
    prompts: tuple[str, ...]  # open
    scenes: tuple[str, ...]  # of the prompts
    prompt_truths: tuple[dict[str, str], ...]  # TAKES a prompt
    prompt_mels: Tensor
    retake_mels: Tensor  # RETAKES a prompt, of nothing but what it says


@cache
def examination(clips: int, split: str = "test", threads: int = 2) -> Examination:
    """The same one for every call: clips with evenly drawn attributes, and the open prompts of the split."""
    rng = random.Random(clips)
    seeds = range(FIRST, FIRST + clips)
    truths = tuple(complete({}, seed) for seed in seeds)
    rows = [row for row in shipped_prompts() if (row["kind"], row["split"]) == ("open", split)]
    prompts = tuple(row["text"] for row in rows)
    wished = tuple(sample_attributes(p, rng) for p in prompts for _ in range(TAKES))
    jobs: list[Clip] = [({}, seed) for seed in seeds]
    jobs += [(truth, FIRST + clips + i) for i, truth in enumerate(wished)]
    jobs += [(parse(p), FIRST + i) for p in prompts for i in range(RETAKES)]
    mels = spectrograms(jobs, lambda *_: None, threads)
    parts = torch.split(mels, [clips, len(wished), RETAKES * len(prompts)])
    captions = tuple(held_out_caption(t, rng) for t in truths)
    return Examination(truths, parts[0], captions, prompts, tuple(r["scene"] for r in rows), wished, parts[1], parts[2])


def held_out_caption(truth: Mapping[str, str], rng: random.Random, least: int = 3) -> str:
    """An expert caption in reserved wording and frames, naming at least `least` attributes."""
    named = rng.sample(list(truth), rng.randint(min(least, len(truth)), len(truth)))
    return rng.choice(RESERVED_FRAMES).format(list=", ".join(PHRASES[a, truth[a]][-1] for a in named))


class Listener:
    """A CLAP checkpoint, for measuring. (The platform's own engine reads its own mel front end.)"""

    def __init__(self, checkpoint: str | Path) -> None:
        self.model = ClapModel.from_pretrained(checkpoint, dtype=torch.float32).eval()
        self.tokenizer = AutoTokenizer.from_pretrained(checkpoint)
        self.extractor = ClapFeatureExtractor.from_pretrained(checkpoint)

    @torch.inference_mode()
    def read(self, texts: Sequence[str]) -> np.ndarray:
        """[texts, dim], rows of unit length."""
        rows = []
        for i in range(0, len(texts), 64):
            batch = self.tokenizer(list(texts[i : i + 64]), return_tensors="pt", padding=True)
            rows.append(self.model.get_text_features(**batch).pooler_output)
        return torch.cat(rows).numpy()

    @torch.inference_mode()
    def hear(self, mels: Tensor) -> np.ndarray:
        """[clips, frames, bands] -> [clips, dim], rows of unit length."""
        rows = [self.model.get_audio_features(input_features=m[:, None].float()).pooler_output for m in mels.split(64)]
        return torch.cat(rows).numpy()


def clap_quality(checkpoint: str | Path, clips: int | None = None, split: str = "test") -> dict[str, float]:
    """Every figure of the model card, and `passes` (1.0 where all bars hold)."""
    listener, exam = Listener(checkpoint), examination(clips or CLIPS, split)
    heard = listener.hear(exam.mels)
    quality = _retrieval(listener, exam, heard) | _two_way(listener, exam, heard) | _open(listener, exam, heard)
    return quality | {"passes": float(all(bar(quality) for bar in BARS.values()))}


def agreement(one: str | Path, other: str | Path, clips: int | None = None, split: str = "test") -> float:
    """Pearson correlation of two CLAPs' scores over all open prompts and clips of the examination."""
    exam = examination(clips or CLIPS, split)
    scores = [
        listener.read(exam.prompts) @ listener.hear(exam.prompt_mels).T for listener in map(Listener, (one, other))
    ]
    return float(np.corrcoef(scores[0].ravel(), scores[1].ravel())[0, 1])


def auc(right: np.ndarray, wrong: np.ndarray) -> float:
    """Probability that a right score is above a wrong one (Mann and Whitney 1947)."""
    ordered = np.sort(wrong.ravel())
    below = np.searchsorted(ordered, right.ravel(), "left") + np.searchsorted(ordered, right.ravel(), "right")
    return float(below.mean() / 2 / len(ordered))


def _retrieval(listener: Listener, exam: Examination, heard: np.ndarray) -> dict[str, float]:
    """Captions find their clips and clips their captions, in galleries of GALLERY; mean of both directions.

    A caption may name three attributes only, which several clips share: someone who hears all of them reaches .69.
    """
    scores = listener.read(exam.captions) @ heard.T
    ranks = []
    gallery = min(GALLERY, len(scores))
    for i in range(0, len(scores) - gallery + 1, gallery):
        part = scores[i : i + gallery, i : i + gallery]
        ranks += [(p > np.diag(p)[:, None]).sum(1) for p in (part, part.T)]
    best = np.concatenate(ranks)
    itself = np.eye(len(scores), dtype=bool)
    return {
        "recall_at_1": float((best == 0).mean()),
        "recall_at_5": float((best < 5).mean()),
        "auc_expert": auc(scores[itself], scores[~itself]),
    }


def _two_way(listener: Listener, exam: Examination, heard: np.ndarray) -> dict[str, float]:
    """Whether a clip prefers its caption to the one with a single value swapped, for each attribute."""
    rng, figures = random.Random(1), {}
    for attribute, values in ATTRIBUTES.items():
        swapped = [rng.choice([v for v in values if v != t[attribute]]) for t in exam.truths]
        right, wrong = zip(
            *(_pair(t, attribute, v, rng) for t, v in zip(exam.truths, swapped, strict=True)), strict=True
        )
        gain = ((listener.read(right) - listener.read(wrong)) * heard).sum(1)
        figures[f"two_way_{attribute}"] = float((gain > 0).mean())
    return figures


def _pair(truth: Mapping[str, str], attribute: str, value: str, rng: random.Random) -> tuple[str, str]:
    """A held-out caption that names the attribute among two to five others, and its twin with this value instead."""
    others = rng.sample([a for a in truth if a != attribute], rng.randint(2, 5))
    named = rng.sample([attribute, *others], len(others) + 1)
    frame = rng.choice(RESERVED_FRAMES)
    twins = (truth, {**truth, attribute: value})
    right, wrong = (frame.format(list=", ".join(PHRASES[a, t[a]][-1] for a in named)) for t in twins)
    return right, wrong


def _open(listener: Listener, exam: Examination, heard: np.ndarray) -> dict[str, float]:
    """Open prompts against clips of their own wishes and of other scenes'; the oracle; the noise of one text."""
    read, wished = listener.read(exam.prompts), listener.hear(exam.prompt_mels)
    scores = read @ wished.T  # [prompts, prompts · TAKES]
    scene, clip_scene = np.array(exam.scenes), np.repeat(exam.scenes, TAKES)
    own = np.eye(len(scores), dtype=bool).repeat(TAKES, axis=1)
    oracle = np.array([[relevance(p, t) for t in exam.prompt_truths] for p in exam.prompts])
    retakes = (read[:, None] * listener.hear(exam.retake_mels).reshape(len(read), RETAKES, -1)).sum(-1)
    return {
        "auc_open": auc(scores[own], scores[scene[:, None] != clip_scene]),
        "auc_open_ceiling": auc(oracle[own], oracle[scene[:, None] != clip_scene]),
        "auc_open_any": auc(scores[own], read @ heard.T),
        "oracle_correlation": float(np.corrcoef(scores.ravel(), oracle.ravel())[0, 1]),
        "seed_noise": float(retakes.std(axis=1, ddof=1).mean()),
        "prompt_spread": float(scores[own].std(ddof=1)),
    }
