"""Engines in a worker process: loaded once, called with rows, answering with outcomes. Writes no table."""

from __future__ import annotations

import hashlib
import importlib.util
import logging
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache, partial
from typing import Any, cast

import numpy as np
from django.conf import settings

from inference.engines import flac, hygiene, memory, registry, self_test
from inference.engines.protocols import EngineError, RewriteRequest, Sound
from inference.held_out import HeldOut
from inference.shelf import Shelf
from studies import fidelity
from studies.actions import Outcome, ensure
from studies.models import Checkpoint, Clip, ClipEmbedding, EngineSpec, Rewrite, Score, TextEmbedding
from studies.storage import files

log = logging.getLogger(__name__)


@lru_cache(maxsize=1)
def engines() -> frozenset[str]:
    """What this worker serves: all that its environment can load, or of that what AUDIONESE_ENGINES names."""
    found = registry.available()
    return found & set(settings.WORKER_ENGINES) if settings.WORKER_ENGINES else found


@lru_cache(maxsize=1)
def shelf() -> Shelf:
    """This process's engines. Pool processes share the machine, so each may fill its part of half the memory."""
    _quiet_torch()
    return Shelf(settings.ENGINE_MEMORY or memory.room() // 2 // settings.WORKER_PROCESSES)


def engine_of(spec: EngineSpec, checkpoint: Checkpoint | None = None) -> Any:
    """The spec's engine, ready; with a fine-tuned checkpoint's weights where one is given."""

    def load() -> Any:
        engine = registry.load(spec.engine, spec.checkpoint, spec.revision, spec.parameters)
        if registry.entry(spec.engine).stored:
            engine.load_weights(stored_weights(spec.checkpoint))
        remember_revision(spec)
        if spec.kind == EngineSpec.Kind.SCORER:
            log.info("%s: %s", spec, self_test.examine(spec.kind, engine))
        if checkpoint is not None:
            with checkpoint.weights.open() as file:
                engine.load_weights(file.read())
        return engine

    return shelf().get((spec.pk, checkpoint and checkpoint.pk), load)


def stored_weights(name: str) -> bytes:
    """Raises EngineError where the study's own files hold none of that name."""
    try:
        with files().open(name) as file:
            return file.read()
    except FileNotFoundError as error:
        raise EngineError(f"There are no weights {name!r} among the stored files: train the judge again.") from error


def remember_revision(spec: EngineSpec) -> None:
    """Keeps the commit that a hub's name stood for when it was first loaded.

    Raises EngineError where the name has come to mean other weights since: scores of both would be compared.
    """
    commit = registry.commit_of(spec.engine, spec.checkpoint, spec.revision)
    if not commit:
        return
    EngineSpec.objects.filter(pk=spec.pk, commit="").update(commit=commit)
    first = EngineSpec.objects.values_list("commit", flat=True).get(pk=spec.pk)
    if first != commit:
        raise EngineError(
            f"{spec}: {spec.checkpoint} is now commit {commit[:12]}, but this spec's work was made with {first[:12]}. "
            f"Add a spec with revision {first} to go on, or one with {commit} to begin anew."
        )


@lru_cache(maxsize=1)
def _quiet_torch() -> None:
    # One thread a process: several worker processes share the cores, and sums keep one order.
    if importlib.util.find_spec("torch"):
        import torch

        torch.set_num_threads(settings.TORCH_THREADS)


# One function a kind of work: rows in, outcomes out. Rows of a batch share engine and checkpoint.


def rewrite(rows: Sequence[Rewrite]) -> list[Outcome]:
    engine = engine_of(cast(EngineSpec, rows[0].rewriter), rows[0].checkpoint)
    texts = engine.rewrite([_asked(row) for row in rows])
    return [
        Outcome(row.pk, {"text": text.strip()})
        if text.strip()
        else Outcome(row.pk, error="The rewriter answered with nothing. Try another instruction or seed.")
        for row, text in zip(rows, texts, strict=True)
    ]


def _asked(row: Rewrite) -> RewriteRequest:
    stratum = (row.stratum, row.strata) if row.stratum is not None and row.strata else None
    return RewriteRequest(row.source, tuple(row.exemplars), row.seed, stratum, partial(fidelity.lost, row.source))


def clip(rows: Sequence[Clip]) -> list[Outcome]:
    engine = engine_of(rows[0].generator)
    sounds = engine.generate([row.text for row in rows], [row.seed for row in rows], rows[0].duration)
    kept = [_kept(row, sound) for row, sound in zip(rows, sounds, strict=True)]
    names = _store("clips", {outcome.values["audio"] for outcome in kept if not outcome.error}, "flac")
    for outcome in kept:
        if not outcome.error:
            outcome.values["audio"] = names[outcome.values["audio"]]
    return kept


def _kept(row: Clip, sound: Sound) -> Outcome:
    """What is kept of a sound, its file still as bytes, or why nothing is."""
    try:
        hygiene.check(sound, seconds=row.duration)
    except hygiene.RejectedSound as rejected:
        return Outcome(row.pk, error=str(rejected))
    loudness, true_peak = hygiene.loudness(sound)
    values = {
        "audio": flac.encode(sound),
        "sample_rate": sound.sample_rate,
        "samples": len(sound.samples),
        "loudness": loudness,
        "true_peak": true_peak,
        "truth": dict(sound.truth),
    }
    return Outcome(row.pk, values)


def _store(folder: str, contents: Iterable[bytes], suffix: str) -> dict[bytes, str]:
    """Saves each under its own hash; the names. Saving one again, after a crash say, changes nothing."""
    hashed = {content: hashlib.sha256(content).hexdigest() for content in contents}
    names = {content: f"{folder}/{digest[:2]}/{digest}.{suffix}" for content, digest in hashed.items()}
    files().save_all({name: content for content, name in names.items()})
    return names


def training(rows: Sequence[Checkpoint]) -> list[Outcome]:
    from inference.training import fine_tuning, parameters
    from inference.training.ranked import RankedPrompt

    (row,) = rows
    result = fine_tuning.fine_tune(
        engine_of(row.rewriter, row.parent),
        [RankedPrompt(**ranked) for ranked in row.ranked],
        parameters.parse(row.parameters),
        Validation(row) if row.validation else None,
    )
    names = _store("checkpoints", [result.weights], "safetensors")
    return [Outcome(row.pk, {"weights": names[result.weights], "curve": result.curve})]


class Validation:
    """How a rewriter in training does on the checkpoint's validation prompts, by the study's own engines.

    Each epoch's rewrites are rendered with the same audio seeds and scored against the prompts by the feedback scorer.
    A sound that the hygiene gate refuses fits nothing and counts as 0: every epoch is measured on all prompts.
    """

    def __init__(self, row: Checkpoint) -> None:
        self.study, self.prompts, self.measure = row.arm.study, row.validation, row.parameters["fidelity"]
        self.noise_floor = row.parameters.get("noise_floor", 0.0)
        candidates = row.parameters.get("held_out_candidates", 0)
        self.held_out = HeldOut(self.study, self.prompts, candidates, engine_of) if candidates else None

    def __call__(self, rewriter: Any) -> dict[str, Any]:
        """{"clap", "fidelity", "rewrites"}: means over prompts, fidelity 0..1, and what was written; where candidates
        are held out, also how well it ranks them."""
        texts = [prompt["text"] for prompt in self.prompts]
        rewrites = rewriter.rewrite([RewriteRequest(text, lost=partial(fidelity.lost, text)) for text in texts])
        kept = float(np.mean(self._fidelity(texts, rewrites)))
        ranked = self.held_out.entry(rewriter, self.noise_floor) if self.held_out else {}
        return {"clap": self._clap(texts, rewrites), "fidelity": kept, "rewrites": rewrites} | ranked

    def _fidelity(self, texts: list[str], rewrites: list[str]) -> Any:
        """Of each rewrite to its prompt: [prompts]."""
        if self.measure not in fidelity.READERS:
            return [fidelity.share(self.measure, *pair) for pair in zip(texts, rewrites, strict=True)]
        scorer = engine_of(getattr(self.study, fidelity.READERS[self.measure]))
        return (scorer.embed_text(texts) * scorer.embed_text(rewrites)).sum(1)

    def _clap(self, texts: list[str], rewrites: list[str]) -> float:
        seeds, seconds = [prompt["seed"] for prompt in self.prompts], self.study.seconds
        sounds = engine_of(self.study.generator).generate(rewrites, seeds, seconds)
        sound = {text: sound for text, sound in zip(texts, sounds, strict=True) if _audible(sound, seconds)}
        if not sound:
            return 0.0
        scorer = engine_of(self.study.feedback_scorer)
        claps = (scorer.embed_text(list(sound)) * scorer.embed_audio(list(sound.values()))).sum(1)
        return float(claps.sum()) / len(texts)


def _audible(sound: Sound, seconds: float) -> bool:
    try:
        hygiene.check(sound, seconds=seconds)
    except hygiene.RejectedSound as rejected:
        log.warning("A validation sound counts as 0: %s", rejected)
        return False
    return True


def embedding(rows: Sequence[TextEmbedding]) -> list[Outcome]:
    vectors = engine_of(rows[0].scorer).embed_text([row.text for row in rows])
    return [Outcome(row.pk, {"vector": vector}) for row, vector in zip(rows, vectors, strict=True)]


# Scores: embeddings are made once and kept; a score is then a dot product.


class Scoring:
    """One batch of scores by one scorer, with the embeddings it had to make on the way."""

    def __init__(self, rows: Sequence[Score]) -> None:
        self.rows, self.spec = rows, rows[0].scorer
        self.texts: list[TextEmbedding] = []
        self.clips: list[ClipEmbedding] = []

    def outcomes(self) -> list[Outcome]:
        engine = engine_of(self.spec)
        if self.spec.kind == EngineSpec.Kind.JUDGE:
            values = engine.judge([row.reference for row in self.rows], [row.clip.truth for row in self.rows])
            return [Outcome(row.pk, {"value": value}) for row, value in zip(self.rows, values, strict=True)]
        texts, clips = self._text_vectors(engine), self._clip_vectors(engine)
        fingerprint = engine.fingerprint()
        values = self._values(engine, texts, clips)
        return [self._outcome(row, value, fingerprint) for row, value in zip(self.rows, values, strict=True)]

    def _values(self, engine: Any, texts: dict[str, np.ndarray], clips: dict[int, np.ndarray]) -> np.ndarray:
        """[rows]: dot products, or what an engine makes of the embeddings that is more than that."""
        read = np.stack([texts[row.reference] for row in self.rows])
        heard = np.stack([clips[row.clip_id] for row in self.rows])
        if not hasattr(engine, "relate"):
            return np.array([t @ c for t, c in zip(read, heard, strict=True)])
        return engine.relate([row.reference for row in self.rows], read, [row.clip.text for row in self.rows], heard)

    @staticmethod
    def _outcome(row: Score, value: float, fingerprint: str) -> Outcome:
        if not np.isfinite(value):
            return Outcome(row.pk, error="The scorer answered with a value that is not a number.")
        # Seven digits: what embeddings in single precision carry, whatever order a sum was taken in.
        return Outcome(row.pk, {"value": round(float(value), 7), "preprocessing": fingerprint})

    def _text_vectors(self, engine: Any) -> dict[str, np.ndarray]:
        wanted = {row.reference for row in self.rows}
        known = TextEmbedding.objects.filter(scorer=self.spec, state=TextEmbedding.State.DONE)
        vectors = dict(
            known.filter(identity__in=[ensure.embedding(self.spec, t).identity for t in wanted]).values_list(
                "text", "vector"
            )
        )
        if missing := sorted(wanted - vectors.keys()):
            made = dict(zip(missing, engine.embed_text(missing), strict=True))
            self.texts = [_done(ensure.embedding(self.spec, text), vector) for text, vector in made.items()]
            vectors |= made
        return {text: _as_kept(vector) for text, vector in vectors.items()}

    def _clip_vectors(self, engine: Any) -> dict[int, np.ndarray]:
        wanted = {row.clip_id: row.clip for row in self.rows}
        known = ClipEmbedding.objects.filter(scorer=self.spec, clip__in=wanted)
        vectors = dict(known.values_list("clip", "vector"))
        if missing := [pk for pk in wanted if pk not in vectors]:
            made = dict(zip(missing, engine.embed_audio([_heard(wanted[pk]) for pk in missing]), strict=True))
            self.clips = [ClipEmbedding(clip_id=pk, scorer=self.spec, vector=v) for pk, v in made.items()]
            vectors |= made
        return {pk: _as_kept(vector) for pk, vector in vectors.items()}


def _as_kept(vector: Any) -> np.ndarray:
    """A new embedding as the table will give it back, in single precision: a score is one, whoever embedded when."""
    return np.asarray(vector, dtype=np.float32).astype(np.float64)


def _done(row: TextEmbedding, vector: np.ndarray) -> TextEmbedding:
    row.state, row.vector = TextEmbedding.State.DONE, vector
    return row


def _heard(clip: Clip) -> Sound:
    with clip.audio.open() as file:
        return flac.decode(file.read())


SERVE: dict[str, Callable[[Sequence[Any]], Iterable[Outcome]]] = {
    "embedding": embedding,
    "rewrite": rewrite,
    "clip": clip,
    "training": training,
}


__all__ = ["SERVE", "EngineError", "Scoring", "engine_of"]
