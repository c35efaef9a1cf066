"""Signs that a study's numbers do not mean what they seem to, each with what to do about it."""

from __future__ import annotations

from typing import Any

from results.notices import clips, listening, scores
from results.notices.notice import Notice
from studies.models import Study


def notices(study: Study, results: dict[str, Any]) -> list[Notice]:
    """level "warning": do not trust a number before it is dealt with; "note": what a reader must know."""
    found = [
        *scores.judge_that_taught(study),
        *scores.votes_that_teach(study),
        *clips.missing(study, results),
        *scores.lost_intent(results),
        *scores.broken_floor(study),
        *scores.no_gain(results),
        *scores.noise(results),
        *scores.harmed_experts(results),
        *listening.not_followed(results),
        *listening.simulated(results),
        *listening.few_votes(results),
        *listening.excluded(results),
    ]
    return sorted(found, key=lambda notice: notice["level"] != "warning")
