"""Models of published sizes with random weights: what speed and memory are measured on where no weights can be fetched.

Sizes are those of google/flan-t5-base, facebook/musicgen-small and -medium with their 32 kHz EnCodec, and
laion/clap-htsat-unfused.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from transformers import (
    AutoTokenizer,
    ClapConfig,
    ClapFeatureExtractor,
    ClapModel,
    EncodecConfig,
    MusicgenConfig,
    MusicgenDecoderConfig,
    MusicgenForConditionalGeneration,
    T5Config,
    T5ForConditionalGeneration,
)

CHECKPOINTS = Path(__file__).parent / "checkpoints"
T5_BASE: dict[str, Any] = {
    "vocab_size": 32_128, "d_model": 768, "d_kv": 64, "num_layers": 12, "num_heads": 12,
    "decoder_start_token_id": 0, "pad_token_id": 0, "eos_token_id": 1,
}  # fmt: skip


def flan_t5_base(folder: Path) -> None:
    config = T5Config(  # type: ignore[call-arg]
        **T5_BASE, d_ff=2048, feed_forward_proj="gated-gelu", tie_word_embeddings=False
    )
    model = T5ForConditionalGeneration(config)
    model.lm_head.weight.data.mul_(8)  # about as sure of the next token as a trained one
    model.lm_head.weight.data[:2] = 0  # and never at an end
    _save(model, folder, "rewriter-t5")


def musicgen_small(folder: Path) -> None:
    _musicgen(folder, hidden_size=1024, ffn_dim=4096, num_hidden_layers=24, num_attention_heads=16)


def musicgen_medium(folder: Path) -> None:
    _musicgen(folder, hidden_size=1536, ffn_dim=6144, num_hidden_layers=48, num_attention_heads=24)


def _musicgen(folder: Path, **size: Any) -> None:
    audio = EncodecConfig(
        sampling_rate=32_000,
        target_bandwidths=[2.2],
        upsampling_ratios=[8, 5, 4, 4],
        num_filters=64,
        hidden_size=128,
        codebook_size=2048,
        codebook_dim=128,
        normalize=False,
        use_causal_conv=False,
        norm_type="weight_norm",
        num_lstm_layers=2,
    )
    decoder = MusicgenDecoderConfig(vocab_size=2048, **size)
    text = T5Config(**T5_BASE, d_ff=3072)
    model = MusicgenForConditionalGeneration(MusicgenConfig(text_encoder=text, audio_encoder=audio, decoder=decoder))
    for name, buffer in model.audio_encoder.named_buffers():  # codebooks wait for training as zeros
        if name.endswith("embed"):
            buffer.normal_()
    model.generation_config.update(decoder_start_token_id=2048, pad_token_id=2048, bos_token_id=2048)
    _save(model, folder, "rewriter-t5")


def clap_htsat_unfused(folder: Path) -> None:
    _save(ClapModel(ClapConfig()), folder, "clap-teacher")
    ClapFeatureExtractor(truncation="rand_trunc", padding="repeatpad").save_pretrained(folder)


def _save(model: Any, folder: Path, tokenizer: str) -> None:
    """The model with one of the shipped tokenizers, filled up: random weights say any token there is."""
    model.save_pretrained(folder)
    known = AutoTokenizer.from_pretrained(CHECKPOINTS / tokenizer)
    if isinstance(model, T5ForConditionalGeneration):
        known.add_tokens([f" word{number}" for number in range(len(known), model.config.vocab_size)])
    known.save_pretrained(folder)


MAKERS: dict[str, Callable[[Path], None]] = {
    "flan-t5-base": flan_t5_base,
    "musicgen-small": musicgen_small,
    "musicgen-medium": musicgen_medium,
    "clap-htsat-unfused": clap_htsat_unfused,
}


def make(name: str, folder: Path) -> Path:
    """Writes the model of that name into the folder; the same weights every time."""
    folder.mkdir(parents=True, exist_ok=True)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        MAKERS[name](folder)
    return folder
