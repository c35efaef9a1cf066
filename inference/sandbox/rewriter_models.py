"""The sandbox's rewriters before training: a tokenizer learnt from training text, and small models of random weights.

Both families read and write byte-level BPE, so any text can be copied.
"""

from __future__ import annotations

import random

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import (
    GPT2Config,
    GPT2LMHeadModel,
    PreTrainedModel,
    PreTrainedTokenizerFast,
    T5Config,
    T5ForConditionalGeneration,
)

from inference.sandbox.rewrites import KEEPERS, example

SPECIAL = {"pad_token": "<pad>", "eos_token": "</s>"}
PAD, END = 0, 1  # their numbers
VOCABULARY = 1536
TOKENIZER_TEXTS = 20_000
HEADS = {"": 4, "small": 2}  # by size: of 32 numbers each; every other width follows


def family(kind: str) -> str:
    """Of "t5", "gpt2", or one of these with its size behind a dash: "t5-small"."""
    return kind.partition("-")[0]


def _width(kind: str) -> tuple[int, int]:
    """-> numbers a token, heads."""
    heads = HEADS[kind.partition("-")[2]]
    return 32 * heads, heads


def new_tokenizer(kind: str, seed: int) -> PreTrainedTokenizerFast:
    """Byte-level BPE learnt from the training text. T5 ends every text with </s>; GPT-2 leaves that to its labels."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    tokenizer.decoder = decoders.ByteLevel()
    rng = random.Random(seed)
    texts = (e.rewrite for e in (example(rng, False, KEEPERS) for _ in range(TOKENIZER_TEXTS)))
    tokenizer.train_from_iterator(
        texts,
        trainers.BpeTrainer(
            vocab_size=VOCABULARY,
            special_tokens=list(SPECIAL.values()),
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
            show_progress=False,
        ),
    )
    if family(kind) == "t5":
        tokenizer.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", END)])
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        **SPECIAL,
        padding_side="right" if family(kind) == "t5" else "left",
        clean_up_tokenization_spaces=False,
        model_max_length=512,
    )


def new_model(kind: str) -> PreTrainedModel:
    """A small model with random weights."""
    width, heads = _width(kind)
    if family(kind) == "t5":
        return T5ForConditionalGeneration(
            T5Config(  # type: ignore[call-arg]
                vocab_size=VOCABULARY,
                d_model=width,
                d_kv=32,
                d_ff=2 * width,
                num_layers=2,
                num_decoder_layers=2,
                num_heads=heads,
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
            n_positions=384,
            n_embd=width,
            n_layer=3,
            n_head=heads,
            resid_pdrop=0.0,
            embd_pdrop=0.0,
            attn_pdrop=0.0,
            bos_token_id=END,
            eos_token_id=END,
            pad_token_id=PAD,
        )
    )
