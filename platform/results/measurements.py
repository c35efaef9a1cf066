"""What a study has measured so far, read in a few queries whatever its size."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from django.db.models import Avg, Count, F, Q, QuerySet, Variance

from studies.evaluated import CONTROL, control_prompts, main_prompts
from studies.fidelity import cosine, fidelity
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

    clap and oracle are means over takes against the prompt as the user typed it. spread: by measure, the standard
    deviation between takes of one text; absent where no text has two.
    """

    arms: list[Arm]
    prompts: list[int]
    columns: dict[tuple[str, str], np.ndarray]
    texts: dict[tuple[int, int], Texts]
    clips: dict[int, Clips]
    spread: dict[str, float]

    def column(self, arm: Arm, measure: str) -> np.ndarray:
        return self.columns[arm.key, measure]

    def has(self, measure: str) -> bool:
        return any(not np.isnan(self.column(arm, measure)).all() for arm in self.arms)


class Packed(NamedTuple):
    """Measurements as JSON holds them: columns as (arm key, measure, values), texts as (arm, prompt, its texts)."""

    prompts: list[int]
    columns: list[tuple[str, str, list[float]]]
    texts: list[tuple[int, int, Texts]]
    clips: dict[int, Clips]
    spread: dict[str, float]


def packed(measured: Measurements) -> Packed:
    columns = [(*place, values.tolist()) for place, values in measured.columns.items()]
    texts = [(*place, pair) for place, pair in measured.texts.items()]
    return Packed(measured.prompts, columns, texts, measured.clips, measured.spread)


def unpacked(found: Packed, arms: list[Arm]) -> Measurements:
    columns = {(arm, name): np.array(values) for arm, name, values in found.columns}
    texts = {(arm, prompt): pair for arm, prompt, pair in found.texts}
    return Measurements(arms, found.prompts, columns, texts, found.clips, found.spread)


def measure(study: Study, *, control: bool = False) -> Measurements:
    """control: of the expert prompts beside those that the study is about."""
    arms = list(study.arms.all())
    chosen = control_prompts(study) if control else main_prompts(study)
    prompts = list(chosen.order_by("position").values_list("pk", flat=True))
    mine = Q(candidate__prompt__kind=CONTROL if control else study.evaluation_kind)
    rows = Rendering.objects.filter(mine, candidate__arm__study=study, candidate__purpose=EVALUATED)
    texts = _texts(study, CONTROL if control else study.evaluation_kind)
    scores, spread = _scores(study, rows)
    values = scores | _fidelities(texts) | _cosines(study, texts)
    columns = {
        (arm.key, name): np.array([_number(values.get((arm.pk, prompt, name))) for prompt in prompts])
        for arm in arms
        for name in MEASURES
    }
    return Measurements(arms, prompts, columns, texts, _clips(rows), spread)


def _number(value: float | None) -> float:
    return np.nan if value is None else value


Values = dict[tuple[int, int, str], float | None]  # by (arm, prompt, measure)


def _scores(study: Study, renderings: QuerySet[Any]) -> tuple[Values, dict[str, float]]:
    """Means over takes, by the scorer that judges and by the oracle, against the user's own words; and their spread."""
    names = {study.evaluation_scorer_id: "clap", study.oracle_id: "oracle"}
    rows = (
        renderings.filter(
            clip__scores__state=Score.State.DONE,
            clip__scores__scorer__in=[scorer for scorer in names if scorer],
            clip__scores__reference=F("candidate__prompt__text"),
        )
        .order_by()
        .values_list("candidate__arm", "candidate__prompt", "clip__scores__scorer")
        .annotate(Avg("clip__scores__value"), Variance("clip__scores__value", sample=True))
    )
    found, variances = {}, defaultdict(list)
    for arm, prompt, scorer, value, variance in rows:
        found[arm, prompt, names[scorer]] = value
        if variance is not None:
            variances[names[scorer]].append(variance)
    return found, {name: float(np.sqrt(np.mean(each))) for name, each in variances.items()}


def _clips(renderings: QuerySet[Any]) -> dict[int, Clips]:
    state = {name: Count("pk", filter=Q(clip__state=name)) for name in ("done", "failed")}
    rows = renderings.order_by().values("candidate__arm").annotate(**state)
    return {row["candidate__arm"]: Clips(row["done"], row["failed"]) for row in rows}


def _texts(study: Study, kind: str) -> dict[tuple[int, int], Texts]:
    done = Candidate.objects.filter(arm__study=study, purpose=EVALUATED, rewrite__state=Work.State.DONE)
    rows = done.filter(prompt__kind=kind).values_list("arm", "prompt", "prompt__text", "rewrite__text")
    return {(arm, prompt): Texts(given, rewrite) for arm, prompt, given, rewrite in rows}


def _fidelities(texts: dict[tuple[int, int], Texts]) -> Values:
    return {(*place, name): value for place, pair in texts.items() for name, value in fidelity(*pair)._asdict().items()}


def _cosines(study: Study, texts: dict[tuple[int, int], Texts]) -> Values:
    """Cosine of prompt and rewrite as the judging scorer reads them."""
    if not study.evaluation_scorer.hears_words:
        return {}
    vectors = _vectors(study, {text for pair in texts.values() for text in pair})
    found = {place: cosine(vectors.get(pair.prompt), vectors.get(pair.rewrite)) for place, pair in texts.items()}
    return {(*place, "text_cosine"): value for place, value in found.items() if value is not None}


def _vectors(study: Study, texts: Iterable[str]) -> dict[str, np.ndarray | None]:
    known = TextEmbedding.objects.filter(scorer=study.evaluation_scorer_id, state=Work.State.DONE, text__in=list(texts))
    return dict(known.values_list("text", "vector"))
