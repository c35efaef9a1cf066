"""What the database has, against what clients were told."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from django.db.models import Count, F, Q

from listening.models import Presentation, Trial, Vote
from studies.models import Study

TIMED = ("next trial", "vote")


class Told(NamedTuple):
    """requests: name, status, error, ms and time of each; stored: tokens of pairs whose vote was acknowledged."""

    requests: list[dict[str, Any]]
    stored: list[tuple[float, str]]


def read(log: Path) -> Told:
    records = [json.loads(line) for line in log.read_text().splitlines()]
    stored = [(record["at"], record["stored"]) for record in records if "stored" in record]
    return Told([record for record in records if "request" in record], stored)


def lost(study: Study, tokens: Iterable[str]) -> int:
    """Votes that were acknowledged and are not there."""
    there = set(Vote.objects.filter(presentation__trial__study=study).values_list("presentation__token", flat=True))
    return len(set(tokens) - there)


def duplicates(study: Study, tokens: Iterable[str]) -> int:
    """Raters who voted twice on the same sounds, and votes that were acknowledged twice."""
    voted = Presentation.objects.filter(trial__study=study, vote__isnull=False)
    twice = voted.values("session__rater", "trial__content").annotate(n=Count("pk")).filter(n__gt=1).count()
    return twice + sum(times > 1 for times in Counter(tokens).values())


def overfilled(study: Study) -> int:
    """Trials with more votes than they need, or whose own count is not that of their votes."""
    voted = Count("presentations", filter=Q(presentations__state=Presentation.State.VOTED))
    trials = Trial.objects.filter(study=study, kind=Trial.Kind.STUDY).annotate(voted=voted)
    return trials.filter(Q(voted__gt=F("votes_needed")) | ~Q(voted=F("votes_people"))).count()


def errors(requests: Iterable[dict[str, Any]]) -> Counter[str]:
    """What clients did not expect, by request and what came."""
    wrong = [one for one in requests if one["error"] or one["status"] >= 400 or not one["status"]]
    return Counter(f"{one['request']}: {one['error'] or one['status']}" for one in wrong)


def quantiles(requests: Iterable[dict[str, Any]], names: Iterable[str]) -> dict[str, float | None]:
    """p50, p95 and p99 of the named requests, in milliseconds; None without any."""
    wanted = set(names)
    times = [one["ms"] for one in requests if one["request"] in wanted]
    values = np.percentile(times, [50, 95, 99]) if times else [None] * 3
    return {
        f"p{p}_ms": None if value is None else round(float(value), 1)
        for p, value in zip((50, 95, 99), values, strict=True)
    }


def summary(study: Study, told: Told, raters: int, begin: float, end: float) -> dict[str, Any]:
    """The row of one run. Times and votes a second are of the steady state from `begin` to `end` (epoch seconds);
    what is lost, twice or too much is of the whole run."""
    steady = [one for one in told.requests if begin <= one["at"] <= end]
    votes = sum(begin <= at <= end for at, _ in told.stored)
    tokens = [token for _, token in told.stored]
    wrong = errors(told.requests)
    names = dict.fromkeys(one["request"] for one in told.requests)
    return {
        "raters": raters,
        "votes": len(tokens),
        "votes_per_s": round(votes / (end - begin), 2),
        **quantiles(steady, TIMED),
        "errors": wrong.total(),
        "lost": lost(study, tokens),
        "duplicates": duplicates(study, tokens),
        "overfilled": overfilled(study),
        "seconds": round(end - begin, 1),
        "requests_per_s": round(len(steady) / (end - begin), 1),
        "requests": {name: quantiles(steady, [name]) for name in names},
        "what_went_wrong": dict(wrong.most_common(10)),
    }
