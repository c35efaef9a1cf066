"""A judge from a study's own votes, measured on prompts that it did not learn from."""

from __future__ import annotations

import hashlib
import math
import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

import numpy as np
from django.db import transaction

from accounts.models import User
from inference.judging import curve, measuring
from inference.judging.checking import Held, Material, held_out, plain
from inference.judging.learning import learn
from inference.judging.weights import Heads, to_bytes
from listening.judging.choosing import worths
from listening.judging.material import gather
from studies.actions import note
from studies.errors import StudyError
from studies.models import EngineSpec, Study, StudyJudge
from studies.storage import files

Told = dict[str, Any]


def train_judge(
    *, study: Study, by: User | None, scorers: Sequence[EngineSpec] = (), seed: int = 1, courses: bool = True
) -> StudyJudge:
    """scorers: on whose embeddings it stands, the study's evaluation scorer where none is named; all of them must have
    heard what was voted on. courses: also how its agreement grew with the votes, which takes most of the time.

    Raises StudyError where there are too few votes, or a scorer that cannot be stood on.
    """
    began = time.perf_counter()
    chosen = list(scorers) or [study.evaluation_scorer]
    _may_stand_on(chosen)
    gathered = gather(study, chosen, seed)
    material = gathered.material
    judge, clap = held_out(material), plain(material)
    taught = learn(material.sides, material.seen)
    # Learned from every vote; as sure as held-out ones have shown that it may be.
    heads = Heads(replace(taught.head, sure=judge.sure), judge.heads, gathered.learned)
    measured = _measured(material, judge, clap) | {"strength": asdict(heads.whole.strength)}
    measured["curve"] = [asdict(point) for point in curve.course(material, seed=seed)] if courses else []
    measured["seconds"] = round(time.perf_counter() - began, 2)
    told = gathered.told() | {"worth": worths(study, chosen, taught)}
    return _stored(study, by, chosen, seed, told, _plain_numbers(measured), to_bytes(heads))


def _may_stand_on(scorers: Sequence[EngineSpec]) -> None:
    wrong = [spec for spec in scorers if spec.kind != EngineSpec.Kind.SCORER or spec.learned_from_votes]
    if wrong:
        raise StudyError({"scorers": [f"{spec} gives no embeddings of its own: choose a CLAP." for spec in wrong]})


def _measured(material: Material, judge: Held, clap: Held) -> Told:
    voted = material.seen.votes.sum(1) > 0
    votes, prompts = material.seen.votes[voted], material.prompt[voted]
    gain, low, high = measuring.gain(judge.foretold[voted], clap.foretold[voted], votes, prompts)
    bins = {name: measuring.calibration(one.chances[voted], votes) for name, one in (("judge", judge), ("clap", clap))}
    return {
        "judge": asdict(measuring.measured(judge.d[voted], judge.log_nu[voted], votes)),
        "clap": asdict(measuring.measured(clap.d[voted], clap.log_nu[voted], votes)),
        "gain": gain,
        "gain_interval": [low, high],
        "calibration": {name: [asdict(one) for one in each] for name, each in bins.items()},
        "votes": int(votes.sum()),
        "pairs": int(voted.sum()),
        "prompts": len(np.unique(prompts)),
        "folds": len(material.folds),
    }


def _plain_numbers(value: Any) -> Any:
    """As JSON has them: what is no number is nothing."""
    if isinstance(value, dict):
        return {key: _plain_numbers(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain_numbers(each) for each in value]
    if isinstance(value, float):
        return round(value, 6) if math.isfinite(value) else None
    return value


@transaction.atomic
def _stored(study, by, scorers, seed: int, material: Told, measured: Told, weights: bytes) -> StudyJudge:
    digest = hashlib.sha256(weights).hexdigest()
    name = f"judges/{digest[:2]}/{digest}.safetensors"
    files().save_all({name: weights})
    made = StudyJudge.objects.create(
        study=study,
        weights=name,
        scorers=[_named(spec) for spec in scorers],
        seed=seed,
        simulated=material["simulated"],
        material=material,
        measured=measured,
        created_by=by,
    )
    who = "simulated raters" if made.simulated else "people"
    note(study=study, by=by, text=f"A judge was trained on {measured['votes']:,} votes of {who}.")
    return made


def _named(spec: EngineSpec) -> Told:
    """As an engine's parameters name another. The commit that a hub's name stood for holds it to these weights."""
    revision = spec.commit or spec.revision
    return {"engine": spec.engine, "checkpoint": spec.checkpoint, "revision": revision, "parameters": spec.parameters}
