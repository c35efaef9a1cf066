"""The results of a study as one dictionary: what the page shows, the API returns and the terminal prints."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from listening import query
from results import contrasts, notices, statistics
from results.measurements import MEASURES, Clips, Measurements, measure
from results.preference import preferences
from results.ratings import ratings
from results.statistics import Estimate
from studies import clock, fidelity
from studies.models import Arm, Study

DIGITS = 6
NORMAL = 1.96  # two-sided 95 %


def results_of(study: Study, measured: Measurements | None = None) -> dict[str, Any]:
    """Complete or so far. Intervals are 95 %, resampled over prompts (votes: over raters and prompts).

    clap, oracle, kept_terms, text_cosine and shares are 0..1 (a cosine may be negative), bleu and chrf 0..100;
    None where nothing was measured. Nothing in it depends on when it is asked, except `seconds` of a running study.
    """
    measured = measured or measure(study)
    votes = query.votes(study)
    results = {
        "study": study.slug,
        "name": study.name,
        "status": study.status,
        "seconds": seconds(study),
        "scorers": {"feedback": study.feedback_scorer.name, "evaluation": study.evaluation_scorer.name},
        "arms": arms(measured),
        "contrasts": contrasts.contrasts(measured),
        "control": contrasts.contrasts(measure(study, control=True)) if study.control_prompts else [],
        "noise_floor": noise_floor(study, measured),
        "preference": preferences(votes, study.listening_pairs),
        "ratings": ratings(query.ratings(study), study.listening_pairs),
        "votes": len(votes),
        "votes_simulated": sum(vote.simulated for vote in votes),
        "sessions_excluded": query.excluded(study),
        "method": method(study),
    }
    return rounded(results | {"notices": notices.notices(study, results)})


def seconds(study: Study) -> float | None:
    """Wall time from launch to the end, or until now."""
    if study.launched_at is None:
        return None
    return ((study.finished_at or clock.now()) - study.launched_at).total_seconds()


def noise_floor(study: Study, measured: Measurements) -> dict[str, float]:
    """By measure: what two runs of one arm would differ by at most, in 95 of 100, if only the audio seeds were others.

    z·sqrt(2 s² / (takes · prompts)), s the standard deviation between takes of one text.
    """
    n = study.evaluation_takes * len(measured.prompts)
    return {name: NORMAL * math.sqrt(2 * spread**2 / n) for name, spread in measured.spread.items()}


def arms(measured: Measurements) -> list[dict]:
    if not measured.arms:
        return []
    columns = np.stack([measured.column(arm, name) for arm in measured.arms for name in MEASURES], axis=1)
    estimates = iter(statistics.mean_intervals(columns))
    return [_arm(measured, arm, {name: next(estimates) for name in MEASURES}) for arm in measured.arms]


def _arm(measured: Measurements, arm: Arm, estimates: dict[str, Estimate | None]) -> dict:
    clips = measured.clips.get(arm.pk, Clips())
    clap = estimates["clap"]
    values = {name: estimate and estimate.value for name, estimate in estimates.items()}
    intervals = {f"{name}_interval": estimate and estimate.interval for name, estimate in estimates.items()}
    return {
        "arm": arm.key,
        "name": arm.name,
        "method": arm.method,
        "stage": arm.stage,
        "prompts": clap.n if clap else 0,
        "prompts_wanted": len(measured.prompts),
        "clips": clips.done,
        "clips_failed": clips.failed,
        **values,
        **intervals,
    }


def method(study: Study) -> dict[str, Any]:
    """How the numbers were made, so that a reader can make them again."""
    return {
        "interval": statistics.LEVEL,
        "unit": "prompt",
        "resamples": statistics.RESAMPLES,
        "resampling_seed": statistics.SEED,
        "study_seed": study.seed,
        "takes": study.evaluation_takes,
        "seconds_a_clip": study.seconds,
        "generator": study.generator.name,
        "oracle": study.oracle.name if study.oracle else None,
        **fidelity.SIGNATURES,
    }


def rounded(value: Any) -> Any:
    """Floats to a millionth: beyond it is noise of the order of summation."""
    if isinstance(value, float):
        return round(value, DIGITS)
    if isinstance(value, dict):
        return {key: rounded(item) for key, item in value.items()}
    return [rounded(item) for item in value] if isinstance(value, list) else value
