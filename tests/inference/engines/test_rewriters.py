"""Rewriters: every item keeps its own text, whatever it is batched with."""

from __future__ import annotations

import pytest
import torch

from inference.engines import registry
from inference.engines.protocols import EngineError, RewriteRequest
from inference.engines.templates import fill

TEXTS = [
    "sad church music",
    "gym workout tune with very loud drums and a deep bass line, please",
    "rain",
    "a {prompt} in {braces} {0} {exemplars}",
    "calm strings in a large hall",
]
GREEDY = [RewriteRequest(text) for text in TEXTS]
SAMPLED = [RewriteRequest(text, seed=number) for number, text in enumerate(TEXTS)]
WITH_EXEMPLARS = [RewriteRequest(text, ("slow organ, long echo", "soft guitar"), seed=7) for text in TEXTS]
FAMILIES = {
    "seq2seq_checkpoint": "transformers-seq2seq",
    "causal_checkpoint": "transformers-causal",
    "neo_checkpoint": "transformers-causal",
    "chat_checkpoint": "transformers-causal",
}


@pytest.fixture(params=FAMILIES)
def load(request):
    checkpoint = request.getfixturevalue(request.param)

    def loaded(**values):
        values = {"instruction": "Rewrite: {prompt}", "max_new_tokens": 12, "dtype": "float64", "chat": False} | values
        return registry.load(FAMILIES[request.param], checkpoint, values=values)

    return loaded


def test_an_item_keeps_its_text_whatever_it_is_batched_with(load):
    rewriter = load()
    requests = GREEDY + SAMPLED + WITH_EXEMPLARS

    together = rewriter.rewrite(requests)
    alone = [rewriter.rewrite([request])[0] for request in requests]
    in_small_batches = load(max_batch=3).rewrite(requests[::-1])[::-1]

    assert together == alone == in_small_batches
    assert len(set(together)) > len(TEXTS)


def test_float32_keeps_texts_apart_from_their_batch_too(load):
    rewriter = load(dtype="float32")

    assert rewriter.rewrite(GREEDY + SAMPLED) == [rewriter.rewrite([r])[0] for r in GREEDY + SAMPLED]


def test_seeds_give_different_texts_and_the_same_seed_the_same(load):
    rewriter = load()
    requests = [RewriteRequest("rain", seed=seed) for seed in (1, 2, 3, 1)]

    texts = rewriter.rewrite(requests)

    assert texts[0] == texts[3]
    assert len(set(texts)) == 3


def test_takes_every_seed_a_database_holds(load):
    assert len(load().rewrite([RewriteRequest("rain", seed=seed) for seed in (-(2**63), 2**63 - 1)])) == 2


def test_greedy_text_is_that_of_transformers_own_generate(load):
    rewriter = load(max_new_tokens=20)
    for request in GREEDY:
        ids = torch.tensor([rewriter.tokenizer(fill(rewriter.parameters, request))["input_ids"]])
        made = rewriter.model.generate(
            ids, attention_mask=torch.ones_like(ids), do_sample=False, max_new_tokens=20, pad_token_id=1
        )[0]
        own = made[ids.shape[1] :] if ids[0].equal(made[: ids.shape[1]]) else made
        text = rewriter.tokenizer.decode(own, skip_special_tokens=True)

        assert rewriter.rewrite([request]) == [" ".join(text.split())]


def test_a_very_small_nucleus_is_greedy(load):
    texts = [request.text for request in SAMPLED]

    sampled = load(top_p=1e-6).rewrite(SAMPLED)

    assert sampled == load().rewrite([RewriteRequest(text) for text in texts])


def test_a_prompt_longer_than_the_context_names_both_lengths(load):
    with pytest.raises(EngineError, match=r"'rain rain .*' takes \d{4} tokens .* context holds 256"):
        load().rewrite([RewriteRequest("rain"), RewriteRequest("rain " * 1000)])


def test_an_encoder_decoder_that_names_no_context_still_has_one(seq2seq_checkpoint):
    rewriter = registry.load("transformers-seq2seq", seq2seq_checkpoint)
    rewriter.tokenizer.model_max_length = 10**30

    with pytest.raises(EngineError, match="context holds 1024"):
        rewriter.rewrite([RewriteRequest("rain " * 1100)])


