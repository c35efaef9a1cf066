"""The shipped rewriters, decoded as the shipped recipe does, on prompts and scenes that no training step saw."""

from pathlib import Path

import numpy as np
import pytest
import yaml

import inference
from inference.engines import registry
from inference.engines.protocols import RewriteRequest
from inference.sandbox.build import CHECKPOINTS
from inference.sandbox.quality import VISITORS, unseen_words, words
from inference.sandbox.vocabulary import shipped_prompts

RECIPE = yaml.safe_load((Path(inference.__file__).parent / "recipes" / "models" / "sandbox.yaml").read_text("utf-8"))
ENGINES = {"rewriter-t5": "transformers-seq2seq", "rewriter-gpt2": "transformers-causal"}
SMALL = {f"{name}-small": engine for name, engine in ENGINES.items()}
TAKES = 3


def load(name, **changed):
    parameters = RECIPE["engines"]["rewriter"]["parameters"] | changed
    return registry.load((ENGINES | SMALL)[name], str(CHECKPOINTS / name), values=parameters)


@pytest.fixture(scope="module", params=ENGINES)
def rewriter(request):
    return load(request.param)


@pytest.fixture(scope="module", params=SMALL)
def small(request):
    return load(request.param)


@pytest.fixture(scope="module")
def judge():
    return registry.load("transformers-clap", str(CHECKPOINTS / "clap-judge"))


def prompts(kind):
    return [row["text"] for row in shipped_prompts() if (row["kind"], row["split"]) == (kind, "test")]


def rewritten(rewriter, texts):
    return rewriter.rewrite([RewriteRequest(text) for text in texts])


def sounds(texts):
    """TAKES of each text."""
    seeds = list(range(TAKES))
    return registry.load("sandbox-synthesiser").generate(
        [text for text in texts for _ in seeds], [seed for _ in texts for seed in seeds], 3.0
    )


def by_oracle(texts, references):
    """Relevance of what the texts sound like to the references, mean over takes: [texts]."""
    truths = [sound.truth for sound in sounds(texts)]
    values = registry.load("sandbox-oracle").judge([r for r in references for _ in range(TAKES)], truths)
    return np.reshape(values, (-1, TAKES)).mean(1)


def by_clap(judge, texts, references):
    """The same by CLAP."""
    heard = judge.embed_audio(sounds(texts)).reshape(len(texts), TAKES, -1).mean(1)
    return np.einsum("nd,nd->n", heard, judge.embed_text(references))


def kept(rewriter):
    """The share of never seen content words that greedy rewrites still hold."""
    asked = [*prompts("open"), *VISITORS.read_text(encoding="utf-8").splitlines()]
    pairs = zip(asked, rewritten(rewriter, asked), strict=True)
    found = [word in words(new) for text, new in pairs for word in unseen_words(text)]
    assert len(found) > 100
    return np.mean(found)


def test_words_it_has_never_seen_are_kept(rewriter):
    assert kept(rewriter) >= 0.95


def test_the_small_ones_keep_them_too_and_have_something_to_choose_from(small):
    assert kept(small) >= 0.95
    assert several(small)


def test_the_small_ones_have_a_third_of_the_weights():
    weights = {name: (CHECKPOINTS / name / "model.safetensors").stat().st_size for name in ENGINES | SMALL}
    for name in ENGINES:
        assert weights[f"{name}-small"] < 0.4 * weights[name]


def test_an_expert_prompt_loses_nothing_to_speak_of(rewriter, judge):
    captions = prompts("expert")
    new = rewritten(rewriter, captions)
    assert by_clap(judge, new, captions).mean() >= by_clap(judge, captions, captions).mean() - 0.03
    assert by_oracle(new, captions).mean() >= by_oracle(captions, captions).mean() - 0.03


def test_an_open_prompt_gains_and_leaves_room_for_feedback(rewriter):
    asked = prompts("open")
    gains = by_oracle(rewritten(rewriter, asked), asked) - by_oracle(asked, asked)
    assert gains.mean() > 3 * gains.std() / len(gains) ** 0.5
    assert by_oracle(rewritten(rewriter, asked), asked).mean() < 0.85


def several(rewriter):
    """Whether of eight samples of a prompt five differ, as a rule."""
    asked = prompts("open")[:10]
    rewrites = rewriter.rewrite([RewriteRequest(text, seed=seed) for text in asked for seed in range(8)])
    return np.mean([len(set(rewrites[8 * i : 8 * i + 8])) for i in range(10)]) >= 5


def test_sampled_candidates_differ(rewriter):
    assert several(rewriter)


def test_the_encoder_decoder_keeps_them_even_where_nothing_forces_it(judge):
    bare, captions = load("rewriter-t5", keep_prompt=False), prompts("expert")
    assert kept(bare) >= 0.95
    assert (
        by_clap(judge, rewritten(bare, captions), captions).mean() >= by_clap(judge, captions, captions).mean() - 0.03
    )
