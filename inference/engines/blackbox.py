"""The generator as a black box: what commands and services have in common. Their contract is in docs/generators.md.

A request is one JSON object {"text", "seed", "seconds", "sample_rate"}; the answer is the bytes of a WAV or FLAC file.
"""

from __future__ import annotations

import json
import math
import os
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import numpy as np
import soundfile

from inference.engines.fitting import fit
from inference.engines.parameters import BlackBoxParameters
from inference.engines.protocols import EngineError, Sound
from inference.engines.resampling import resample

_SECRETS = ("DATABASE_URL", "CELERY_BROKER_URL", "SECRET_KEY")
OURS = {*_SECRETS, *(f"{name}_FILE" for name in _SECRETS)}  # of the worker's environment; no business of a model
_FORMATS = {"WAV", "WAVEX", "RF64", "FLAC"}  # libsndfile reads lossy ones too, whose artefacts would be scored
_RATES = range(4_000, 384_001)  # Hz; what a header claims decides how much is read
_CHANNELS = 8
_QUOTED = 60  # characters of a text that a message shows


class Passing(EngineError):  # noqa: N818 (a state, not a fault)
    """What the same request, sent again, may not meet. wait: seconds after which to try, where the service says so."""

    def __init__(self, message: str, wait: float | None = None) -> None:
        super().__init__(message)
        self.wait = wait


class BlackBox:
    """sample_rate: Hz, asked of the black box and promised to the platform. `answer` is what a kind of box adds."""

    sample_rate: int

    def __init__(self, parameters: BlackBoxParameters) -> None:
        self.common = parameters
        self.sample_rate = parameters.sample_rate

    def answer(self, request: bytes) -> bytes:
        """One sound file for one request. Raises Passing where another try may help, EngineError where it cannot."""
        raise NotImplementedError

    def pause(self, tries: int) -> float:
        """Seconds between a failure, the `tries`-th, and the next try."""
        return 0.0

    def generate(self, texts: Sequence[str], seeds: Sequence[int], seconds: float) -> list[Sound]:
        """One sound for each (text, seed), in order, each round(seconds * sample_rate) samples long.

        Raises EngineError naming the first text that failed; what has begun by then is waited for, the rest not begun.
        """
        with ThreadPoolExecutor(self.common.concurrency, "black-box") as pool:
            return list(pool.map(lambda text, seed: self._sound(text, seed, seconds), texts, seeds))

    def _sound(self, text: str, seed: int, seconds: float) -> Sound:
        asked = {"text": text, "seed": seed, "seconds": seconds, "sample_rate": self.sample_rate}
        try:
            content = self._persist(json.dumps(asked).encode("ascii") + b"\n")
            return fit(resample(decode(content, seconds), self.sample_rate), self.sample_rate, seconds)
        except EngineError as error:
            quoted = repr(text if len(text) <= _QUOTED else text[: _QUOTED - 1] + "…")
            raise EngineError(f"The text {quoted} (seed {seed}): {error}") from error

    def _persist(self, request: bytes) -> bytes:
        """The same bytes again after what passes: a seed stays a seed."""
        tries = 0
        while True:
            try:
                return self.answer(request)
            except Passing as error:
                tries += 1
                if tries > self.common.retries:
                    raise EngineError(f"{error} (tried {tries} times)" if tries > 1 else str(error)) from error
                time.sleep(self.pause(tries) if error.wait is None else error.wait)


def decode(content: bytes, seconds: float) -> Sound:
    """The answer's beginning, a second more than `seconds` at most, as mono, in its own sample rate.

    Raises EngineError for bytes that are neither WAV nor FLAC.
    """
    try:
        with soundfile.SoundFile(BytesIO(content)) as file:
            if file.format not in _FORMATS or file.samplerate not in _RATES:
                raise EngineError(f"The answer is {file.format} at {file.samplerate} Hz: send WAV or FLAC.")
            if file.channels > _CHANNELS:
                raise EngineError(f"The answer has {file.channels} channels: send one or two.")
            # [frames, channels]; no more than this, whatever length the header claims or the bytes unpack to.
            samples = file.read(math.ceil((seconds + 1) * file.samplerate), dtype="float32", always_2d=True)
            sample_rate = file.samplerate
    except (soundfile.SoundFileError, RuntimeError, ValueError) as error:
        raise EngineError(f"The answer's {len(content)} bytes are neither WAV nor FLAC ({error}).") from error
    if not len(samples):
        raise EngineError("The answer is a sound file without a single sample.")
    return Sound(samples.mean(axis=1, dtype=np.float32), sample_rate)


def allowed(variable: str) -> set[str]:
    """What the operator of this worker allows engines to run or to call: a comma-separated variable of its environment.

    Researchers name commands and addresses; which of them may run beside the database's password is not theirs to say.
    """
    return {item.strip() for item in os.environ.get(variable, "").split(",") if item.strip()}
