"""CLAP (arXiv 2211.06687) as its authors run it, by laion_clap 1.1.7, for the checkpoints that only it reads.

Of the library only the two towers are used. Its own calls crop long clips by the global generator of numpy, fetch three
tokenizers when imported, and unpickle checkpoints without restraint.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import torch
from librosa.util import pad_center  # noqa: F401 (first: laion_clap has it read compiled code from /tmp, anybody's)
from torch import Tensor
from transformers import BartTokenizer, BertTokenizer, RobertaConfig, RobertaModel, RobertaTokenizer

from inference.engines import checkpoints, hub_files
from inference.engines.batching import Batches, quick_batch
from inference.engines.mel import MelSettings
from inference.engines.parameters import LaionClapParameters
from inference.engines.protocols import EngineError
from inference.engines.stand_ins import kept_environment, none_for, replaced, stand_ins
from inference.engines.windowed import WindowedClap

with (
    stand_ins("torchaudio", "torchvision"),
    none_for((BertTokenizer, RobertaTokenizer, BartTokenizer)),
    kept_environment(),
):
    from laion_clap.hook import create_model, float32_to_int16, int16_to_float32

TEXT_TOWER = "roberta-base"  # a folder beside the checkpoint that may hold it; else the hub's cache, by this name
_WIDTHS = {"HTSAT-tiny": 96, "HTSAT-base": 128, "HTSAT-large": 256}  # of the audio tower's first layer
_WIDTH = "audio_branch.patch_embed.proj.weight"
_WORDS = "text_branch.embeddings.word_embeddings.weight"
# Counts that transformers no longer stores, which published checkpoints hold.
_COUNTS = ("text_branch.embeddings.position_ids", "text_branch.embeddings.token_type_ids")
# Training left its best score in some files as a number of numpy's, under the name of the numpy of that time.
_NUMPY = (
    *((np.float64().__reduce__()[0], f"numpy.{core}.multiarray.scalar") for core in ("core", "_core")),
    *(np.dtype, type(np.dtype("float32")), type(np.dtype("float64")), type(np.dtype("int64"))),
)


class LaionClap(WindowedClap):
    """An unfused CLAP_Module's model. dim: of its shared space."""

    def __init__(self, checkpoint: str, revision: str = "", parameters: LaionClapParameters | None = None) -> None:
        self.parameters = parameters or LaionClapParameters.model_validate({})
        path = locate(checkpoint, revision)
        weights = _weights(path)
        _check_architecture(path.name, weights, self.parameters.amodel)
        tower = path.parent / TEXT_TOWER
        place = str(tower) if tower.is_dir() else TEXT_TOWER
        self.tokenizer = checkpoints.pretrained_tokenizer(place)
        self.text_config = checkpoints.pretrained(RobertaConfig, place)
        self.model, config = _built(self.parameters.amodel, self.text_config)
        _fill(self.model, weights, path.name)
        self.model.eval().to("cuda" if torch.cuda.is_available() else "cpu")
        self.settings = _settings(config["audio_cfg"])
        self.dim = self.model.joint_embed_shape
        self.batches = Batches(self.parameters.max_batch or quick_batch(self.model))

    @torch.inference_mode()
    def _embed_tokens(self, tokens: Sequence[list[int]]) -> list[Tensor]:
        ids = torch.tensor(tokens)
        return list(self.model.get_text_embedding({"input_ids": ids, "attention_mask": torch.ones_like(ids)}))

    @torch.inference_mode()
    def _embed_windows(self, windows: Sequence[np.ndarray]) -> list[Tensor]:
        """Full windows need no filling and no crop. Rounded to 16 bits, as the library does with arrays and files.

        That is heard: bands without sound then hold the rounding, and a vector moves by some thousandths.
        """
        rounded = [int16_to_float32(float32_to_int16(window.astype(np.float32))) for window in windows]
        return list(self.model.get_audio_embedding([{"waveform": torch.from_numpy(wave)} for wave in rounded]))

    def _text_config(self) -> Any:
        return self.text_config

    def _numbers(self) -> dict[str, Any]:
        library = f"laion-clap {version('laion-clap')}"
        return super()._numbers() | {"library": library, "amodel": self.parameters.amodel, "samples": "int16"}


