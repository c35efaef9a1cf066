"""Diffusion models through diffusers: AudioLDM, AudioLDM 2 and Stable Audio Open.

The pipelines denoise. What is ours makes an item independent of its batch-mates and of the device: noise comes from a
generator of each item's own, on the CPU and in single precision, and no text is read beside a longer one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import numpy as np
import torch
from diffusers import AudioLDM2Pipeline, AudioLDMPipeline, CosineDPMSolverMultistepScheduler, StableAudioPipeline
from diffusers.schedulers.scheduling_dpmsolver_sde import BrownianTreeNoiseSampler
from torch import Tensor

from inference.engines import checkpoints, parameters, pipelines
from inference.engines.batching import Batches
from inference.engines.fitting import fit
from inference.engines.protocols import EngineError, Sound


class _SingleNoise:
    """A pipeline's first noise, drawn in single precision: half precision draws another sequence."""

    def prepare_latents(
        self, batch: int, channels: int, length: int, dtype: torch.dtype, *rest: Any, **more: Any
    ) -> Tensor:
        """[batch, channels, …] in `dtype`."""
        drawn = super().prepare_latents(batch, channels, length, torch.float32, *rest, **more)  # type: ignore[misc]
        return drawn.to(dtype)


class AudioLdmPipeline(_SingleNoise, AudioLDMPipeline):
    pass


class AudioLdm2Pipeline(_SingleNoise, AudioLDM2Pipeline):
    language_model: Any

    def generate_language_model(
        self,
        inputs_embeds: Tensor,
        max_new_tokens: int | None = None,
        attention_mask: Tensor | None = None,
        **_: Any,
    ) -> Tensor:
        """[batch, tokens, hidden]: GPT-2 continues the projected text, each new state being the next input.

        diffusers' own loop calls methods that the published checkpoints' `GPT2Model` lost with transformers 4.50
        (huggingface/diffusers#12630). The states are the same.
        """
        states, cache, made = inputs_embeds, None, []
        mask = inputs_embeds.new_ones(inputs_embeds.shape[:2]) if attention_mask is None else attention_mask
        for _step in range(max_new_tokens or self.language_model.config.max_new_tokens):
            answer = self.language_model(
                inputs_embeds=states,
                attention_mask=mask,
                past_key_values=cache,
                use_cache=True,
                output_hidden_states=True,
            )
            states, cache = answer.hidden_states[-1][:, -1:], answer.past_key_values
            mask = torch.cat([mask, mask.new_ones(len(mask), 1)], 1)
            made.append(states)
        return torch.cat(made, 1)


class StableAudioOpenPipeline(_SingleNoise, StableAudioPipeline):
    pass


class SamplerOnTheCpu(CosineDPMSolverMultistepScheduler):
    """Stable Audio's sampler with its Brownian trees on the CPU, one for each item, whatever device denoises."""

    config: Any
    noise_sampler: Any

    def step(
        self, model_output: Tensor, timestep: Tensor, sample: Tensor, generator: Any = None, return_dict: bool = True
    ) -> Any:
        """As the scheduler's own. generator: one for each item."""
        if self.noise_sampler is None:
            self.noise_sampler = self._trees(model_output, [item.initial_seed() for item in generator])
        return super().step(model_output, timestep, sample, generator, return_dict)  # type: ignore[misc]

    def _trees(self, like: Tensor, seeds: list[int]) -> Callable[[Tensor, Tensor], Tensor]:
        lowest, highest = self.config.sigma_min, self.config.sigma_max
        trees: Any = BrownianTreeNoiseSampler(torch.zeros(like.shape), lowest, highest, seeds)

        def noise(sigma: Tensor, following: Tensor) -> Tensor:
            """[batch, channels, length]. The last step ends at 0, below the trees, and takes no noise."""
            if following == 0:
                return torch.zeros_like(like)
            # Rounding may have carried the schedule's ends a little beyond the trees.
            return trees(sigma.clamp(lowest, highest), following.clamp(lowest, highest)).to(like)

        return noise


