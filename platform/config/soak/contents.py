"""What a run has left in the database, by content: keys and times are of the run, all else must be the same."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

from django.db.models import Count, F, Model, Q

from config.soak.raters import Taken, checksum
from listening import sounds
from listening.models import Playback, Presentation, Trial, Vote
from results.summary import results_of
from studies.models import (
    WORK,
    Candidate,
    Checkpoint,
    Clip,
    ClipEmbedding,
    Rendering,
    Rewrite,
    Score,
    StoredFile,
    Study,
    TextEmbedding,
)

State = Presentation.State


def made() -> dict[str, Any]:
    """Rows and bytes of everything that the studies made."""
    return {
        "studies": set(Study.objects.values_list("slug", "status", "status_reason")),
        "rewrites": set(Rewrite.objects.values_list("identity", "text", "state", "error")),
        "clips": set(Clip.objects.values_list("identity", "audio", "state", "error", "loudness", "true_peak")),
        "files": {(file.name, _digest(file.content)) for file in StoredFile.objects.iterator(50)},
        "scores": set(Score.objects.values_list("identity", "value", "state", "error", "preprocessing")),
        "checkpoints": set(Checkpoint.objects.values_list("identity", "weights", "state", "error")),
        "text embeddings": {(one.identity, _digest(one.vector)) for one in TextEmbedding.objects.all()},
        "clip embeddings": {(one.clip.identity, one.scorer.slug, _digest(one.vector)) for one in _heard()},
        "candidates": set(Candidate.objects.values_list(*_CANDIDATE)),
        "renderings": set(Rendering.objects.values_list(*(f"candidate__{name}" for name in _CANDIDATE), "take")),
        "trials": set(Trial.objects.filter(kind=Trial.Kind.STUDY).values_list(*_TRIAL)),
    }


_CANDIDATE = ("arm__study__slug", "arm__key", "prompt__text", "purpose", "round", "index", "rewrite__identity")
_TRIAL = ("study__slug", "prompt__text", "votes_needed", "stimuli__arm__key", "stimuli__clip__identity")


def _heard() -> Iterable[ClipEmbedding]:
    return ClipEmbedding.objects.select_related("clip", "scorer")


def _digest(value: Any) -> str:
    content = bytes(value) if isinstance(value, bytes | memoryview) else repr([float(v) for v in value]).encode()
    return hashlib.sha256(content).hexdigest()


def counts() -> dict[str, int]:
    """How many rows of everything: what is there twice under other keys would show here."""
    tables: list[type[Model]] = [*WORK.values(), Candidate, Rendering, StoredFile, ClipEmbedding, Study]
    return {str(model._meta.verbose_name_plural): model._default_manager.count() for model in tables}


def unfinished() -> list[str]:
    """Work that failed, or that nobody finished."""
    rows = ((kind, model._default_manager.exclude(state="done")) for kind, model in WORK.items())
    return [f"{kind} {row.pk}: {row.state} {row.error}" for kind, left in rows for row in left]


def votes(study: str) -> set[tuple[str, str, str, str]]:
    """(rater, prompt, arm that was preferred, the one that was not) of every vote for the study."""
    found = _votes(study).values_list("presentation__session__rater__external_id", "presentation", "winner__key")
    asked = dict(_votes(study).values_list("presentation", "presentation__trial__prompt__text"))
    arms: dict[int, set[str]] = {}
    for presentation, arm in _votes(study).values_list("presentation", "presentation__playbacks__stimulus__arm__key"):
        arms.setdefault(presentation, set()).add(arm)
    return {(rater, asked[at], arm, *(arms[at] - {arm})) for rater, at, arm in found}


def _votes(study: str):
    return Vote.objects.filter(
        presentation__trial__study__slug=study, presentation__trial__kind=Trial.Kind.STUDY, presentation__state="voted"
    )


def told_and_there(taken: Iterable[Taken]) -> dict[str, list[str]]:
    """Votes that clients were told of and that are not there, that nobody was told of, or that say something else."""
    taken = list(taken)
    told = {one.token: one for one in taken}
    there = {one.presentation.token: one for one in Vote.objects.select_related("presentation__session__rater")}
    other = [token for token in told.keys() & there.keys() if _said(there[token]) != told[token].winner]
    return {
        "lost": sorted(told.keys() - there.keys()),
        "nobody was told of": sorted(there.keys() - told.keys()),
        "told twice": [one.token for one in taken if told[one.token] is not one],
        "with another answer": other,
    }


def _said(vote: Vote) -> str:
    """Checksum of the sound that the stored vote prefers."""
    related = ("presentation__session", "presentation__trial", "stimulus__clip")
    chosen = Playback.objects.select_related(*related).get(presentation=vote.presentation, letter=vote.choice)
    return checksum(sounds.wav(chosen))


def overfilled() -> list[str]:
    """Trials with more votes than they need, or whose own count is not that of their votes."""
    voted = Count("presentations", filter=Q(presentations__state=State.VOTED))
    trials = Trial.objects.filter(kind=Trial.Kind.STUDY).annotate(voted=voted)
    wrong = trials.filter(Q(voted__gt=F("votes_needed")) | ~Q(voted=F("votes_people")))
    return [f"trial {one.pk} of {one.study.slug}: {one.voted} of {one.votes_needed} votes" for one in wrong]


def results(study: str, with_votes: bool) -> dict[str, Any]:
    """As the page shows them, but for how long the study took. Without votes: what they decide is left out."""
    found = results_of(Study.objects.get(slug=study))
    left_out = {"seconds"} | (set() if with_votes else {"preference", "ratings", "votes", "notices"})
    return {key: value for key, value in found.items() if key not in left_out}
