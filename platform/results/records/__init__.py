"""Every kind of record that a study has, declared once: the API, its schema and all exports read these.

What does not belong here: how records are written (results/exports/) or asked for (results/api/).
"""

from results.records.heard import SESSIONS, TRIALS, VOTES
from results.records.made import ARMS, CHECKPOINTS, CLIP_EMBEDDINGS, CLIPS, PROMPTS, REWRITES, SCORES, TEXT_EMBEDDINGS
from results.records.record import Asked, Field, Record, Records

_ALL = (PROMPTS, ARMS, REWRITES, CLIPS, SCORES, CHECKPOINTS, TRIALS, SESSIONS, VOTES, CLIP_EMBEDDINGS, TEXT_EMBEDDINGS)
RECORDS: dict[str, Records] = {each.name: each for each in _ALL}

__all__ = ["RECORDS", "Asked", "Field", "Record", "Records"]
