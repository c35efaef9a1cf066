"""Makes the voices of platform/listening/stimuli/voices by eSpeak NG: `script/voices` writes them again.

    script/voices [FOLDER]

The same text gives the same samples with the same release of espeakng-loader, which tests compare.
"""

from __future__ import annotations

import argparse
import ctypes
from pathlib import Path

import espeakng_loader
import numpy as np
from scipy.signal import resample_poly

from inference.engines import flac
from inference.engines.protocols import Sound
from listening.stimuli import spoken

RATE = 16_000  # Hz, of what is stored
VOICES = {"en": "en-gb", "de": "de", "fr": "fr-fr"}
WORDS_A_MINUTE = 200  # quick, so that it fits; eSpeak's own pace is 175
SILENT = 0.01  # of the peak: what is quieter at both ends is cut
PEAK = 0.5
_RETRIEVAL, _UTF8, _SPEED = 1, 1, 1  # eSpeak NG's speak_lib.h


class Speaker:
    """libespeak-ng, from the wheel that carries it and its data."""

    def __init__(self) -> None:
        self.library = ctypes.CDLL(espeakng_loader.get_library_path())
        data = espeakng_loader.get_data_path().encode()
        self.rate = self.library.espeak_Initialize(_RETRIEVAL, 0, data, 0)
        self.chunks: list[np.ndarray] = []
        shape = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)
        self.callback = shape(self._receive)  # kept: the library does not keep it
        self.library.espeak_SetSynthCallback(self.callback)

    def _receive(self, samples, count: int, events) -> int:
        if count:
            self.chunks.append(np.ctypeslib.as_array(samples, (count,)).copy())
        return 0

    def say(self, text: str, voice: str) -> np.ndarray:
        """Samples [n] at the library's rate, -1..1."""
        self.chunks = []
        self.library.espeak_SetVoiceByName(voice.encode())
        self.library.espeak_SetParameter(_SPEED, WORDS_A_MINUTE, 0)
        words = text.encode()
        self.library.espeak_Synth(words, len(words) + 1, 0, 1, 0, _UTF8, None, None)
        self.library.espeak_Synchronize()
        return np.concatenate(self.chunks) / 32768


def trimmed(samples: np.ndarray) -> np.ndarray:
    loud = np.flatnonzero(np.abs(samples) > SILENT * np.abs(samples).max())
    return samples[loud[0] : loud[-1] + 1]


def make(folder: Path) -> list[Path]:
    """Writes every phrase in every language and returns the files."""
    speaker, made = Speaker(), []
    for language, phrases in spoken.PHRASES.items():
        for name, text in phrases.items():
            said = trimmed(resample_poly(speaker.say(text, VOICES[language]), RATE, speaker.rate))
            made.append(folder / f"{language}-{name}.flac")
            made[-1].write_bytes(flac.encode(Sound((PEAK * said / np.abs(said).max()).astype(np.float32), RATE)))
    return made


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=spoken.VOICES)
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    for path in make(folder):
        print(f"{path.name}: {len(flac.decode(path.read_bytes()).samples) / RATE:.2f} s")  # noqa: T201


if __name__ == "__main__":
    main()
