"""Published predictors of quality, which hear a clip and no text, behind the protocol of scorers.

A clip's vector holds the predictor's axes, every text's vector the weights of them that the parameters ask for: a score
is their dot product as any other, and a clip that was heard once is weighed anew for nothing.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import warnings
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from inference.engines import checkpoints
from inference.engines.batching import Batches
from inference.engines.parameters import AudioboxParameters, DistillMosParameters
from inference.engines.protocols import EngineError, Sound
from inference.engines.resampling import resample
from inference.engines.stand_ins import stand_ins

RATE = 16_000  # Hz, of both


class Predictor:
    """axes: names of what is predicted, in the order of a clip's vector. window: samples that the model hears at once;
    longer clips are cut into windows, whose predictions are averaged by how much of each is sound."""

    hears_words = False
    axes: tuple[str, ...]
    weights: Mapping[str, float]
    model: Any
    window: int
    batches: Batches

    @property
    def dim(self) -> int:
        return len(self.axes)

    def embed_text(self, texts: Sequence[str]) -> np.ndarray:
        """float32 [texts, axes]: the weights, whatever a text says."""
        return np.tile(np.array([self.weights.get(axis, 0.0) for axis in self.axes], np.float32), (len(texts), 1))

    def embed_audio(self, sounds: Sequence[Sound]) -> np.ndarray:
        """float32 [sounds, axes], in each axis' own unit. Raises EngineError for a sound that is empty or no number."""
        pieces = [(number, window) for number, sound in enumerate(sounds) for window in self._windows(sound)]
        made = self.batches.run([window for _, window in pieces], self._predicted)
        sums, shares = np.zeros((len(sounds), self.dim)), np.zeros(len(sounds))
        for (number, window), values in zip(pieces, made, strict=True):
            share = len(window) / self.window
            sums[number] += share * values.double().cpu().numpy()
            shares[number] += share
        return (sums / shares[:, None]).astype(np.float32)

    def fingerprint(self) -> str:
        digest = hashlib.sha256(json.dumps([type(self).__name__, self.window, RATE]).encode())
        for name, tensor in sorted(self.model.state_dict().items()):
            digest.update(name.encode() + tensor.detach().cpu().contiguous().numpy().tobytes())
        return digest.hexdigest()

    def _windows(self, sound: Sound) -> list[np.ndarray]:
        if not len(sound.samples) or not np.isfinite(sound.samples).all():
            raise EngineError("A sound without samples, or with NaN or infinity among them, cannot be judged.")
        heard = resample(sound, RATE)
        return [heard[start : start + self.window] for start in range(0, len(heard), self.window)]

    def _predicted(self, windows: Sequence[np.ndarray]) -> Sequence[Tensor]:
        """[axes] of each window, which may be shorter than `window`."""
        raise NotImplementedError

    def _filled(self, windows: Sequence[np.ndarray]) -> Tensor:
        """float32 [windows, window samples], silence behind what is shorter."""
        whole = np.stack([np.pad(window, (0, self.window - len(window))) for window in windows])
        return torch.from_numpy(whole).float().to(next(self.model.parameters()).device)


class AudioboxAesthetics(Predictor):
    """Audiobox Aesthetics (arXiv 2502.05139) by its authors' package, in windows of ten seconds.

    CE content enjoyment, CU content usefulness, PC production complexity, PQ production quality; each 1..10.
    """

    axes = ("CE", "CU", "PC", "PQ")
    window = 10 * RATE

    def __init__(self, checkpoint: str, revision: str, parameters: AudioboxParameters) -> None:
        from audiobox_aesthetics.model.aes import AesMultiOutput  # a package that only those need who use it

        self.weights = {str(axis): weight for axis, weight in parameters.weights.items()}
        self.batches = Batches(parameters.max_batch)
        with _unwarned():
            self.model = checkpoints.pretrained(AesMultiOutput, checkpoint, revision).eval().float()
        if not self.model.target_transform:
            raise EngineError(f"Checkpoint {checkpoint!r} lacks `target_transform`, the scale of its axes.")
        self.model.to("cuda" if torch.cuda.is_available() else "cpu")

    @torch.inference_mode()
    def _predicted(self, windows: Sequence[np.ndarray]) -> Sequence[Tensor]:
        waves = self._filled(windows)
        lengths = torch.tensor([len(window) for window in windows], device=waves.device)
        mask = torch.arange(self.window, device=waves.device)[None] < lengths[:, None]
        with _unwarned():
            found = self.model({"wav": waves[:, None], "mask": mask[:, None]})
        scales = self.model.target_transform
        return list(torch.stack([found[a] * scales[a]["std"] + scales[a]["mean"] for a in self.axes], dim=1))


@contextlib.contextmanager
def _unwarned() -> Iterator[None]:
    """Its package calls torch as an older torch wanted it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        warnings.filterwarnings("ignore", "Support for mismatched", UserWarning)
        yield


class DistillMos(Predictor):
    """DistillMOS (arXiv 2502.05356) with the weights of its package: mean opinion of speech, 1..5; windows of 7.68 s.

    For speech: of music it tells at most how clean it sounds.
    """

    axes = ("MOS",)
    window = 122_880

    def __init__(self, checkpoint: str, revision: str, parameters: DistillMosParameters) -> None:
        """checkpoint: none; the package brings it."""
        with stand_ins("torchaudio"):
            from distillmos.sqa import DEFAULT_WEIGHTS_CHKPT, ConvTransformerSQAModel
        self.weights, self.batches = {"MOS": 1.0}, Batches(parameters.max_batch)
        self.model = ConvTransformerSQAModel(load_weights=False, segmenting_in_forward=False).eval()
        self.model.load_state_dict(torch.load(DEFAULT_WEIGHTS_CHKPT, map_location="cpu", weights_only=True)["model"])
        self.model.to("cuda" if torch.cuda.is_available() else "cpu")

    @torch.inference_mode()
    def _predicted(self, windows: Sequence[np.ndarray]) -> Sequence[Tensor]:
        return list(self.model(self._filled(windows)).reshape(-1, 1))
