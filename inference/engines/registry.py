"""Engines by name. Nothing of torch is imported until `load` is called, so web processes may read this."""

from __future__ import annotations

import importlib
import importlib.util
from dataclasses import dataclass
from functools import cache
from typing import Any

from pydantic import BaseModel, ValidationError

from inference.engines import parameters
from inference.engines.protocols import EngineError


@dataclass(frozen=True)
class Entry:
    """kind: rewriter, generator, scorer or judge. target: 'module:class'. schema: its parameters.

    requires: importable modules without which the engine cannot load (shown to the operator by name).
    stored: its checkpoint is the name of a file among the study's own, given to `load_weights`.
    words: whether what a scorer says depends on the text.
    """

    kind: str
    target: str
    schema: type[BaseModel]
    requires: tuple[str, ...] = ()
    stored: bool = False
    words: bool = True


ENGINES: dict[str, Entry] = {
    "transformers-seq2seq": Entry(
        "rewriter",
        "inference.engines.rewriters:Seq2SeqRewriter",
        parameters.RewriterParameters,
        ("torch", "transformers"),
    ),
    "transformers-causal": Entry(
        "rewriter",
        "inference.engines.rewriters:CausalRewriter",
        parameters.RewriterParameters,
        ("torch", "transformers"),
    ),
    "transformers-musicgen": Entry(
        "generator",
        "inference.engines.musicgen:TransformersMusicgen",
        parameters.MusicgenParameters,
        ("torch", "transformers"),
    ),
    "audiocraft-musicgen": Entry(
        "generator",
        "inference.engines.audiocraft:AudiocraftMusicGen",
        parameters.AudiocraftParameters,
        ("torch", "audiocraft"),
    ),
    "audiocraft-audiogen": Entry(
        "generator",
        "inference.engines.audiocraft:AudiocraftAudioGen",
        parameters.AudiocraftParameters,
        ("torch", "audiocraft"),
    ),
    "diffusers-audioldm": Entry(
        "generator",
        "inference.engines.diffusion:AudioLdm",
        parameters.AudioLdmParameters,
        ("torch", "transformers", "diffusers"),
    ),
    "diffusers-audioldm2": Entry(
        "generator",
        "inference.engines.diffusion:AudioLdm2",
        parameters.AudioLdm2Parameters,
        ("torch", "transformers", "diffusers"),
    ),
    "diffusers-stable-audio": Entry(
        "generator",
        "inference.engines.diffusion:StableAudio",
        parameters.StableAudioParameters,
        ("torch", "transformers", "diffusers", "torchsde"),
    ),
    "command": Entry(
        "generator", "inference.engines.command:CommandGenerator", parameters.CommandParameters, ("soxr",)
    ),
    "http": Entry("generator", "inference.engines.service:HttpGenerator", parameters.HttpParameters, ("httpx", "soxr")),
    "sandbox-synthesiser": Entry(
        "generator", "inference.engines.synthesiser:SandboxSynthesiser", parameters.SynthesiserParameters
    ),
    "transformers-clap": Entry(
        "scorer", "inference.engines.clap:TransformersClap", parameters.ClapParameters, ("torch", "transformers")
    ),
    "laion-clap": Entry(
        "scorer",
        "inference.engines.laion:LaionClap",
        parameters.LaionClapParameters,
        ("torch", "laion_clap"),
    ),
    "study-judge": Entry(
        "scorer",
        "inference.engines.study_judge:StudyJudge",
        parameters.StudyJudgeParameters,
        ("torch", "safetensors"),
        stored=True,
    ),
    "audiobox-aesthetics": Entry(
        "scorer",
        "inference.engines.predictors:AudioboxAesthetics",
        parameters.AudioboxParameters,
        ("torch", "audiobox_aesthetics"),
        words=False,
    ),
    "distillmos": Entry(
        "scorer",
        "inference.engines.predictors:DistillMos",
        parameters.DistillMosParameters,
        ("torch", "distillmos", "xls_r_sqa"),
        words=False,
    ),
    "composite": Entry("scorer", "inference.engines.composite:Composite", parameters.CompositeParameters, ("torch",)),
    "sandbox-oracle": Entry("judge", "inference.engines.oracle:SandboxOracle", parameters.NoParameters),
}


def entry(name: str) -> Entry:
    """The entry of that name. Raises EngineError listing the known names."""
    try:
        return ENGINES[name]
    except KeyError:
        raise EngineError(f"Unknown engine {name!r}. Known: {', '.join(sorted(ENGINES))}.") from None


@cache
def available() -> frozenset[str]:
    """The engines that this process could load: all that they require can be imported."""
    return frozenset(name for name, found in ENGINES.items() if not lacking(name))


def lacking(name: str) -> list[str]:
    """The packages that an engine requires and this environment does not have."""
    return [package for package in entry(name).requires if importlib.util.find_spec(package) is None]


def validate(name: str, values: dict[str, Any]) -> dict[str, Any]:
    """The parameters with defaults filled in. Raises EngineError naming each field at fault."""
    try:
        parsed = entry(name).schema.model_validate(values)
        for part in getattr(parsed, "scorers", ()):
            part.parameters = validate_part(part.engine, part.parameters)
        return parsed.model_dump(mode="json")
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, f['loc'])) or 'parameters'}: {f['msg']}" for f in error.errors())
        raise EngineError(f"Parameters of engine {name!r}: {faults}.") from None


def validate_part(name: str, values: dict[str, Any]) -> dict[str, Any]:
    """The same of a scorer that another engine is made of."""
    if entry(name).kind != "scorer":
        raise EngineError(f"{name} is a {entry(name).kind}: an engine can be made of scorers alone.")
    return validate(name, values)


def commit_of(name: str, checkpoint: str, revision: str = "") -> str:
    """The commit that the checkpoint's hub name stands for in the local cache; empty where it names none."""
    if "torch" not in entry(name).requires or not checkpoint:
        return ""
    return importlib.import_module("inference.engines.checkpoints").commit_of(checkpoint, revision)


def load(name: str, checkpoint: str = "", revision: str = "", values: dict[str, Any] | None = None) -> Any:
    """A ready engine: imported, constructed with its checkpoint (a folder or a hub name) and parameters."""
    found = entry(name)
    module, _, attribute = found.target.partition(":")
    engine = getattr(importlib.import_module(module), attribute)
    return engine(checkpoint=checkpoint, revision=revision, parameters=found.schema.model_validate(values or {}))