def locate(checkpoint: str, revision: str = "") -> Path:
    """The checkpoint's file: a path on this machine, or FILE of a hub repository by the name `owner/name:FILE`.

    Raises EngineError where it is not to be had, with the remedy.
    """
    path = Path(checkpoint).expanduser()
    if checkpoint and path.is_file():
        return path.absolute()
    repository, _, file = checkpoint.partition(":")
    if not file or checkpoints.is_folder_name(repository):
        raise EngineError(
            f"Checkpoint {checkpoint!r} is no file on this machine ({path.absolute()}). Give a .pt file's path, or "
            "repository and file: lukewys/laion_clap:music_audioset_epoch_15_esc_90.14.pt."
        )
    return hub_files.folder_with(repository, revision, [file], optional=[f"{TEXT_TOWER}/*"]) / file


def _weights(path: Path) -> dict[str, Tensor]:
    """The state dict of a checkpoint from training, or a bare one, without the prefix of parallel training."""
    found = hub_files.read(path, _NUMPY)
    state = found.get("state_dict", found) if isinstance(found, dict) else {}
    weights = {name.removeprefix("module."): value for name, value in state.items() if isinstance(value, Tensor)}
    return {name: tensor for name, tensor in weights.items() if name not in _COUNTS}


def _check_architecture(file: str, weights: dict[str, Tensor], amodel: str) -> None:
    """Raises EngineError where the checkpoint has other towers, before anything is built."""
    if _WIDTH not in weights:
        raise EngineError(
            f"{file} has no HTSAT audio tower, so it is none of the CLAP checkpoints that this engine runs."
        )
    if _WORDS not in weights:
        raise EngineError(f"{file} has a text tower other than RoBERTa, the only one that this engine runs.")
    if any("fusion_model" in name or "mel_conv2d" in name for name in weights):
        raise EngineError(
            f"{file} was trained with feature fusion, which crops long clips at random: take its unfused sister, or "
            "laion/clap-htsat-fused with the engine transformers-clap, which reads whole windows."
        )
    width = weights[_WIDTH].shape[0]
    if width != _WIDTHS[amodel]:
        named = {w: name for name, w in _WIDTHS.items()}.get(width, f"audio tower {width} wide")
        raise EngineError(f"{file} has an {named} audio tower: set amodel to {named} (it is {amodel}).")


def _built(amodel: str, config: RobertaConfig) -> tuple[Any, dict[str, Any]]:
    """The model with weights still to be filled in, and the library's configuration of it.

    The library would fetch RoBERTa's weights, which the checkpoint's then replace.
    """
    tower = staticmethod(lambda *_, **__: RobertaModel(config))
    with torch.random.fork_rng(), warnings.catch_warnings(), replaced(RobertaModel, "from_pretrained", tower):
        warnings.simplefilter("ignore")  # the library's torch.meshgrid
        return create_model(amodel, "roberta", device=torch.device("cpu"), enable_fusion=False)


def _fill(model: torch.nn.Module, weights: dict[str, Tensor], file: str) -> None:
    """Raises EngineError naming what does not fit, of which torch would print a wall."""
    wanted = {name: tuple(tensor.shape) for name, tensor in model.state_dict().items()}
    found = {name: tuple(tensor.shape) for name, tensor in weights.items()}
    unfit = sorted(name for name in wanted | found if wanted.get(name) != found.get(name))
    if unfit:
        raise EngineError(
            f"{file} does not fit: {len(unfit)} weights are missing, needless or of another shape "
            f"({', '.join(unfit[:3])} …). Is {TEXT_TOWER} the one that it was trained with?"
        )
    model.load_state_dict(weights)


def _settings(audio: dict[str, Any]) -> MelSettings:
    """How the audio tower hears; it makes its own mel spectrogram."""
    return MelSettings(
        sample_rate=audio["sample_rate"],
        window=audio["clip_samples"],
        fft=audio["window_size"],
        hop=audio["hop_size"],
        bands=audio["mel_bins"],
        lowest=audio["fmin"],
        highest=audio["fmax"],
        fusion=False,
        padding="repeatpad",
    )
