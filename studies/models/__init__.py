"""One noun a file. `Work` is what a worker can be asked to do; the rest says what it is for."""

from studies.models.arm import Arm
from studies.models.candidate import Candidate, Rendering
from studies.models.checkpoint import Checkpoint
from studies.models.clip import Clip
from studies.models.engine import EngineSpec
from studies.models.engine_calls import EngineCalls
from studies.models.event import Event
from studies.models.judge import StudyJudge
from studies.models.kept import Kept
from studies.models.rewrite import Rewrite
from studies.models.score import ClipEmbedding, Score, TextEmbedding
from studies.models.stored_file import StoredFile
from studies.models.study import Study
from studies.models.work import Work
from studies.models.worker import Worker

# The kinds of work, by the name that tasks and messages use; what a study waits for longest comes first.
WORK: dict[str, type[Work]] = {
    "training": Checkpoint,
    "embedding": TextEmbedding,
    "rewrite": Rewrite,
    "score": Score,
    "clip": Clip,
}

__all__ = [
    "WORK",
    "Arm",
    "Candidate",
    "Checkpoint",
    "Clip",
    "ClipEmbedding",
    "EngineCalls",
    "EngineSpec",
    "Event",
    "Kept",
    "Rendering",
    "Rewrite",
    "Score",
    "StoredFile",
    "Study",
    "StudyJudge",
    "TextEmbedding",
    "Work",
    "Worker",
]
