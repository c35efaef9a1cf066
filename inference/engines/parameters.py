"""The parameters each engine accepts, as schemas that admin forms and recipes are checked against. No torch here."""

from __future__ import annotations

import re
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from inference.sandbox.phrases import ATTRIBUTES


class NoParameters(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class RewriterParameters(NoParameters):
    """instruction holds {prompt}; exemplar_instruction holds {exemplars} and {prompt}.

    chat: where the checkpoint's tokenizer has a chat template, the instruction is said as its user, after `system` if
    that is given; false reads the instruction as plain text.
    keep_prompt: every rewrite begins with the prompt's own words (forced decoding); what follows is the model's. For
    small models, which garble words that they have never seen. Forced tokens do not count in a likelihood.
    keep_terms: a rewrite that would end without some of the prompt's content words says them before it ends, after a
    comma, and may go on. The model chooses all else, and where they stand if it says them by itself; they count in a
    likelihood, so that training teaches it to.
    """

    instruction: str = "Rewrite this prompt as a detailed caption of the sound: {prompt}"
    exemplar_instruction: str = (
        "Captions of similar sounds: {exemplars}\nRewrite this prompt as a detailed caption of the sound: {prompt}"
    )
    exemplar_separator: str = " | "
    chat: bool = True
    system: str = ""
    keep_prompt: bool = False
    keep_terms: bool = False
    max_new_tokens: int = Field(96, ge=1, le=1024)
    temperature: float = Field(1.0, gt=0, le=5)
    top_p: float = Field(0.95, gt=0, le=1)
    dtype: Literal["float32", "float64", "bfloat16", "float16"] = "float32"
    max_batch: int = Field(32, ge=1, le=1024)

    @field_validator("instruction", "exemplar_instruction")
    @classmethod
    def holds_the_prompt(cls, value: str) -> str:
        if "{prompt}" not in value:
            raise ValueError("must contain {prompt}")
        return value

    @field_validator("exemplar_instruction")
    @classmethod
    def holds_the_exemplars(cls, value: str) -> str:
        if "{exemplars}" not in value:
            raise ValueError("must contain {exemplars}")
        return value


class SynthesiserParameters(NoParameters):
    """deaf_to: attributes whose words it does not understand, so that they are drawn: another generator, with another
    audionese."""

    sample_rate: int = Field(16_000, ge=8_000, le=48_000)
    deaf_to: list[str] = Field(default_factory=list)

    @field_validator("deaf_to")
    @classmethod
    def names_attributes(cls, value: list[str]) -> list[str]:
        if unknown := sorted(set(value) - set(ATTRIBUTES)):
            raise ValueError(f"there is no {', '.join(unknown)}; the sandbox's sounds have {', '.join(ATTRIBUTES)}")
        return value


class MusicgenParameters(NoParameters):
    """guidance: how far from what the model would play unasked (3, arXiv 2306.05284). top_k: codes drawn from, of 2048.

    dtype: auto is float16 on a GPU. compile: auto on a GPU, where a step is shorter than Python's way to it.
    """

    guidance: float = Field(3.0, ge=0, le=20)
    top_k: int = Field(250, ge=0, le=65_536)
    temperature: float = Field(1.0, gt=0, le=5)
    dtype: Literal["auto", "float32", "float64", "bfloat16", "float16"] = "auto"
    compile: Literal["auto", "always", "never"] = "auto"
    max_batch: int = Field(16, ge=1, le=1024)


class AudiocraftParameters(NoParameters):
    """guidance: audiocraft's cfg_coef. top_p above 0 takes the place of top_k, the codes drawn from; 0 is all of them.

    extend_stride: seconds by which a clip longer than the model's own length grows at a time; None takes the library's
    (18 of MusicGen's 30, 2 of AudioGen's 10). dtype is the library's: float16 on a GPU, float32 elsewhere.
    """

    guidance: float = Field(3.0, ge=0, le=20)
    top_k: int = Field(250, ge=0, le=65_536)
    top_p: float = Field(0.0, ge=0, le=1)
    temperature: float = Field(1.0, gt=0, le=5)
    extend_stride: float | None = Field(None, ge=0.1, le=60)
    max_batch: int = Field(16, ge=1, le=1024)


class DiffusionParameters(NoParameters):
    """steps: of the denoiser. guidance: away from `negative_prompt`, or from nothing; 1 turns it off.

    negative_prompt: AudioLDM 2 reads no more of it than the prompt has tokens. dtype: auto is float16 on a GPU.
    """

    steps: int = Field(200, ge=1, le=1000)
    guidance: float = Field(2.5, ge=1, le=20)
    negative_prompt: str = Field("", max_length=1000)
    dtype: Literal["auto", "float32", "bfloat16", "float16"] = "auto"
    max_batch: int = Field(8, ge=1, le=1024)


class AudioLdmParameters(DiffusionParameters):
    """200 steps of DDIM, guidance 2.5 (arXiv 2301.12503); diffusers' own default of 10 steps is for a quick listen."""


class AudioLdm2Parameters(DiffusionParameters):
    """200 steps of DDIM, guidance 3.5 (arXiv 2308.05734)."""

    guidance: float = Field(3.5, ge=1, le=20)


class StableAudioParameters(DiffusionParameters):
    """100 steps, guidance 7 (arXiv 2407.14358). Every clip costs the model's full length, 47 s, and is then cut."""

    steps: int = Field(100, ge=1, le=1000)
    guidance: float = Field(7.0, ge=1, le=20)
    max_batch: int = Field(4, ge=1, le=1024)


class BlackBoxParameters(NoParameters):
    """What commands and services have in common; the contract is in docs/generators.md.

    sample_rate: Hz, asked for and promised. timeout: seconds for one sound. retries: after the first try.
    largest: bytes of one answer. concurrency: sounds in the making at once.
    """

    sample_rate: int = Field(16_000, ge=8_000, le=192_000)
    timeout: float = Field(600.0, gt=0, le=86_400)
    retries: int = Field(2, ge=0, le=20)
    largest: int = Field(64 * 2**20, ge=1, le=2**31)
    concurrency: int = Field(1, ge=1, le=64)


class CommandParameters(BlackBoxParameters):
    """command: a program and its arguments; no shell reads them."""

    command: list[str] = Field(min_length=1)

    @field_validator("command")
    @classmethod
    def names_a_program(cls, value: list[str]) -> list[str]:
        if not value[0].strip() or any("\0" in word for word in value):
            raise ValueError("must begin with a program's name, and hold no NUL characters")
        return value


class HttpParameters(BlackBoxParameters):
    """headers: `env:NAME` is read from the worker's environment when the engine loads, so that no secret is stored.

    connect_timeout: seconds until the service takes the call at all. back_off: seconds before the second try; each
    later pause is twice as long, unless the service says when to come back.
    """

    url: str = Field(pattern=r"^https?://[^\s/?#@]+([/?#]\S*)?$")
    headers: dict[str, str] = Field(default_factory=dict)
    connect_timeout: float = Field(10.0, gt=0, le=600)
    back_off: float = Field(1.0, ge=0, le=60)

    @field_validator("headers")
    @classmethod
    def keeps_secrets_in_the_environment(cls, value: dict[str, str]) -> dict[str, str]:
        for name, text in value.items():
            if not (name + text).isprintable() or not (name + text).isascii() or not name:
                raise ValueError(f"{name!r} is no header")
            secret = any(word in name.lower() for word in ("auth", "cookie", "key", "secret", "token"))
            if secret and not re.fullmatch(r"env:[A-Za-z_][A-Za-z0-9_]*", text):
                raise ValueError(f"{name}: must be env:NAME, for what is written here is stored and shown")
        return value


class ClapParameters(NoParameters):
    """How sounds and texts are cut to what the checkpoint was trained on.

    window_seconds: longer clips are cut into fixed windows whose embeddings are averaged; 0 takes the checkpoint's own.
    text_tokens: longer texts are cut; LAION's CLAPs were trained on 77 (LAION-AI/CLAP, `training/data.py`).
    max_batch: windows or texts of one call; 0 chooses by the model and the device.
    """

    window_seconds: float = Field(0.0, ge=0, le=30)
    text_tokens: int = Field(77, ge=3, le=4096)
    dtype: Literal["float32", "float64"] = "float32"
    max_batch: int = Field(0, ge=0, le=1024)


class LaionClapParameters(NoParameters):
    """amodel: the checkpoint's audio tower, HTSAT-base for LAION's music and speech checkpoints; another is refused.

    window_seconds, text_tokens: as of ClapParameters.
    """

    amodel: Literal["HTSAT-tiny", "HTSAT-base"] = "HTSAT-tiny"
    tmodel: Literal["roberta"] = "roberta"
    enable_fusion: bool = False
    window_seconds: float = Field(0.0, ge=0, le=10)
    text_tokens: int = Field(77, ge=3, le=512)
    max_batch: int = Field(0, ge=0, le=1024)

    @field_validator("enable_fusion")
    @classmethod
    def is_off(cls, value: bool) -> bool:
        if value:
            raise ValueError(
                "feature fusion crops long clips at random in this library; "
                "the engine transformers-clap reads fused checkpoints such as laion/clap-htsat-fused"
            )
        return value


class Part(NoParameters):
    """A scorer as an engine that is made of scorers names it."""

    engine: str
    checkpoint: str = ""
    revision: str = ""
    parameters: dict[str, Any] = Field(default_factory=dict)


class StudyJudgeParameters(NoParameters):
    """scorers: on whose embeddings the judge was trained, in their order."""

    scorers: list[Part] = Field(min_length=1, max_length=4)


Axis = Literal["CE", "CU", "PC", "PQ"]


class PredictorParameters(NoParameters):
    max_batch: int = Field(8, ge=1, le=1024)


class AudioboxParameters(PredictorParameters):
    """weights: of content enjoyment, content usefulness, production complexity, production quality, each 1..10."""

    weights: dict[Axis, float] = Field({"PQ": 1.0}, min_length=1)


class DistillMosParameters(PredictorParameters):
    """Nothing of its own: one axis."""


class WeighedPart(Part):
    """mean, spread: of its scores in clips like those to be judged, from an earlier study's export. weight: of a
    standard deviation; below 0 what it likes counts against."""

    weight: float = Field(1.0, ge=-100, le=100)
    mean: float = 0.0
    spread: float = Field(1.0, gt=0)

    @field_validator("engine")
    @classmethod
    def is_plain(cls, value: str) -> str:
        if value in ("composite", "study-judge"):
            raise ValueError(f"{value} cannot be a part: name the scorers that it is made of")
        return value

    @field_validator("weight")
    @classmethod
    def counts(cls, value: float) -> float:
        if value == 0:
            raise ValueError("must not be 0: leave the part out")
        return value


class CompositeParameters(NoParameters):
    scorers: list[WeighedPart] = Field(min_length=2, max_length=8)
