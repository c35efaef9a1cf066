"""What a study has measured so far, read in a few queries whatever its size."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from django.db.models import Avg, Count, F, Q

from prompts.models import Prompt
from studies.fidelity import fidelity
from studies.models import Arm, Candidate, Rendering, Score, Study, TextEmbedding, Work

MEASURES = ("clap", "oracle", "bleu", "chrf", "kept_terms", "text_cosine")
EVALUATED = Candidate.Purpose.EVALUATE


class Texts(NamedTuple):
    prompt: str
    rewrite: str


class Clips(NamedTuple):
    """Evaluation clips of one arm."""

    done: int = 0
    failed: int = 0


@dataclass(frozen=True)
class Measurements:
    """columns: by (arm key, measure), a value a prompt in the order of `prompts`, NaN where there is none yet.

    clap and oracle are means over takes against the prompt as the user typed it.
    """

    arms: list[Arm]
    prompts: list[int]
    columns: dict[tuple[str, str], np.ndarray]
    texts: dict[tuple[int, int], Texts]
    clips: dict[int, Clips]

    def column(self, arm: Arm, measure: str) -> np.ndarray:
        return self.columns[arm.key, measure]

    def has(self, measure: str) -> bool:
        return any(not np.isnan(self.column(arm, measure)).all() for arm in self.arms)


def measure(study: Study) -> Measurements:
    arms = list(study.arms.all())
    prompts = list(_prompts(study).values_list("pk", flat=True))
    texts = _texts(study)
    values = _scores(study) | _fidelities(texts) | _cosines(study, texts)
    columns = {
        (arm.key, name): np.array([_number(values.get((arm.pk, prompt, name))) for prompt in prompts])
        for arm in arms
        for name in MEASURES
    }
    return Measurements(arms, prompts, columns, texts, _clips(study))


def _prompts(study: Study):
    chosen = Prompt.objects.filter(
        prompt_set=study.prompt_set_id, split=study.evaluation_split, kind=study.evaluation_kind
    )
    return chosen.order_by("position")


def _number(value: float | None) -> float:
    return np.nan if value is None else value


Values = dict[tuple[int, int, str], float | None]  # by (arm, prompt, measure)


def _scores(study: Study) -> Values:
    """Means over takes, by the scorer that judges and by the oracle, against the user's own words."""
    names = {study.evaluation_scorer_id: "clap", study.oracle_id: "oracle"}
    rows = (
        _renderings(study)
        .filter(
            clip__scores__state=Score.State.DONE,
            clip__scores__scorer__in=[scorer for scorer in names if scorer],
            clip__scores__reference=F("candidate__prompt__text"),
        )
        .order_by()
        .values_list("candidate__arm", "candidate__prompt", "clip__scores__scorer")
        .annotate(Avg("clip__scores__value"))
    )
    return {(arm, prompt, names[scorer]): value for arm, prompt, scorer, value in rows}


def _renderings(study: Study):
    return Rendering.objects.filter(candidate__arm__study=study, candidate__purpose=EVALUATED)


def _clips(study: Study) -> dict[int, Clips]:
    state = {name: Count("pk", filter=Q(clip__state=name)) for name in ("done", "failed")}
    rows = _renderings(study).order_by().values("candidate__arm").annotate(**state)
    return {row["candidate__arm"]: Clips(row["done"], row["failed"]) for row in rows}


def _texts(study: Study) -> dict[tuple[int, int], Texts]:
    rows = Candidate.objects.filter(arm__study=study, purpose=EVALUATED, rewrite__state=Work.State.DONE).values_list(
        "arm", "prompt", "prompt__text", "rewrite__text"
    )
    return {(arm, prompt): Texts(given, rewrite) for arm, prompt, given, rewrite in rows}


def _fidelities(texts: dict[tuple[int, int], Texts]) -> Values:
    return {(*place, name): value for place, pair in texts.items() for name, value in fidelity(*pair)._asdict().items()}


def _cosines(study: Study, texts: dict[tuple[int, int], Texts]) -> Values:
    """Cosine of prompt and rewrite as the judging scorer reads them; embeddings are unit vectors."""
    vectors = _vectors(study, {text for pair in texts.values() for text in pair})
    return {
        (*place, "text_cosine"): float(np.dot(vectors[pair.prompt], vectors[pair.rewrite]))
        for place, pair in texts.items()
        if pair.prompt in vectors and pair.rewrite in vectors
    }


def _vectors(study: Study, texts: Iterable[str]) -> dict[str, np.ndarray]:
    known = TextEmbedding.objects.filter(scorer=study.evaluation_scorer_id, state=Work.State.DONE, text__in=list(texts))
    return {text: _unit(vector) for text, vector in known.values_list("text", "vector") if vector is not None}


def _unit(vector: np.ndarray) -> np.ndarray:
    vector = np.asarray(vector, float)
    return vector / (np.linalg.norm(vector) or 1.0)
