"""Two rewriters trained from nothing: a T5 (encoder-decoder) and a GPT-2 (decoder-only), in stock transformers classes.

Both read and write byte-level BPE, so any text can be copied; copying words never seen is learnt from made-up ones.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from torch import Tensor
from transformers import (
    GPT2Config,
    GPT2LMHeadModel,
    PreTrainedModel,
    PreTrainedTokenizerFast,
    T5Config,
    T5ForConditionalGeneration,
)

from inference.sandbox.rewrites import Example, example

Progress = Callable[[int, int, float], None]  # step, steps, loss

SPECIAL = {"pad_token": "<pad>", "eos_token": "</s>"}
PAD, END = 0, 1  # their numbers
IGNORED = -100
KINDS = {
    "t5": {"steps": 4000, "batch": 32, "rate": 2e-3},
    "gpt2": {"steps": 4000, "batch": 32, "rate": 2e-3},
}
VOCABULARY = 1024
WITH_EXEMPLARS = 0.25  # of the batches


def new_tokenizer(kind: str, seed: int) -> PreTrainedTokenizerFast:
    """Byte-level BPE learnt from the training text. T5 ends every text with </s>; GPT-2 leaves that to its labels."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    tokenizer.decoder = decoders.ByteLevel()
    rng = random.Random(seed)
    texts = (e.source + " " + e.rewrite for e in (example(rng, False) for _ in range(20_000)))
    tokenizer.train_from_iterator(
        texts,
        trainers.BpeTrainer(
            vocab_size=VOCABULARY,
            special_tokens=list(SPECIAL.values()),
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
            show_progress=False,
        ),
    )
    if kind == "t5":
        tokenizer.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", END)])
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        **SPECIAL,
        padding_side="right" if kind == "t5" else "left",
        clean_up_tokenization_spaces=False,
        model_max_length=512,
    )


def new_model(kind: str) -> PreTrainedModel:
    """A small model with random weights."""
    if kind == "t5":
        return T5ForConditionalGeneration(
            T5Config(
                vocab_size=VOCABULARY,
                d_model=128,
                d_kv=32,
                d_ff=256,
                num_layers=2,
                num_decoder_layers=2,
                num_heads=4,
                feed_forward_proj="gated-gelu",
                dropout_rate=0.0,
                decoder_start_token_id=PAD,
                pad_token_id=PAD,
                eos_token_id=END,
                tie_word_embeddings=True,
            )
        )
    return GPT2LMHeadModel(
        GPT2Config(
            vocab_size=VOCABULARY,
            n_positions=512,
            n_embd=128,
            n_layer=4,
            n_head=4,
            resid_pdrop=0.0,
            embd_pdrop=0.0,
            attn_pdrop=0.0,
            bos_token_id=END,
            eos_token_id=END,
            pad_token_id=PAD,
        )
    )


def _pad(rows: list[list[int]], filler: int) -> Tensor:
    """[batch, longest], filled on the right."""
    width = max(map(len, rows))
    return torch.tensor([row + [filler] * (width - len(row)) for row in rows])


def _seq2seq_batch(tokenizer: PreTrainedTokenizerFast, examples: list[Example]) -> dict[str, Tensor]:
    sources = tokenizer([e.source for e in examples])["input_ids"]
    targets = tokenizer([e.rewrite for e in examples])["input_ids"]
    inputs = _pad(sources, PAD)
    return {"input_ids": inputs, "attention_mask": (inputs != PAD).long(), "labels": _pad(targets, IGNORED)}


def _causal_batch(tokenizer: PreTrainedTokenizerFast, examples: list[Example]) -> dict[str, Tensor]:
    """Prompt tokens are read, not learnt: both families learn log p(rewrite | prompt)."""
    sources = tokenizer([e.source for e in examples])["input_ids"]
    targets = [[*ids, END] for ids in tokenizer([e.rewrite for e in examples])["input_ids"]]
    inputs = _pad([s + t for s, t in zip(sources, targets, strict=True)], PAD)
    labels = _pad([[IGNORED] * len(s) + t for s, t in zip(sources, targets, strict=True)], IGNORED)
    return {"input_ids": inputs, "attention_mask": (inputs != PAD).long(), "labels": labels}


def _batches(kind: str, tokenizer: PreTrainedTokenizerFast, seed: int) -> Iterator[dict[str, Tensor]]:
    """Fresh examples for ever; the eight batches of one draw hold texts of like length, to pad little."""
    rng = random.Random(seed)
    size, build = KINDS[kind]["batch"], _seq2seq_batch if kind == "t5" else _causal_batch
    while True:
        drawn = [example(rng, rng.random() < WITH_EXEMPLARS) for _ in range(8 * size)]
        drawn.sort(key=lambda e: len(e.source) + len(e.rewrite))
        groups = [drawn[i : i + size] for i in range(0, len(drawn), size)]
        rng.shuffle(groups)
        yield from (build(tokenizer, group) for group in groups)


def train(kind: str, folder: str | Path, seed: int = 0, progress: Progress | None = None) -> dict[str, float]:
    """Train a rewriter from nothing on one thread and save it, with its tokenizer, in the folder.

    kind: "t5" or "gpt2". Returns seconds, steps, parameters and the last loss (nats a token).
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # sums are added in one order: the same seed gives the same weights
    try:
        return _train(kind, Path(folder), seed, progress or (lambda *_: None))
    finally:
        torch.set_num_threads(threads)


def _train(kind: str, folder: Path, seed: int, progress: Progress) -> dict[str, float]:
    torch.manual_seed(seed)
    begun, steps = time.monotonic(), int(KINDS[kind]["steps"])
    tokenizer, model = new_tokenizer(kind, seed), new_model(kind)
    optimizer = torch.optim.AdamW(model.parameters(), lr=KINDS[kind]["rate"], weight_decay=0.01, betas=(0.9, 0.98))
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, KINDS[kind]["rate"], total_steps=steps, pct_start=0.05)
    model.train()
    loss = 0.0
    for step, batch in zip(range(1, steps + 1), _batches(kind, tokenizer, seed + 1), strict=False):
        loss = float(_step(model, batch, optimizer))
        schedule.step()
        progress(step, steps, loss)
    model.eval().save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    parameters = sum(p.numel() for p in model.parameters())
    return {"seconds": time.monotonic() - begun, "steps": steps, "parameters": parameters, "loss": loss}


def _step(model: PreTrainedModel, batch: dict[str, Tensor], optimizer: torch.optim.Optimizer) -> Tensor:
    loss = model(**batch).loss
    optimizer.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    return loss.detach()
