"""How fast the engines are: beside the script that a researcher would write, and beside the bare model's forward pass.

Everything is measured in one run, in turns, so that a busy machine is busy for all three; ratios are medians of turns.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import torch
from transformers import ClapFeatureExtractor
from transformers.cache_utils import DynamicCache, EncoderDecoderCache, StaticCache

from inference.engines import registry
from inference.engines.protocols import RewriteRequest, Sound

PROMPT = "calm piano with rain number {}"
Run = Callable[[], int]  # does the work, and says of how many items


@dataclass(frozen=True)
class Speed:
    """Rates in items a second. ratio: ours to the script's; floor_share: ours to the bare model's."""

    name: str
    ours_per_s: float
    script_per_s: float
    ratio: float
    floor_per_s: float
    floor_share: float


@dataclass(frozen=True)
class Contest:
    """One kind of work done three ways. floors: the bare model at several batch sizes, of which the best counts."""

    name: str
    ours: Run
    script: Run
    floors: Sequence[Run]


def measure(contest: Contest, turns: int) -> Speed:
    """Each way once to warm up, then in turns."""
    contest.ours()
    contest.script()
    floor = max(contest.floors, key=_rate)
    rates = [(_rate(contest.ours), _rate(contest.script), _rate(floor)) for _ in range(turns)]
    ours, script, bare = (median(column) for column in zip(*rates, strict=True))
    ratio = median(o / s for o, s, _ in rates)
    share = median(o / f for o, _, f in rates)
    return Speed(contest.name, ours, script, ratio, bare, share)


def _rate(run: Run) -> float:
    begun = time.perf_counter()
    items = run()
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return items / (time.perf_counter() - begun)


# Scoring: every clip against the user's prompt and against its rewrite


def scoring(folder: Path, clips: int = 32, takes: int = 4, scripted: int = 8) -> Contest:
    engine = registry.load("transformers-clap", str(folder))
    rate, window = engine.mel.settings.sample_rate, engine.mel.settings.window
    noise = np.random.default_rng(0).normal(0, 0.1, (clips, window)).astype(np.float32)
    prompts = [PROMPT.format(number // takes) for number in range(clips)]
    rewrites = [f"{prompt}, slow tempo, high register, echoing hall" for prompt in prompts]

    def ours() -> int:
        heard = engine.embed_audio([Sound(wave, rate) for wave in noise])
        texts = sorted({*prompts, *rewrites})
        rows = dict(zip(texts, engine.embed_text(texts), strict=True))
        for wanted in (prompts, rewrites):
            np.einsum("nd,nd->n", heard, np.stack([rows[text] for text in wanted]))
        return clips

    extractor = ClapFeatureExtractor.from_pretrained(folder)

    @torch.inference_mode()
    def script() -> int:
        for wave, prompt, rewrite in zip(noise[:scripted], prompts, rewrites, strict=False):
            features = extractor(wave, sampling_rate=rate, return_tensors="pt").to(engine.model.device)
            words = engine.tokenizer([prompt, rewrite], padding=True, return_tensors="pt").to(engine.model.device)
            engine.model(input_ids=words["input_ids"], attention_mask=words["attention_mask"], **features)
        return scripted

    texts = sorted({*prompts, *rewrites})
    tokens = engine.tokenizer(texts, padding=True, return_tensors="pt").to(engine.model.device)
    mels = engine.mel(torch.from_numpy(noise).to(engine.model.device))

    def floor(batch: int) -> Run:
        @torch.inference_mode()
        def run() -> int:
            for part in mels.split(batch):
                engine.model.get_audio_features(input_features=part)
            for ids, mask in zip(tokens["input_ids"].split(batch), tokens["attention_mask"].split(batch), strict=True):
                engine.model.get_text_features(input_ids=ids, attention_mask=mask)
            return clips

        return run

    return Contest("scoring: clips", ours, script, [floor(batch) for batch in (4, 8, 16, 32)])


# Rewriting


def rewriting(folder: Path, prompts: int = 32, tokens: int = 32, scripted: int = 4) -> Contest:
    engine = registry.load("transformers-seq2seq", str(folder), values={"max_new_tokens": tokens})
    engine.ends = torch.tensor([engine.model.config.vocab_size - 1])  # random weights end anywhere: all write alike
    requests = [RewriteRequest(PROMPT.format(number), seed=number) for number in range(prompts)]

    def ours() -> int:
        return len(engine.rewrite(requests))

    @torch.inference_mode()
    def script() -> int:
        for request in requests[:scripted]:
            ids = torch.tensor([engine._prompt_tokens(request, 0)], device=engine.model.device)
            engine.model.generate(ids, do_sample=True, top_p=0.95, min_new_tokens=tokens, max_new_tokens=tokens)
        return scripted

    rows = torch.tensor([engine._prompt_tokens(requests[0], 0)] * prompts, device=engine.model.device)

    def floor(batch: int) -> Run:
        @torch.inference_mode()
        def run() -> int:
            for part in rows.split(batch):
                encoded = engine.model.get_encoder()(input_ids=part)
                cache = EncoderDecoderCache(DynamicCache(), DynamicCache())
                for _ in range(tokens):
                    engine.model(
                        encoder_outputs=encoded, decoder_input_ids=part[:, :1], past_key_values=cache, use_cache=True
                    )
            return prompts

        return run

    return Contest("rewriting: texts", ours, script, [floor(batch) for batch in (8, 16, 32)])


# Generation


def generation(folder: Path, clips: int = 16, seconds: float = 1.0, scripted: int = 2) -> Contest:
    engine = registry.load("transformers-musicgen", str(folder), values={"max_batch": clips})
    texts = [PROMPT.format(number) for number in range(clips)]

    def ours() -> int:
        return len(engine.generate(texts, range(clips), seconds))

    frames = math.ceil(seconds * engine.frame_rate)
    steps = frames + int(engine.delays.max())

    @torch.inference_mode()
    def script() -> int:
        for text in texts[:scripted]:
            words = engine.tokenizer([text], return_tensors="pt").to(engine.model.device)
            engine.model.generate(
                input_ids=words["input_ids"],
                attention_mask=words["attention_mask"],
                do_sample=True,
                guidance_scale=3.0,
                max_new_tokens=steps,
            )
        return scripted

    ready = [engine._tokens(text) for text in texts]

    def floor(batch: int) -> Run:
        @torch.inference_mode()
        def run() -> int:
            for start in range(0, clips, batch):
                states, mask = engine._read(ready[start : start + batch])
                _decoder_steps(engine, states, mask, steps)
                codes = torch.zeros((len(states) // 2, len(engine.delays), frames), dtype=torch.long)
                engine._sound(codes.to(engine.model.device))
            return clips

        return run

    return Contest(f"generation: clips of {seconds:g} s", ours, script, [floor(clips // 2), floor(clips)])


def _decoder_steps(engine: Any, states: torch.Tensor, mask: torch.Tensor, steps: int) -> None:
    """The decoder alone: as many steps as a clip takes, nothing sampled."""
    config = engine.model.decoder.config
    cache = EncoderDecoderCache(
        StaticCache(config, max_cache_len=steps), StaticCache(config, max_cache_len=states.shape[1])
    )
    ids = torch.zeros((len(states) * len(engine.delays), 1), dtype=torch.long, device=states.device)
    for _ in range(steps):
        engine.forward(
            input_ids=ids,
            encoder_hidden_states=states,
            encoder_attention_mask=mask,
            past_key_values=cache,
            use_cache=True,
        )


CONTESTS: dict[str, Callable[..., Contest]] = {
    "clap-htsat-unfused": scoring,
    "flan-t5-base": rewriting,
    "musicgen-small": generation,
}


def bench(folders: dict[str, Path], turns: int, **sizes: Any) -> Iterator[Speed]:
    """The speeds of the models in these folders, one after another: only one lies in memory at a time."""
    for name, folder in folders.items():
        yield measure(CONTESTS[name](folder, **sizes.get(name, {})), turns)


__all__ = ["CONTESTS", "Contest", "Speed", "bench", "measure"]
