"""Sounds as FLAC bytes: 16 bits, the same bytes for the same sound, and the same sound back from them."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import soundfile

from inference.engines.protocols import EngineError, Sound

# A FLAC of silence is a thousandth of what it unpacks to; no clip is longer than a minute.
_MOST = 2**25  # samples
_STEPS = 32768  # of 16 bits on either side of zero


def encode(sound: Sound) -> bytes:
    """16-bit mono FLAC; samples beyond -1..1 are clipped. Encoding what `decode` gave changes nothing."""
    samples = np.rint(np.asarray(sound.samples, dtype=np.float64) * _STEPS)
    buffer = BytesIO()
    soundfile.write(
        buffer, samples.clip(-_STEPS, _STEPS - 1).astype(np.int16), sound.sample_rate, format="FLAC", subtype="PCM_16"
    )
    return buffer.getvalue()


def decode(content: bytes) -> Sound:
    """float32 mono samples in -1..1. Raises EngineError for bytes that are no mono sound file, or a very long one."""
    try:
        with soundfile.SoundFile(BytesIO(content)) as file:
            if file.frames * file.channels > _MOST:
                raise EngineError(f"A sound of {file.frames / file.samplerate:,.0f} s, where none is so long.")
            samples, sample_rate = file.read(dtype="float32"), file.samplerate
    except soundfile.SoundFileError as error:
        raise EngineError(f"These {len(content)} bytes are no audio that can be read: {error}") from error
    if samples.ndim != 1:
        raise EngineError(f"A sound of {samples.shape[1]} channels where a mono one is expected.")
    return Sound(samples, sample_rate)
