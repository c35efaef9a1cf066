"""A hub cache of small models under published names: recipes of published models rehearsed without a network.

Architectures and file layouts are the published ones', sizes and weights are not: rewriter and CLAPs are the sandbox's,
MusicGen is random. Results made with them say nothing about the published models.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path

import torch
from transformers import (
    AutoTokenizer,
    EncodecConfig,
    MusicgenConfig,
    MusicgenDecoderConfig,
    MusicgenForConditionalGeneration,
    T5Config,
)

CHECKPOINTS = Path(__file__).parent / "checkpoints"
SEED = 13


def small_musicgen(
    folder: Path, channels: int = 1, sample_rate: int = 32_000, ratios: tuple[int, ...] = (8, 5, 4, 4, 4)
) -> None:
    """A random MusicGen: T5 encoder, decoder over four codebooks a channel, EnCodec.

    ratios: samples of a frame, factor by factor; fewer frames a second than the published 50 make quick rehearsals.
    """
    tokenizer = AutoTokenizer.from_pretrained(CHECKPOINTS / "rewriter-t5")
    text = T5Config(vocab_size=len(tokenizer), d_model=32, d_kv=8, d_ff=64, num_layers=2, num_heads=4)
    audio = EncodecConfig(
        sampling_rate=sample_rate,
        upsampling_ratios=list(ratios),
        target_bandwidths=[2.2],
        hidden_size=16,
        num_filters=4,
        codebook_size=64,
        codebook_dim=16,
        num_lstm_layers=1,
        normalize=False,
        use_causal_conv=False,
    )
    blank = audio.codebook_size
    decoder = MusicgenDecoderConfig(
        vocab_size=blank,
        hidden_size=48,
        ffn_dim=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_codebooks=4 * channels,
        audio_channels=channels,
        pad_token_id=blank,
        bos_token_id=blank,
    )
    with torch.random.fork_rng():
        torch.manual_seed(SEED)
        config = MusicgenConfig(text_encoder=text, audio_encoder=audio, decoder=decoder)
        model = MusicgenForConditionalGeneration(config)
        for weight in model.decoder.parameters():  # it starts so flat that every code would be as likely
            weight.data.mul_(6 if weight.ndim > 1 else 1)
        for name, buffer in model.audio_encoder.named_buffers():  # codebooks wait for training as zeros: silence
            if name.endswith("embed"):
                buffer.normal_()
    model.generation_config.update(decoder_start_token_id=blank, pad_token_id=blank, bos_token_id=blank)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def _shipped(name: str) -> Callable[[Path], None]:
    def copied(folder: Path) -> None:
        shutil.copytree(CHECKPOINTS / name, folder, dirs_exist_ok=True)

    return copied


MODELS: dict[str, Callable[[Path], None]] = {
    "google/flan-t5-base": _shipped("rewriter-t5"),
    "MBZUAI/LaMini-Cerebras-256M": _shipped("rewriter-gpt2"),
    "google/flan-t5-small": _shipped("rewriter-t5-small"),
    "MBZUAI/LaMini-Cerebras-111M": _shipped("rewriter-gpt2-small"),
    "facebook/musicgen-small": small_musicgen,
    "laion/clap-htsat-unfused": _shipped("clap-teacher"),
    "laion/larger_clap_general": _shipped("clap-judge"),
}
NOTICE = "A small model of {name}'s architecture, made by `manage.py fill_small_hub`. Not the published weights.\n"


def fill(cache: Path) -> list[Path]:
    """Writes every model as the hub's own cache lays it out; -> their snapshots. Existing ones are made anew."""
    return [_write(cache, name, make) for name, make in MODELS.items()]


def _write(cache: Path, name: str, make: Callable[[Path], None]) -> Path:
    home = cache / f"models--{name.replace('/', '--')}"
    shutil.rmtree(home, ignore_errors=True)
    commit = hashlib.sha1(name.encode(), usedforsecurity=False).hexdigest()
    snapshot = home / "snapshots" / commit
    snapshot.mkdir(parents=True)
    make(snapshot)
    (snapshot / "README.md").write_text(NOTICE.format(name=name), "utf-8")
    (home / "refs").mkdir()
    (home / "refs" / "main").write_text(commit)
    return snapshot
