"""The admin's pages about studies: to configure and launch one, and to look at what it makes."""

from studies.admin.engines import EngineSpecAdmin
from studies.admin.study import StudyAdmin
from studies.admin.work import CheckpointAdmin, ClipAdmin, RewriteAdmin, ScoreAdmin, TextEmbeddingAdmin

__all__ = [
    "CheckpointAdmin",
    "ClipAdmin",
    "EngineSpecAdmin",
    "RewriteAdmin",
    "ScoreAdmin",
    "StudyAdmin",
    "TextEmbeddingAdmin",
]
