"""MusicGen (arXiv 2306.05284) and AudioGen (arXiv 2209.15352) as their authors run them, by audiocraft 1.3.0.

audiocraft draws a whole batch from the global generator. Here every item has a generator of its own. It also pads a
batch's captions to the longest and attends to the padding, so that a clip hears how long its batch-mates' captions are:
only captions of equally many tokens share a batch, and each sounds as it does alone.
"""

from __future__ import annotations

import collections
import contextlib
import json
import logging
import math
import typing
import warnings
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import omegaconf
import torch
import yaml
from huggingface_hub import constants
from omegaconf import base, listconfig, nodes
from torch import Tensor

from inference.engines import hub_files
from inference.engines.batching import Batches
from inference.engines.checkpoints import first_line, is_hollow
from inference.engines.fitting import fit
from inference.engines.parameters import AudiocraftParameters
from inference.engines.protocols import EngineError, Sound
from inference.engines.stand_ins import replaced, stand_ins

logging.getLogger("xformers").setLevel(logging.ERROR)  # it asks for its kernels, of which none is used
logging.getLogger("audiocraft").setLevel(logging.WARNING)  # it tells of every clip
with stand_ins("torchaudio", "spacy", "av"):
    from audiocraft.models import AudioGen, MusicGen
    from audiocraft.modules.conditioners import T5Conditioner
    from audiocraft.utils import utils as audiocraft_sampling

FILES = ("state_dict.bin", "compression_state_dict.bin")
TEXT_ENCODER = "t5"  # a folder beside FILES that may hold the T5; else it comes from the hub's cache, by its name
_MELODY = "chroma_stem"  # audiocraft's name for it; it runs demucs on a recording
_LONGEST_TEXT = 512  # tokens that T5 was trained on
_UNFIT = (OSError, ValueError, KeyError, TypeError, RuntimeError, AttributeError, AssertionError, ImportError)
# Some published files hold their configuration as a pickled DictConfig. These are data: none runs code from the file.
_CONFIGURATION = (
    *(omegaconf.DictConfig, listconfig.ListConfig, base.ContainerMetadata, base.Metadata),
    *(nodes.AnyNode, nodes.IntegerNode, nodes.FloatNode, nodes.BooleanNode, nodes.StringNode),
    *(typing.Any, collections.defaultdict, dict, list, int, float, str, bool),
)


class AudiocraftGenerator:
    """What both share. sample_rate: of the checkpoint's codec, in Hz."""

    library: ClassVar[Any]  # MusicGen or AudioGen
    extend_stride: ClassVar[float]  # seconds; the library's own

    def __init__(self, checkpoint: str, revision: str = "", parameters: AudiocraftParameters | None = None) -> None:
        self.parameters = parameters or AudiocraftParameters.model_validate({})
        folder = hub_files.folder_with(checkpoint, revision, FILES, optional=[f"{TEXT_ENCODER}/*"])
        self.model = _pretrained(self.library, folder)
        self.sample_rate: int = self.model.sample_rate
        self.batches = Batches(self.parameters.max_batch)
        self.stride = self.parameters.extend_stride or self.extend_stride
        if self.stride >= self.model.max_duration:
            raise EngineError(
                f"extend_stride is {self.stride:g} s, but this model makes {self.model.max_duration:g} s at a time: "
                "choose a shorter one."
            )

    def generate(self, texts: Sequence[str], seeds: Sequence[int], seconds: float) -> list[Sound]:
        """One sound for each (text, seed), in order, each round(seconds * sample_rate) samples long.

        Longer than the model's own length it is made in windows, each heard on from the end of the one before.
        Raises EngineError for a text longer than the text encoder reads.
        """
        self._set_length(seconds)
        lengths = [self._length(text) for text in texts]
        order = sorted(range(len(texts)), key=lambda index: lengths[index])
        made: list[np.ndarray] = []
        for _, alike in groupby(order, key=lambda index: lengths[index]):
            made += self.batches.run([(texts[index], seeds[index]) for index in alike], self._waves)
        sounds = {index: fit(wave, self.sample_rate, seconds) for index, wave in zip(order, made, strict=True)}
        return [sounds[index] for index in range(len(texts))]

    def _waves(self, items: Sequence[tuple[str, int]]) -> list[np.ndarray]:
        """[channels, samples] of each (text, seed); all texts have equally many tokens."""
        with replaced(audiocraft_sampling, "multinomial", own_draws([seed for _, seed in items])):
            audio = self.model.generate([text for text, _ in items], progress=False)  # [batch, channels, samples]
        return list(audio.float().cpu().numpy())

    def _set_length(self, seconds: float) -> None:
        self.model.set_generation_params(
            use_sampling=True,
            top_k=min(self.parameters.top_k, self.model.lm.card),
            top_p=self.parameters.top_p,
            temperature=self.parameters.temperature,
            cfg_coef=self.parameters.guidance,
            duration=whole_frames(seconds, self.model.frame_rate),
            extend_stride=self.stride,
        )

    def _length(self, text: str) -> int:
        """Tokens of a text, as the text encoder counts them."""
        tokenizer = self.model.lm.condition_provider.conditioners["description"].t5_tokenizer
        length = len(tokenizer(text, truncation=False, padding=False)["input_ids"])
        if length > _LONGEST_TEXT:
            raise EngineError(
                f"A text of {length} tokens, where the text encoder reads {_LONGEST_TEXT}: {text[:60]!r}…"
            )
        return length


