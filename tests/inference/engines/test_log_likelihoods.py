"""s(y) = Σ log p(y_t | y_<t, x) / |y|^α, the same for both families."""

from __future__ import annotations

import pytest
import torch

from inference.engines import registry
from inference.engines.protocols import EngineError, RewriteRequest

PROMPT = RewriteRequest("sad church music", ("slow organ", "long echo"))
CANDIDATES = ["slow organ with a long echo", "rain", "a warm flute melody behind loud drums", "calm"]
VALUES = {"instruction": "{prompt}: ", "exemplar_instruction": "{exemplars}; {prompt}: ", "dtype": "float64"}


@pytest.fixture
def seq2seq(seq2seq_checkpoint):
    return registry.load("transformers-seq2seq", seq2seq_checkpoint, values=VALUES)


@pytest.fixture
def causal(causal_checkpoint):
    return registry.load("transformers-causal", causal_checkpoint, values=VALUES)


@pytest.fixture(params=["seq2seq", "causal"])
def rewriter(request):
    return request.getfixturevalue(request.param)


def tokens(rewriter, text: str) -> list[int]:
    return [*rewriter.tokenizer(text, add_special_tokens=False)["input_ids"], 1]


def summed(logits: torch.Tensor, labels: list[int]) -> float:
    return sum(row.log_softmax(0)[label] for row, label in zip(logits, labels, strict=True)).item()


def test_of_an_encoder_decoder_sums_the_candidate_given_the_prompt(seq2seq):
    prompt = torch.tensor([seq2seq.tokenizer("slow organ | long echo; sad church music: ")["input_ids"]])
    expected = []
    for text in CANDIDATES:
        labels = tokens(seq2seq, text)
        expected.append(summed(seq2seq.model(input_ids=prompt, labels=torch.tensor([labels])).logits[0], labels))

    sums, lengths = seq2seq.token_log_likelihoods(PROMPT, CANDIDATES)

    assert sums.tolist() == pytest.approx(expected, rel=1e-9)
    assert lengths.tolist() == [len(tokens(seq2seq, text)) for text in CANDIDATES]


def test_of_a_decoder_only_model_leaves_the_prompt_tokens_out(causal):
    prompt = causal.tokenizer("slow organ | long echo; sad church music: ")["input_ids"]
    expected = []
    for text in CANDIDATES:
        labels = tokens(causal, text)
        logits = causal.model(input_ids=torch.tensor([prompt + labels])).logits[0]
        expected.append(summed(logits[len(prompt) - 1 : -1], labels))

    sums, _ = causal.token_log_likelihoods(PROMPT, CANDIDATES)

    assert sums.tolist() == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("penalty", [0.0, 0.6, 1.0, 2.0])
def test_divides_by_the_length_to_the_power_of_the_penalty(rewriter, penalty):
    sums, lengths = rewriter.token_log_likelihoods(PROMPT, CANDIDATES)

    scores = rewriter.log_likelihoods(PROMPT, CANDIDATES, length_penalty=penalty)

    assert torch.allclose(scores, sums / lengths.double().pow(penalty), rtol=1e-12)


def test_does_not_depend_on_the_other_candidates(rewriter):
    together = rewriter.log_likelihoods(PROMPT, CANDIDATES)
    alone = torch.cat([rewriter.log_likelihoods(PROMPT, [text]) for text in CANDIDATES])

    assert torch.allclose(together, alone, rtol=1e-10)


def test_reaches_the_weights(rewriter):
    rewriter.log_likelihoods(PROMPT, CANDIDATES).sum().backward()

    assert all(parameter.grad is not None for parameter in rewriter.model.parameters())


def test_refuses_a_prompt_and_candidate_longer_than_the_context(causal):
    with pytest.raises(EngineError, match=r"takes \d\d tokens .* 25\d more, .* holds 256"):
        causal.log_likelihoods(PROMPT, ["calm " * 250])