class Diffusion:
    """What the pipelines share. sample_rate: of the checkpoint's vocoder or autoencoder, in Hz.

    voice: the part that makes samples. readers: its tokenizers.
    """

    kind: ClassVar[type]
    voice: ClassVar[str]
    schema: ClassVar[type[parameters.DiffusionParameters]]
    readers: ClassVar[tuple[str, ...]] = ("tokenizer",)

    def __init__(
        self, checkpoint: str, revision: str = "", parameters: parameters.DiffusionParameters | None = None
    ) -> None:
        self.parameters = parameters or self.schema.model_validate({})
        dtype = checkpoints.half_on_gpu(self.parameters.dtype)
        self.pipeline: Any = pipelines.load(self.kind, checkpoint, revision, dtype)
        self.pipeline.set_progress_bar_config(disable=True)
        self.sample_rate: int = getattr(self.pipeline, self.voice).config.sampling_rate
        self.batches = Batches(self.parameters.max_batch)

    def generate(self, texts: Sequence[str], seeds: Sequence[int], seconds: float) -> list[Sound]:
        """One sound for each (text, seed), in order, each round(seconds * sample_rate) samples long.

        Raises EngineError for texts longer than the model reads, or clips longer than it can make.
        """
        timing = self._timing(seconds)
        for text in texts:
            self._refuse_long(text)
        items = list(zip(texts, seeds, strict=True))
        waves = self.batches.run(
            items, lambda chosen: self._waves([text for text, _ in chosen], [seed for _, seed in chosen], timing)
        )
        return [fit(wave, self.sample_rate, seconds) for wave in waves]

    @torch.inference_mode()
    def _waves(self, texts: list[str], seeds: list[int], timing: dict[str, float]) -> list[np.ndarray]:
        """[samples] or [channels, samples] of each item."""
        made = self.pipeline(
            **self._conditions(texts),
            num_inference_steps=self.parameters.steps,
            guidance_scale=self.parameters.guidance,
            num_waveforms_per_prompt=1,  # AudioLDM 2 would sort several by CLAP
            generator=[torch.Generator().manual_seed(seed) for seed in seeds],
            output_type="np",
            **timing,
        )
        return list(made.audios)

    def _conditions(self, texts: list[str]) -> dict[str, Any]:
        """What the pipeline reads: the texts, where it pads all of them to one and the same length."""
        return {"prompt": texts, "negative_prompt": self._away(len(texts))}

    def _away(self, count: int) -> list[str] | None:
        return [self.parameters.negative_prompt] * count if self.parameters.negative_prompt else None

    def _refuse_long(self, text: str) -> None:
        for tokenizer in (getattr(self.pipeline, name) for name in self.readers):
            count = len(tokenizer(text, truncation=False, padding=False)["input_ids"])
            if count > tokenizer.model_max_length:
                raise EngineError(
                    f"A text of {count} tokens, where this model reads {tokenizer.model_max_length}: "
                    f"{text[:60]!r}… Shorten it, or let the rewriter write less."
                )

    def _timing(self, seconds: float) -> dict[str, float]:
        """What tells the pipeline how long a clip is to be."""
        raise NotImplementedError


class AudioLdm(Diffusion):
    """AudioLDM (arXiv 2301.12503): trained on clips of ten seconds, makes longer ones at its own risk."""

    kind: ClassVar[type] = AudioLdmPipeline
    voice = "vocoder"
    schema: ClassVar[type[parameters.DiffusionParameters]] = parameters.AudioLdmParameters

    def _timing(self, seconds: float) -> dict[str, float]:
        vocoder = self.pipeline.vocoder.config
        frame = math.prod(vocoder.upsample_rates) / vocoder.sampling_rate  # seconds
        frames = max(math.ceil(round(seconds / frame, 6)), self.pipeline.vae_scale_factor)
        return {"audio_length_in_s": (frames + 0.5) * frame}  # whole frames: the pipeline rounds down


class AudioLdm2(AudioLdm):
    """AudioLDM 2 (arXiv 2308.05734).

    Texts are read one by one: padding would shift the positions at which GPT-2 continues them, and so change their
    sounds. What was read is then padded behind a mask, so that clips are still made in full batches.
    """

    kind = AudioLdm2Pipeline
    schema = parameters.AudioLdm2Parameters
    readers = ("tokenizer", "tokenizer_2")

    def _conditions(self, texts: list[str]) -> dict[str, Any]:
        guided = self.parameters.guidance > 1
        read = [self.pipeline.encode_prompt([t], self.pipeline.device, 1, guided, None, self._away(1)) for t in texts]
        # Each [2, tokens, …] with guidance, the negative prompt first; else [1, tokens, …].
        words, masks, generated = zip(*read, strict=True)
        width = max(mask.shape[1] for mask in masks)
        parts = {
            "prompt_embeds": torch.stack([_wider(states, width) for states in words], 1),
            "attention_mask": torch.stack([_wider(mask, width) for mask in masks], 1),
            "generated_prompt_embeds": torch.stack(generated, 1),
        }
        told = {name: both[-1] for name, both in parts.items()}
        return told | ({f"negative_{name}": both[0] for name, both in parts.items()} if guided else {})


def _wider(states: Tensor, width: int) -> Tensor:
    """[rows, tokens, …] -> [rows, width, …], filled up with zeros."""
    missing = states.new_zeros(states.shape[0], width - states.shape[1], *states.shape[2:])
    return torch.cat([states, missing], 1)


class StableAudio(Diffusion):
    """Stable Audio Open (arXiv 2407.14358), stereo, averaged to mono. Clips up to 47 s."""

    kind = StableAudioOpenPipeline
    voice = "vae"
    schema = parameters.StableAudioParameters

    def __init__(self, checkpoint: str, revision: str = "", parameters: Any = None) -> None:
        super().__init__(checkpoint, revision, parameters)
        if isinstance(self.pipeline.scheduler, CosineDPMSolverMultistepScheduler):
            config = self.pipeline.scheduler.config  # type: ignore[attr-defined]
            self.pipeline.scheduler = SamplerOnTheCpu.from_config(config)

    def _timing(self, seconds: float) -> dict[str, float]:
        longest = self.pipeline.transformer.config.sample_size * self.pipeline.vae.hop_length / self.sample_rate
        if seconds > longest:
            raise EngineError(f"This model makes clips of up to {longest:.1f} s; {seconds:g} s were asked for.")
        return {"audio_end_in_s": min(seconds + 0.5 / self.sample_rate, longest)}  # the pipeline rounds down
