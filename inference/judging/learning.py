"""From votes to a head, and what a head says of clips and pairs that it has not learned from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from inference.judging import evidence
from inference.judging.evidence import Evidence
from inference.judging.fitting import LOOSE, SCALE, Fit, Strength, covariance, fit, prior_mean
from inference.judging.sides import Sides, Units, units

PLAIN = Strength()
# From plain CLAP to what hardly trusts it (ours).
STRENGTHS = (PLAIN, *(Strength(a, b) for a in (0.0, 1.0, 3.0, 10.0) for b in (0.0, 1.0, 4.0, 12.0) if a + b))


@dataclass(frozen=True)
class Part:
    """What was learned of one scorer's embeddings. scale: of the plain score; taste: [dim]; texts: [prompts, dim] of
    those it learned from, lessons: [prompts, dim], what each of them taught."""

    scale: float
    taste: np.ndarray
    texts: np.ndarray
    lessons: np.ndarray

    def utility(self, texts: np.ndarray, clips: np.ndarray) -> np.ndarray:
        """[items], in logits. texts, clips: [items, dim]."""
        asked = self.scale * texts + self.taste + (texts @ self.texts.T) @ self.lessons
        return np.einsum("id,id->i", asked, clips)


@dataclass(frozen=True)
class Head:
    """parts: one a scorer. unit: a typical difference of the plain scores, by which logits become a score; sure: what
    logits are multiplied by so that chances come true (calibration). log_nu: of ties."""

    parts: tuple[Part, ...]
    unit: float
    log_nu: float
    strength: Strength
    sure: float = 1.0

    def utility(self, texts: Sequence[np.ndarray], clips: Sequence[np.ndarray]) -> np.ndarray:
        """[items], in calibrated logits; texts, clips: of each scorer [items, dim]."""
        said = [part.utility(t, c) for part, t, c in zip(self.parts, texts, clips, strict=True)]
        return self.sure * np.sum(said, axis=0)

    def differences(self, sides: Sequence[Sides]) -> np.ndarray:
        """[pairs], in calibrated logits."""
        return self.utility([each.texts for each in sides], [each.apart for each in sides])

    def chances(self, sides: Sequence[Sides]) -> np.ndarray:
        """[pairs]: that the first clip is preferred, a tie counting half."""
        return evidence.chance(self.differences(sides), self.log_nu)


@dataclass(frozen=True)
class Learned:
    """A head and the fit that it came from."""

    head: Head
    sides: tuple[Sides, ...]
    per: tuple[Units, ...]
    fit: Fit


def learn(sides: Sequence[Sides], seen: Evidence, strengths: Sequence[Strength] = STRENGTHS) -> Learned:
    """By the strength under which these votes are likeliest: the marginal likelihood, which no held-out vote decides.

    sides: of each scorer, the pairs that were voted on.
    """
    per = tuple(units(each) for each in sides)
    mean = prior_mean(sides, per)
    tried = [(fit(covariance(sides, sides, per, each), mean, seen), each) for each in strengths]
    found, strength = max(tried, key=lambda one: one[0].log_evidence)
    parts = tuple(_part(each, unit, len(per), found, strength) for each, unit in zip(sides, per, strict=True))
    unit = float(np.mean([one.clap for one in per]))
    return Learned(Head(parts, unit, found.log_nu, strength), tuple(sides), per, found)


def _part(sides: Sides, unit: Units, scorers: int, found: Fit, strength: Strength) -> Part:
    """The same function of texts and clips as prior mean plus covariance times weights, without the pairs."""
    scale = SCALE / unit.clap + LOOSE / unit.clap**2 * float(sides.clap @ found.weights)
    taught = sides.apart * found.weights[:, None] / unit.apart
    texts, prompt = np.unique(sides.texts, axis=0, return_inverse=True)
    lessons = np.zeros_like(texts)
    np.add.at(lessons, prompt.ravel(), strength.prompts * taught)
    return Part(scale / scorers, strength.taste * taught.sum(0) / scorers, texts, lessons / scorers)
