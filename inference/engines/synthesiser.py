"""The sandbox's generator: attribute words in a text decide the music, a seed decides the rest."""

from __future__ import annotations

from collections.abc import Sequence

from inference.engines.parameters import SynthesiserParameters
from inference.engines.protocols import Sound
from inference.sandbox.synthesiser import render
from inference.sandbox.vocabulary import parse


class SandboxSynthesiser:
    """A procedural synthesiser, not a learnt model: it needs no checkpoint, and knows the truth of what it made."""

    def __init__(
        self, checkpoint: str = "", revision: str = "", parameters: SynthesiserParameters | None = None
    ) -> None:
        self.parameters = parameters or SynthesiserParameters.model_validate({})
        self.sample_rate = self.parameters.sample_rate

    def generate(self, texts: Sequence[str], seeds: Sequence[int], seconds: float) -> list[Sound]:
        """One sound for each (text, seed), in order, each round(seconds * sample_rate) samples long."""
        return [self._sound(text, seed, seconds) for text, seed in zip(texts, seeds, strict=True)]

    def _sound(self, text: str, seed: int, seconds: float) -> Sound:
        heard = {name: value for name, value in parse(text).items() if name not in self.parameters.deaf_to}
        samples, truth = render(heard, seed, seconds, self.sample_rate)
        return Sound(samples, self.sample_rate, truth)
