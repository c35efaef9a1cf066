"""The shipped rewriter, decoded as the shipped recipe does, on prompts and scenes that no training step saw."""

import csv
from pathlib import Path

import numpy as np
import pytest
import yaml

import inference
from inference.engines import registry
from inference.engines.protocols import RewriteRequest
from inference.sandbox.quality import VISITORS, unseen_words

ROOT = Path(inference.__file__).parent
TAKES = 3


@pytest.fixture(scope="module")
def rewriter():
    spec = yaml.safe_load((ROOT / "recipes" / "sandbox.yaml").read_text())["engines"]["rewriter"]
    folder = ROOT / "sandbox" / "checkpoints" / spec["checkpoint"].removeprefix("sandbox:")
    return registry.load(spec["engine"], str(folder), values=spec["parameters"])


def prompts(kind):
    with (ROOT / "sandbox" / "data" / "open_prompts.csv").open(encoding="utf-8") as file:
        return [row["text"] for row in csv.DictReader(file) if (row["kind"], row["split"]) == (kind, "test")]


def relevance(texts, references):
    """Oracle relevance to the reference, mean over takes: [texts]."""
    seeds = list(range(TAKES))
    sounds = registry.load("sandbox-synthesiser").generate(
        [text for text in texts for _ in seeds], [seed for _ in texts for seed in seeds], 0.5
    )
    values = registry.load("sandbox-oracle").judge([r for r in references for _ in seeds], [s.truth for s in sounds])
    return np.reshape(values, (-1, TAKES)).mean(1)


def test_words_it_has_never_seen_are_kept(rewriter):
    asked = [*prompts("open"), *VISITORS.read_text(encoding="utf-8").splitlines()]
    rewrites = rewriter.rewrite([RewriteRequest(text) for text in asked])
    unseen = [(word, new.lower()) for text, new in zip(asked, rewrites, strict=True) for word in unseen_words(text)]
    assert len(unseen) > 100
    assert np.mean([word.lower() in new for word, new in unseen]) >= 0.95


def test_an_expert_prompt_loses_nothing_to_speak_of(rewriter):
    captions = prompts("expert")
    rewrites = rewriter.rewrite([RewriteRequest(text) for text in captions])
    assert relevance(rewrites, captions).mean() >= relevance(captions, captions).mean() - 0.03


def test_an_open_prompt_gains_and_leaves_room_for_feedback(rewriter):
    asked = prompts("open")
    before = relevance(asked, asked)
    after = relevance(rewriter.rewrite([RewriteRequest(text) for text in asked]), asked)
    gains = after - before
    assert gains.mean() > 3 * gains.std() / len(gains) ** 0.5
    assert after.mean() < 0.85


def test_sampled_candidates_differ(rewriter):
    asked = prompts("open")[:10]
    rewrites = rewriter.rewrite([RewriteRequest(text, seed=seed) for text in asked for seed in range(8)])
    assert np.mean([len(set(rewrites[8 * i : 8 * i + 8])) for i in range(10)]) >= 5
