"""MusicGen (arXiv 2306.05284) through transformers, with a decode loop of our own.

transformers' `generate` draws a whole batch from one generator, so that a clip depends on its batch-mates, and ignores
the static cache. Here every item has a generator of its own and the caches have their final size from the start.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor
from transformers import MusicgenForConditionalGeneration
from transformers.cache_utils import EncoderDecoderCache, StaticCache

from inference.engines import checkpoints
from inference.engines.batching import Batches
from inference.engines.fitting import fit
from inference.engines.parameters import MusicgenParameters
from inference.engines.protocols import EngineError, Sound

LONGEST = 30.0  # seconds; what the published models were trained on


class TransformersMusicgen:
    """A `MusicgenForConditionalGeneration`, mono or stereo (averaged). sample_rate: of its EnCodec, in Hz."""

    def __init__(self, checkpoint: str, revision: str = "", parameters: MusicgenParameters | None = None) -> None:
        self.parameters = parameters or MusicgenParameters.model_validate({})
        self.tokenizer = checkpoints.pretrained_tokenizer(checkpoint, revision)
        dtype = checkpoints.half_on_gpu(self.parameters.dtype)
        self.model = checkpoints.pretrained_model(MusicgenForConditionalGeneration, checkpoint, revision, dtype)
        self.sample_rate: int = self.model.config.audio_encoder.sampling_rate
        self.frame_rate: float = self.model.config.audio_encoder.frame_rate
        self.batches = Batches(self.parameters.max_batch)
        decoder = self.model.decoder
        self.blank: int = decoder.config.pad_token_id  # stands where a codebook has no token yet
        # Codebook k runs k frames behind the first; the two channels of stereo run side by side.
        self.delays = torch.arange(decoder.num_codebooks) // decoder.config.audio_channels
        self.forward = decoder.forward
        if self.parameters.compile == "always" or (self.parameters.compile == "auto" and torch.cuda.is_available()):
            self.forward = torch.compile(decoder.forward, mode="reduce-overhead")

    def generate(self, texts: Sequence[str], seeds: Sequence[int], seconds: float) -> list[Sound]:
        """One sound for each (text, seed), in order, each round(seconds * sample_rate) samples long.

        Raises EngineError for clips longer than the model was trained on, or texts longer than its encoder reads.
        """
        if seconds > LONGEST:
            raise EngineError(f"MusicGen was trained on clips of up to {LONGEST:g} s; {seconds:g} s were asked for.")
        tokens = [self._tokens(text) for text in texts]
        order = sorted(range(len(texts)), key=lambda index: len(tokens[index]))  # little padding
        waves = self.batches.run(
            order, lambda chosen: self._waves([tokens[i] for i in chosen], [seeds[i] for i in chosen], seconds)
        )
        sounds = {index: fit(wave, self.sample_rate, seconds) for index, wave in zip(order, waves, strict=True)}
        return [sounds[index] for index in range(len(texts))]

    def _tokens(self, text: str) -> list[int]:
        tokens = self.tokenizer(text, truncation=False, padding=False)["input_ids"]
        limit = min(self.tokenizer.model_max_length, 512)
        if len(tokens) > limit:
            raise EngineError(f"A text of {len(tokens)} tokens, where MusicGen's encoder reads {limit}: {text[:60]!r}…")
        return tokens

    @torch.inference_mode()
    def _waves(self, tokens: list[list[int]], seeds: list[int], seconds: float) -> list[np.ndarray]:
        """[channels, samples] of each item."""
        frames = math.ceil(seconds * self.frame_rate)
        states, mask = self._read(tokens)
        codes = self._codes(states, mask, self._draws(seeds, frames))
        return list(self._sound(codes).float().cpu().numpy())

    def _read(self, tokens: list[list[int]]) -> tuple[Tensor, Tensor]:
        """(encoder states [2·batch, tokens, hidden], mask), the second half of nothing: for guidance."""
        width, device = max(map(len, tokens)), self.model.device
        ids = torch.tensor([[*row, *[0] * (width - len(row))] for row in tokens], device=device)
        mask = torch.tensor([[1] * len(row) + [0] * (width - len(row)) for row in tokens], device=device)
        states = self.model.text_encoder(input_ids=ids, attention_mask=mask).last_hidden_state
        if hasattr(self.model, "enc_to_dec_proj"):
            states = self.model.enc_to_dec_proj(states)
        states = states * mask[..., None]
        # States of zero have keys and values of zero: whatever their mask, attention reads nothing from them.
        return torch.cat([states, torch.zeros_like(states)]), torch.cat([mask, torch.ones_like(mask)])

    def _draws(self, seeds: list[int], frames: int) -> Tensor:
        """Uniform numbers [batch, codebooks, frames], each item's from a generator of its own, drawn on the CPU."""
        shape = (len(self.delays), frames)
        drawn = [torch.rand(shape, generator=torch.Generator().manual_seed(s), dtype=torch.float64) for s in seeds]
        return torch.stack(drawn).to(self.model.device)

    def _codes(self, states: Tensor, mask: Tensor, uniform: Tensor) -> Tensor:
        """[batch, codebooks, frames] of codes, sampled frame by frame in the delay pattern."""
        batch, codebooks, frames = uniform.shape
        steps = frames + int(self.delays.max())
        cache = self._cache(2 * batch, states.shape[1], steps)
        # A column a step; step t reads column t and writes column t + 1.
        columns = torch.full((batch, codebooks, steps + 1), self.blank, device=uniform.device)
        delays = self.delays.to(uniform.device)
        for step in range(steps):
            logits = self._logits(columns[..., step], states, mask, cache)
            frame = step - delays  # [codebooks]; before the first and after the last one a codebook is blank
            drawn = uniform[:, torch.arange(codebooks), frame.clamp(0, frames - 1)]
            chosen = sample(logits, drawn, self.parameters.temperature, self.parameters.top_k)
            columns[..., step + 1] = torch.where((frame >= 0) & (frame < frames), chosen, self.blank)
        return torch.stack([columns[:, k, 1 + int(d) : 1 + int(d) + frames] for k, d in enumerate(self.delays)], 1)

    def _cache(self, rows: int, texts: int, steps: int) -> EncoderDecoderCache:
        config = self.model.decoder.config
        return EncoderDecoderCache(StaticCache(config, max_cache_len=steps), StaticCache(config, max_cache_len=texts))

    def _logits(self, column: Tensor, states: Tensor, mask: Tensor, cache: EncoderDecoderCache) -> Tensor:
        """[batch, codebooks, codes] after guidance: what the text says, away from what nothing says."""
        batch, codebooks = column.shape
        ids = column.repeat(2, 1).reshape(-1, 1)
        answer = self.forward(
            input_ids=ids,
            encoder_hidden_states=states,
            encoder_attention_mask=mask,
            past_key_values=cache,
            use_cache=True,
        )
        told, untold = answer.logits[:, -1].float().reshape(2, batch, codebooks, -1)
        return untold + self.parameters.guidance * (told - untold)

    def _sound(self, codes: Tensor) -> Tensor:
        """[batch, channels, samples]; a stereo model's codebooks alternate between left and right."""
        channels = self.model.decoder.config.audio_channels
        sides = [self._decoded(codes[:, side::channels]) for side in range(channels)]
        return torch.cat(sides, dim=1)

    def _decoded(self, codes: Tensor) -> Tensor:
        return self.model.audio_encoder.decode(codes[None], audio_scales=[None]).audio_values


def sample(logits: Tensor, uniform: Tensor, temperature: float, top_k: int) -> Tensor:
    """[..., codes], [...] -> [...]: one of the top_k likeliest codes, by the inverse of their cumulative distribution.

    In float64, so that rounding hardly ever moves a draw over a boundary.
    """
    best, codes = logits.topk(min(top_k or logits.shape[-1], logits.shape[-1]), dim=-1)
    cumulative = torch.softmax(best.double() / temperature, -1).cumsum(-1)
    rank = (cumulative <= uniform[..., None] * cumulative[..., -1:]).sum(-1, keepdim=True)
    return codes.gather(-1, rank.clamp(max=codes.shape[-1] - 1)).squeeze(-1)
