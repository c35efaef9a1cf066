"""Distances of sets of sounds: against independent implementations, and without bias where sets are small."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sklearn.metrics.pairwise import rbf_kernel
from torchmetrics.image.fid import _compute_fid

from results.measures import distribution
from results.opened import Opened
from results.tables import TABLES
from studies.models import Clip
from tests.listening.test_train_judge import embed


def sets(n: int, m: int, dim: int = 6, shift: float = 0.0, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    chance = np.random.default_rng(seed)
    return chance.normal(size=(n, dim)) + shift, chance.normal(size=(m, dim)) * np.linspace(1, 2, dim)


def test_frechet_is_torchmetrics_of_the_same_means_and_covariances():
    x, y = sets(80, 50, shift=0.3)

    theirs = _compute_fid(*(torch.from_numpy(f) for f in (x.mean(0), np.cov(x.T), y.mean(0), np.cov(y.T))))

    assert distribution.frechet(x, y) == pytest.approx(float(theirs), rel=1e-9)
    assert distribution.frechet(x, x) == pytest.approx(0, abs=1e-9)


def test_kad_is_the_u_statistic_with_scikit_learns_kernel():
    x, y = sets(40, 30, shift=0.5)
    width = np.median([np.linalg.norm(a - b) for i, a in enumerate(y) for b in y[:i]])

    def kernel(a, b):
        return rbf_kernel(a, b, gamma=1 / (2 * width**2))

    within = [(kernel(z, z).sum() - len(z)) / (len(z) * (len(z) - 1)) for z in (x, y)]
    theirs = 100 * (sum(within) - 2 * kernel(x, y).mean())
    found = distribution.kad(x, y, np.arange(40), np.arange(30))
    assert found.value == pytest.approx(theirs, rel=1e-9)
    assert found.low < found.value < found.high


def test_small_sets_do_not_look_further_apart():
    """Of one distribution, drawn many times: KAD's mean is 0, FAD∞'s nearly, a plain FAD's is not."""
    pairs = [(z[:40], z[40:]) for z in (np.random.default_rng(s).normal(size=(80, 6)) for s in range(60))]

    kads = [distribution.kad(x, y, np.arange(40), np.arange(40)).value for x, y in pairs]
    endless = [distribution.fad(x, y).value for x, y in pairs]
    plain = np.mean([distribution.frechet(x, y) for x, y in pairs])

    assert abs(np.mean(kads)) < 3 * np.std(kads) / np.sqrt(60)
    assert abs(np.mean(endless)) < plain / 3


def test_sounds_of_one_prompt_are_drawn_together():
    x, y = sets(60, 60, shift=0.2)
    x = np.repeat(x[:15], 4, axis=0) + 0.05 * sets(60, 1, seed=2)[0]

    alone = distribution.kad(x, y, np.arange(60), np.arange(60))
    together = distribution.kad(x, y, np.arange(60) // 4, np.arange(60))

    assert together.value == alone.value
    assert together.high - together.low > 1.2 * (alone.high - alone.low)


def test_too_few_sounds_are_told_and_nothing_is_made_of_them():
    x, y = sets(30, 30, dim=40)

    assert "asks for 80 clips on each side, not 30" in distribution.fad(x, y).reason
    assert distribution.kad(x[:10], y, np.arange(10), np.arange(30)).value is None


def test_kl_is_nothing_for_the_same_sound_and_scipys_for_others():
    from scipy.special import rel_entr, softmax

    chance = np.random.default_rng(1)
    x, y, classes = (z / np.linalg.norm(z, axis=1, keepdims=True) for z in chance.normal(size=(3, 5, 4)))

    found = distribution.kl(x, y, classes)

    p, q = (softmax(z @ classes.T / 0.07, axis=1) for z in (y, x))
    assert found == pytest.approx(rel_entr(p, q).sum(1), rel=1e-9)
    assert distribution.kl(x, x, classes) == pytest.approx(0, abs=1e-12)


def test_the_table_names_its_reference_and_leaves_silence_out(study, monkeypatch):
    monkeypatch.setattr(distribution, "LEAST", 3)
    embed(study, study.evaluation_scorer)
    Clip.objects.filter(pk=Clip.objects.filter(renderings__candidate__arm__key="instruct")[0].pk).update(loudness=-70.0)

    table = TABLES["apart"](Opened(study))

    assert "Reference: Original." in table.note and "asks for 10 clips" in table.note
    rows = {row["arm"]: row for row in table.rows}
    assert set(rows) == {"Instruct", "Instruct feedback", "Best of n"}
    assert (rows["Instruct"]["clips"], rows["Instruct"]["silent"], rows["Instruct"]["reference_clips"]) == (3, 1, 4)
    assert rows["Best of n"]["kl_interval"] and rows["Best of n"]["few"] == "few clips"


def test_a_scorer_without_words_has_no_space_of_sounds(study):
    study.evaluation_scorer.engine = "distillmos"

    assert TABLES["apart"](Opened(study)).rows == []
