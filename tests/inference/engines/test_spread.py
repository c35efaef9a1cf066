"""Spread samples: each is a plain sample, together they differ more than chance would have it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
import torch
import yaml

import inference
from inference.engines import decoding, registry
from inference.engines.protocols import RewriteRequest
from inference.sandbox.build import CHECKPOINTS
from inference.sandbox.vocabulary import shipped_prompts

FAMILIES = {"transformers-seq2seq": "rewriter-t5", "transformers-causal": "rewriter-gpt2"}
RECIPE = yaml.safe_load((Path(inference.__file__).parent / "recipes" / "models" / "sandbox.yaml").read_text("utf-8"))
PLAIN = decoding.Sampling(temperature=1.0, top_p=1.0)
ENDS = torch.tensor([0])


def two_tokens(probabilities: torch.Tensor):
    """A model of texts of two tokens: 1..k each with its probability, then the end."""

    def stepper(batch: int):
        position = 0

        def step(tokens):
            nonlocal position
            position += 1
            row = probabilities if position < 3 else torch.tensor([1.0, 0.0, 0.0, 0.0])
            return row.log().expand(batch, -1)

        return step

    return stepper


def drawn(seeds, strata) -> list[tuple[int, ...]]:
    stepper = two_tokens(torch.tensor([0.0, 0.5, 0.3, 0.2]))
    rows = decoding.decode(
        stepper(len(seeds)), decoding.draws(seeds, 4), ENDS, PLAIN, code=decoding.codes(seeds, strata)
    )
    return [tuple(row) for row in rows]


def test_the_strata_of_one_text_hold_every_sequence_as_often_as_its_probability():
    n = 100
    counted = Counter(drawn(list(range(n)), [(i, n) for i in range(n)]))

    for first, p in ((1, 0.5), (2, 0.3), (3, 0.2)):
        for second, q in ((1, 0.5), (2, 0.3), (3, 0.2)):
            assert abs(counted[first, second] - n * p * q) <= 2  # one at either end of its interval


def test_each_stratum_by_itself_is_a_plain_sample_of_the_model():
    n, texts = 4, 3000
    seeds = list(range(n * texts))
    counted = Counter(drawn(seeds, [(seed % n, n) for seed in seeds]))

    assert counted[1, 1] / len(seeds) == pytest.approx(0.25, abs=0.01)
    assert counted[3, 2] / len(seeds) == pytest.approx(0.06, abs=0.01)


@pytest.fixture(params=FAMILIES)
def rewriter(request):
    """The shipped ones: random weights would say anything but the same."""
    values = RECIPE["engines"]["rewriter"]["parameters"]
    return registry.load(request.param, str(CHECKPOINTS / FAMILIES[request.param]), values=values)


def spread(text: str, n: int, seed: int = 0) -> list[RewriteRequest]:
    return [RewriteRequest(text, seed=seed + i, stratum=(i, n)) for i in range(n)]


def test_spread_candidates_repeat_each_other_less(rewriter):
    texts = [row["text"] for row in shipped_prompts() if (row["kind"], row["split"]) == ("open", "validation")][:20]
    independent = rewriter.rewrite([RewriteRequest(text, seed=i) for text in texts for i in range(8)])
    apart = rewriter.rewrite([one for text in texts for one in spread(text, 8)])

    def different(made: list[str]) -> int:
        return sum(len(set(made[first : first + 8])) for first in range(0, len(made), 8))

    assert different(apart) > different(independent)


def test_an_item_keeps_its_text_whatever_it_is_batched_with(rewriter):
    requests = [*spread("rain", 5), RewriteRequest("rain"), RewriteRequest("birds", seed=3), *spread("calm", 3, 50)]

    assert rewriter.rewrite(requests) == [rewriter.rewrite([request])[0] for request in requests]
