"""The guard of the user's own terms: a rewrite does not end before it has said them."""

from __future__ import annotations

from functools import partial

import pytest
import torch

from inference.engines import decoding, registry
from inference.engines.protocols import RewriteRequest
from inference.sandbox.build import CHECKPOINTS
from inference.sandbox.vocabulary import shipped_prompts
from studies.fidelity import kept_terms, lost

ARCHITECTURES = {
    "seq2seq_checkpoint": "transformers-seq2seq",
    "causal_checkpoint": "transformers-causal",
    "neo_checkpoint": "transformers-causal",
}  # the small chat model's tokenizer has no spaces, so no words
SHIPPED = {"rewriter-t5": "transformers-seq2seq", "rewriter-gpt2": "transformers-causal"}
TEXTS = ["sad church music", "gym workout tune without drums, please", "rain", "LOUD rock'n'roll at 3am!"]


def requests(texts, seeds=(None, 1, 2)) -> list[RewriteRequest]:
    return [RewriteRequest(text, seed=seed, lost=partial(lost, text)) for text in texts for seed in seeds]


@pytest.fixture(params=ARCHITECTURES)
def load(request):
    checkpoint = request.getfixturevalue(request.param)

    def loaded(**values):
        values = {"instruction": "Rewrite: {prompt}", "max_new_tokens": 6, "dtype": "float64", "chat": False} | values
        return registry.load(ARCHITECTURES[request.param], checkpoint, values=values)

    return loaded


def test_random_weights_of_every_architecture_say_each_term_whatever_they_are_batched_with(load):
    """By themselves they lose nearly all of them: nothing in them knows what was asked for."""
    asked = requests(TEXTS)
    guarded, bare = load(keep_terms=True), load()

    together = guarded.rewrite(asked)

    assert together == [guarded.rewrite([one])[0] for one in asked]
    assert together == load(keep_terms=True, max_batch=5).rewrite(asked[::-1])[::-1]
    assert all(kept_terms(one.text, text) == 1 for one, text in zip(asked, together, strict=True))
    assert sum(kept_terms(one.text, text) == 0 for one, text in zip(asked, bare.rewrite(asked), strict=True)) > 8


def test_up_to_the_first_end_the_model_says_what_it_would_have_said(load):
    asked = requests(TEXTS)

    for bare, guarded in zip(load().rewrite(asked), load(keep_terms=True).rewrite(asked), strict=True):
        assert guarded.startswith(bare)


def test_a_rewrite_that_has_its_terms_is_not_touched(load):
    asked = [RewriteRequest(text, seed=seed, lost=lambda text: "") for text in TEXTS for seed in (None, 1)]

    assert load(keep_terms=True).rewrite(asked) == load().rewrite(asked)


def test_without_the_setting_nobody_asks(load):
    def asked(text):
        raise AssertionError("the guard was asked")

    assert load().rewrite([RewriteRequest("rain", lost=asked)])


def test_a_term_that_its_tokens_cannot_say_ends_the_rewrite_all_the_same(load):
    """`lost` is never content, as where a tokenizer has no token for a word."""
    (text,) = load(keep_terms=True).rewrite([RewriteRequest("rain", lost=lambda text: "rain")])

    assert text.count("rain") == decoding.REMINDERS


@pytest.fixture(scope="module", params=SHIPPED)
def shipped(request):
    def loaded(**values):
        values = {"instruction": "rewrite: {prompt} =>", "max_new_tokens": 64, "dtype": "float64"} | values
        return registry.load(SHIPPED[request.param], str(CHECKPOINTS / request.param), values=values)

    return loaded


def test_the_shipped_rewriters_keep_every_content_word_of_held_out_prompts(shipped):
    held_out = [row["text"] for row in shipped_prompts() if (row["kind"], row["split"]) == ("open", "validation")]
    texts = [*held_out[::2], "Kirchenmusik für Ängstliche", "雨の音"]
    asked = requests(texts, seeds=(None, 7))
    bare = shipped().rewrite(asked)

    guarded = shipped(keep_terms=True).rewrite(asked)

    assert all(kept_terms(one.text, text) == 1 for one, text in zip(asked, guarded, strict=True))
    whole = [kept_terms(one.text, text) == 1 for one, text in zip(asked, bare, strict=True)]
    assert 0 < sum(whole) < len(whole)
    assert [b for b, is_whole in zip(bare, whole, strict=True) if is_whole] == [
        g for g, is_whole in zip(guarded, whole, strict=True) if is_whole
    ]


def test_what_is_owed_counts_in_a_likelihood(shipped):
    """So that training teaches the rewriter to say it unasked."""
    asked, text = RewriteRequest("sad church music"), "slow organ, sad church music"

    bare, guarded = (shipped(keep_terms=keep).log_likelihoods(asked, [text]) for keep in (False, True))

    assert torch.equal(bare, guarded)


# The loop itself


def decoded(chosen: list[int], owed, steps: int = 4) -> list[int]:
    """One item of a model that says these tokens whatever it reads; 0 ends. -> what it said"""
    left = list(chosen)

    def step(tokens):
        logits = torch.full((1, 10), -9.0)
        logits[0, left.pop(0) if left else 0] = 0.0
        return logits

    uniform = decoding.draws([None], steps)
    (row,) = decoding.decode(
        step, uniform, torch.tensor([0]), decoding.Sampling(1.0, 1.0), owed=lambda item, said: owed(said)
    )
    return row


def test_what_is_owed_stands_where_the_text_would_have_ended_and_it_goes_on():
    def owed(said):
        return [] if 7 in said else [7, 8]

    # While 7 and 8 are due, the model's own choice of that step (3, 4) is not heard.
    assert decoded([1, 0, 3, 5, 0], owed) == [1, 7, 8, 5]


def test_what_is_owed_takes_no_step_of_the_model_s_own():
    assert decoded([1, 2, 3, 4, 5, 6], lambda said: [] if 7 in said else [7, 8], steps=4) == [1, 2, 3, 4, 7, 8]


def test_a_text_that_spoils_what_it_was_reminded_of_ends_with_it():
    def owed(said):
        return [] if said[-1:] == [7] else [7]

    assert decoded([1, 0, 9, 0, 5, 5], owed) == [1, 7, 9, 7]