def test_an_empty_rewrite_names_its_request(load):
    rewriter = load()
    rewriter.ends = torch.arange(320)  # every token ends the text

    with pytest.raises(EngineError, match="The rewrite of 'rain' came out empty"):
        rewriter.rewrite([RewriteRequest("rain")])


def test_outputs_that_are_not_numbers_are_an_error(load):
    rewriter = load()
    with torch.no_grad():
        next(rewriter.model.parameters()).fill_(torch.nan)

    with pytest.raises(EngineError, match="NaN"):
        rewriter.rewrite([RewriteRequest("rain")])


def test_nothing_to_rewrite_gives_nothing(load):
    assert load().rewrite([]) == []


@pytest.mark.parametrize("family", ["causal", "neo", "chat"])
def test_a_prompt_that_leaves_no_room_for_its_rewrite_names_both_lengths(family, request):
    def load(room):
        values = {"instruction": "{prompt}", "chat": False, "max_new_tokens": room}
        return registry.load("transformers-causal", request.getfixturevalue(f"{family}_checkpoint"), values=values)

    asked = RewriteRequest("rain " * 240)
    length = len(load(1).tokenizer(asked.text)["input_ids"])
    room = 256 - length

    assert 200 < length < 250
    assert load(room).rewrite([asked])
    with pytest.raises(
        EngineError, match=rf"takes {length} tokens .* rewrite up to {room + 1} more, .* context holds 256"
    ):
        load(room + 1).rewrite([RewriteRequest("rain"), asked])


def test_memory_that_runs_out_halves_the_batch_and_changes_nothing(load, monkeypatch):
    rewriter, requests, tried = load(max_batch=4), GREEDY[:2] + SAMPLED[2:4], []
    expected, plain = rewriter.rewrite(requests), rewriter._decode

    def narrow(requests, *rest):
        tried.append(len(requests))
        if len(requests) > 1:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return plain(requests, *rest)

    monkeypatch.setattr(rewriter, "_decode", narrow)

    assert rewriter.rewrite(requests) == expected
    assert tried == [4, 2, 1, 1, 1, 1]


@pytest.mark.parametrize("family", ["seq2seq", "causal"])
def test_a_kept_prompt_begins_every_rewrite_whatever_it_is_batched_with(family, request):
    checkpoint = request.getfixturevalue(f"{family}_checkpoint")
    engine = registry.load(
        f"transformers-{family}", checkpoint, values={"keep_prompt": True, "max_new_tokens": 6, "dtype": "float64"}
    )
    requests = [
        RewriteRequest(text, seed=seed)
        for text in ("sad church music", "rain", "a quiet piano, echoing hall")
        for seed in (None, 1, 2)
    ]
    together = engine.rewrite(requests)
    assert all(text.startswith(r.text) for r, text in zip(requests, together, strict=True))
    assert together == [engine.rewrite([r])[0] for r in requests]


@pytest.mark.parametrize("family", ["seq2seq", "causal"])
def test_forced_tokens_do_not_count_in_a_likelihood(family, request):
    checkpoint = request.getfixturevalue(f"{family}_checkpoint")
    plain = registry.load(f"transformers-{family}", checkpoint, values={"dtype": "float64"})
    keeping = registry.load(f"transformers-{family}", checkpoint, values={"dtype": "float64", "keep_prompt": True})
    asked, candidates = RewriteRequest("sad church music"), ["sad church music, slow", "sad church music", "piano"]
    _, whole = plain.token_log_likelihoods(asked, candidates)
    sums, counted = keeping.token_log_likelihoods(asked, candidates)
    kept = len(plain.tokenizer("sad church music", add_special_tokens=False)["input_ids"])
    assert (whole - counted).tolist() == [kept, kept, 0]
    assert (sums > plain.token_log_likelihoods(asked, candidates)[0])[:2].all()


@pytest.mark.parametrize(
    ("values", "read"),
    [
        ({}, "<user>say rain<said>"),
        ({"system": "be brief"}, "<system>be brief<user>say rain<said>"),
        ({"chat": False}, "say rain"),
    ],
)
def test_a_chat_model_reads_the_instruction_as_its_user(chat_checkpoint, values, read):
    engine = registry.load("transformers-causal", chat_checkpoint, values={"instruction": "say {prompt}"} | values)

    tokens = engine._prompt_tokens(RewriteRequest("rain"), 4)

    assert tokens == engine.tokenizer(read, add_special_tokens=False)["input_ids"]
