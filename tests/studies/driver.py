"""A worker without engines: claims and records real rows, with outcomes that are functions of their content."""

from __future__ import annotations

import hashlib

import numpy as np
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from inference.engines import flac
from inference.engines.protocols import Sound
from studies import actions
from studies.actions import Batch, Outcome
from studies.models import WORK, Study, Work


def number(*content: object) -> float:
    """0..1, the same for the same content."""
    return int(hashlib.sha256(repr(content).encode()).hexdigest()[:8], 16) / 0xFFFFFFFF


def outcome(kind: str, row: Work) -> Outcome:
    match kind:
        case "rewrite":
            return Outcome(row.pk, {"text": f"{row.source}, variant {row.seed}"})
        case "clip":
            return Outcome(row.pk, clip_values(row))
        case "score":
            return Outcome(row.pk, {"value": number(row.clip.identity, row.scorer.slug, row.reference)})
        case "embedding":
            return Outcome(row.pk, {"vector": [number(row.text, i) for i in range(4)]})
    digest = hashlib.sha256(repr(row.ranked).encode()).hexdigest()
    return Outcome(row.pk, {"weights": default_storage.save(f"checkpoints/{digest}", ContentFile(b"weights"))})


def clip_values(row: Work) -> dict:
    content = flac.encode(Sound(np.full(1600, number(row.text, row.seed), dtype=np.float32) * 0.1, 16_000))
    name = default_storage.save(f"clips/{hashlib.sha256(content).hexdigest()}.flac", ContentFile(content))
    return {"audio": name, "sample_rate": 16_000, "samples": 1600, "loudness": -20.0, "true_peak": -6.0}


def serve(batch: Batch, fail=lambda kind, row: "", outcome=outcome) -> int:
    """Records the batch; fail(kind, row) gives the reason for a row that must fail."""
    outcomes = [
        Outcome(row.pk, error=reason) if (reason := fail(batch.kind, row)) else outcome(batch.kind, row)
        for row in batch.rows
    ]
    return actions.record(batch=batch, outcomes=outcomes)


def drive(
    study: Study, fail=lambda kind, row: "", limit: int = 10_000, outcome=outcome, kinds: tuple[str, ...] = tuple(WORK)
) -> Study:
    """Serves batches of these kinds until nothing is claimable."""
    for _ in range(limit):
        batch = actions.claim(worker="driver", kinds=kinds)
        if batch is None:
            break
        serve(batch, fail, outcome)
    study.refresh_from_db()
    return study
