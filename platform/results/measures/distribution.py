"""How far one set of sounds lies from another, by the embeddings of both: FAD and KAD; and KL of what is heard in them.

Distances of sets are biased where sets are small, and the smaller the set the larger they look. KAD is a U-statistic
and has no bias at any size; FAD is told as it would be of endless sets, from how it falls with the size.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial.distance import pdist
from scipy.special import log_softmax

SCALE = 100.0  # by which KAD is told (Chung and others 2025, arXiv 2502.15602, and their kadtk)
RESAMPLES, SEED = 200, 1
SHARES, DRAWS = np.linspace(0.5, 1.0, 6), 4  # of the sets, from which FAD is carried on to endless ones
TEMPERATURE = 0.07  # of softmax over similarities: CLAP's and CLIP's own before training
LEAST = 20  # clips of a set: with fewer nothing is told


@dataclass(frozen=True)
class Distance:
    """value None with the reason. low, high: 95 % interval, None where there is none."""

    value: float | None
    low: float | None = None
    high: float | None = None
    reason: str = ""


def frechet(x: np.ndarray, y: np.ndarray) -> float:
    """Fréchet distance of the normal distributions fitted to both: |μ_x − μ_y|² + tr(Σ_x + Σ_y − 2 √(Σ_x Σ_y)).

    x, y: [sounds, dim]. The trace of the root is the sum of singular values of A Bᵀ, where AᵀA and BᵀB are the two
    covariances: no root of a matrix that is only nearly positive.
    """
    a, b = (_centred(each) for each in (x, y))
    apart = x.mean(0) - y.mean(0)
    rooted = np.linalg.svd(a @ b.T, compute_uv=False).sum()
    return float(apart @ apart + (a**2).sum() + (b**2).sum() - 2 * rooted)


def _centred(x: np.ndarray) -> np.ndarray:
    """A of AᵀA = Σ."""
    return (x - x.mean(0)) / np.sqrt(len(x) - 1)


def fad(x: np.ndarray, y: np.ndarray, *, seed: int = SEED) -> Distance:
    """FAD∞: Fréchet distances of parts of both sets are a line in 1/n, whose end at 1/n = 0 is told (Chong and Forsyth
    2020, arXiv 1911.07023; Gui and others 2024, arXiv 2311.01616). Of fewer than twice as many sounds as embeddings
    have numbers it is no line, and nothing is told."""
    dim, least = x.shape[1], min(len(x), len(y))
    if least < max(LEAST, 2 * dim):
        return Distance(None, reason=f"FAD of {dim} numbers a sound asks for {2 * dim} clips on each side, not {least}")
    chance = np.random.default_rng(seed)
    inverse, found = [], []
    for share in SHARES:
        for _ in range(1 if share == 1 else DRAWS):
            parts = [each[chance.permutation(len(each))[: round(share * len(each))]] for each in (x, y)]
            inverse.append(1 / share)
            found.append(frechet(*parts))
    slope, whole = np.polyfit(np.array(inverse) - 1, found, 1)
    return Distance(float(whole - slope))


def kad(x: np.ndarray, y: np.ndarray, of_x: np.ndarray, of_y: np.ndarray, *, seed: int = SEED) -> Distance:
    """Kernel Audio Distance ×100: the unbiased squared MMD with a Gaussian kernel, as wide as the median distance
    within the reference. It may fall below 0, where the sets are alike.

    x: [sounds, dim]; y: of the reference. of_x, of_y: prompts' ids; the interval draws prompts, with all their sounds.
    """
    if min(len(x), len(y)) < LEAST:
        return Distance(None, reason=f"fewer than {LEAST} clips")
    width = float(np.median(pdist(y)))
    kernels = [_kernel(a, b, width) for a, b in ((x, x), (y, y), (x, y))]
    value = _mmd(kernels, np.ones(len(x)), np.ones(len(y)))
    chance = np.random.default_rng(seed)
    drawn = [_mmd(kernels, _times(of_x, chance), _times(of_y, chance)) for _ in range(RESAMPLES)]
    low, high = np.nanquantile(drawn, [0.025, 0.975])
    return Distance(SCALE * value, SCALE * float(low), SCALE * float(high))


def _kernel(a: np.ndarray, b: np.ndarray, width: float) -> np.ndarray:
    squares = (a**2).sum(1)[:, None] + (b**2).sum(1)[None] - 2 * a @ b.T
    return np.exp(-np.maximum(squares, 0.0) / (2 * width**2))


def _mmd(kernels: list[np.ndarray], a: np.ndarray, b: np.ndarray) -> float:
    """kernels: within x, within y, across. a, b: how often each sound is drawn; none is ever compared with itself."""
    pairs = [float(w.sum() ** 2 - (w**2).sum()) for w in (a, b)]
    if not all(pairs):
        return float("nan")  # one sound alone was drawn
    inner = [float(w @ k @ w - w**2 @ np.diag(k)) for k, w in zip(kernels, (a, b), strict=False)]
    return inner[0] / pairs[0] + inner[1] / pairs[1] - 2 * float(a @ kernels[2] @ b) / float(a.sum() * b.sum())


def _times(prompts: np.ndarray, chance: np.random.Generator) -> np.ndarray:
    """How often each sound is drawn where prompts are, with replacement."""
    ids, place = np.unique(prompts, return_inverse=True)
    return np.bincount(chance.integers(len(ids), size=len(ids)), minlength=len(ids))[place.ravel()].astype(float)


def kl(sounds: np.ndarray, references: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """[pairs], in nats: KL(reference ‖ sound) of what is heard in each, as the chances of classes.

    sounds, references: [pairs, dim], unit length, of one prompt and audio seed each; classes: [classes, dim] of texts.
    """
    heard, wanted = (log_softmax(each @ classes.T / TEMPERATURE, axis=1) for each in (sounds, references))
    return (np.exp(wanted) * (wanted - heard)).sum(1)