class AudiocraftMusicGen(AudiocraftGenerator):
    """Music: facebook/musicgen-small, -medium, -large and the stereo ones (averaged)."""

    library = MusicGen
    extend_stride = 18.0


class AudiocraftAudioGen(AudiocraftGenerator):
    """Sounds: facebook/audiogen-medium, which exists in audiocraft only."""

    library = AudioGen
    extend_stride = 2.0


def whole_frames(seconds: float, frame_rate: float) -> float:
    """The shortest duration in whole frames that is not under `seconds`: audiocraft rounds down to frames."""
    frames = math.ceil(round(seconds * frame_rate, 6))
    duration = frames / frame_rate
    return duration if int(duration * frame_rate) == frames else math.nextafter(duration, math.inf)


def own_draws(seeds: Sequence[int]) -> Callable[..., Tensor]:
    """A `multinomial` for audiocraft whose items each have a generator of their own.

    [batch, codebooks, codes] of probabilities -> [batch, codebooks, 1] of codes, by the inverse of their cumulative
    distribution. Drawn on the CPU, so that a seed means the same on every device.
    """
    generators = [torch.Generator().manual_seed(seed) for seed in seeds]

    def multinomial(probabilities: Tensor, num_samples: int = 1) -> Tensor:
        codebooks = (probabilities.shape[1], num_samples)
        drawn = [torch.rand(codebooks, generator=own, dtype=torch.float64) for own in generators]
        uniform = torch.stack(drawn).to(probabilities.device)
        cumulative = probabilities.double().cumsum(-1)
        rank = (cumulative <= uniform * cumulative[..., -1:]).sum(-1, keepdim=True)
        return rank.clamp(max=probabilities.shape[-1] - 1)

    return multinomial


def _pretrained(library: Any, folder: Path) -> Any:
    """The model on the best device at hand. Raises EngineError naming the file at fault, before anything is built."""
    for name in FILES:
        found = hub_files.read(folder / name, _CONFIGURATION)
        if not isinstance(found, dict) or not ({"best_state", "xp.cfg"} <= set(found) or "pretrained" in found):
            raise EngineError(f"{folder / name} is no checkpoint of audiocraft's: it lacks best_state or xp.cfg.")
        _refuse_melody(folder / name, found.get("xp.cfg"))
    device = "cuda" if torch.cuda.is_available() else "cpu"
    # Filling the weights draws numbers that the checkpoint's then replace; a caller's generators stay where they were.
    with _text_encoder(folder / TEXT_ENCODER), torch.random.fork_rng(), warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # the library's torch.nn.utils.weight_norm
        with torch.serialization.safe_globals(list(_CONFIGURATION)):
            try:
                return library.get_pretrained(str(folder), device=device)
            except _UNFIT as error:
                raise EngineError(
                    f"{library.__name__} cannot be made from {folder}: {first_line(error)} "
                    "Choose the engine that this checkpoint was made for."
                ) from error


def _refuse_melody(path: Path, configuration: Any) -> None:
    """Raises EngineError for a model that hears a melody beside its text, or a configuration that cannot be read."""
    try:
        conditioners = omegaconf.OmegaConf.select(omegaconf.OmegaConf.create(configuration or {}), "conditioners") or {}
        models = [one.get("model") for one in conditioners.values()]
    except (yaml.YAMLError, *_UNFIT) as error:
        raise EngineError(
            f"The configuration in {path} cannot be read ({first_line(error)}): get it from its publisher again."
        ) from error
    if _MELODY in models:
        raise EngineError(
            f"{path} has melody conditioning ({_MELODY}), which this engine does not serve: use "
            "facebook/musicgen-small, -medium or -large, or a stereo one (facebook/musicgen-stereo-small and so on)."
        )


@contextlib.contextmanager
def _text_encoder(local: Path) -> Iterator[None]:
    """While inside, audiocraft takes its T5 from the local folder where there is one, and never a hollow tokenizer.

    T5Conditioner knows names by a list and their widths by a table; the folder joins both.
    """
    original, place = T5Conditioner.__init__, str(local)

    def construct(self: Any, name: str, **options: Any) -> None:
        try:
            original(self, name=place if local.is_dir() else name, **options)
        except (OSError, ValueError) as error:
            raise EngineError(_no_text_encoder(name, local)) from error
        if is_hollow(self.t5_tokenizer):
            raise EngineError(_no_text_encoder(name, local))

    with contextlib.ExitStack() as changes:
        if local.is_dir():
            names, widths = [*T5Conditioner.MODELS, place], T5Conditioner.MODELS_DIMS | {place: _width(local)}
            changes.enter_context(replaced(T5Conditioner, "MODELS", names))
            changes.enter_context(replaced(T5Conditioner, "MODELS_DIMS", widths))
        changes.enter_context(replaced(T5Conditioner, "__init__", construct))
        yield


def _width(local: Path) -> int:
    try:
        return int(json.loads((local / "config.json").read_text("utf-8"))["d_model"])
    except (OSError, ValueError, KeyError) as error:
        raise EngineError(
            f"{local / 'config.json'} is missing or no T5's: copy the text encoder's folder there."
        ) from error


def _no_text_encoder(name: str, local: Path) -> str:
    if local.is_dir():
        return f"The text encoder in {local} lacks its model or its tokenizer's files: copy its files again."
    return (
        f"The checkpoint's text encoder {name!r} and its tokenizer are neither in {local} nor whole in the local cache "
        f"{constants.HF_HUB_CACHE}. Where the hub is reachable: `hf download {name}`."
    )
