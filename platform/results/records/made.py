"""What a study is made of, and what its engines made."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Q, QuerySet

from results.records.record import Asked, Field, Record, Records
from studies.models import Arm, Candidate, Checkpoint, Clip, ClipEmbedding, Rendering, Score, Study, TextEmbedding

ID = Field("id", "integer", "Unique among records of its kind; they come in its order.", "pk")
STATE = Field("state", "text", "waiting, running, done or failed.", filtered=True)
ERROR = Field("error", "text", "Why it failed; else empty.")
FINISHED = Field("finished_at", "time", "UTC.")


def clips_of(study: Study) -> QuerySet:
    return Rendering.objects.filter(candidate__arm__study=study).values("clip")


def _scorers(study: Study) -> list[int]:
    scorers = (study.feedback_scorer_id, study.evaluation_scorer_id, study.oracle_id)
    return [each for each in scorers if each]


def _scores(study: Study) -> QuerySet:
    """Of the study's own scorers and texts: a clip that others use too brings nothing of theirs along."""
    own_text = Q(reference__in=study.prompt_set.prompts.values("text")) | Q(reference__in=_rewrites(study))
    return Score.objects.filter(own_text, clip__in=clips_of(study), scorer__in=_scorers(study))


def _rewrites(study: Study) -> QuerySet:
    return Candidate.objects.filter(arm__study=study).values("rewrite__text")


def _texts(study: Study) -> QuerySet:
    own = Q(text__in=study.prompt_set.prompts.values("text")) | Q(text__in=_rewrites(study))
    return TextEmbedding.objects.filter(own, scorer__in=_scorers(study), vector__isnull=False)


def _candidates(study: Study) -> QuerySet:
    takes = ArrayAgg("renderings__clip", filter=Q(renderings__isnull=False), order_by="renderings__take", default=[])
    return Candidate.objects.filter(arm__study=study).annotate(takes=takes)


def _with_audio(asked: Asked) -> Callable[[Record], Record]:
    def finish(record: Record) -> Record:
        done = record["state"] == Clip.State.DONE
        return record | {"audio": asked.clip_address.replace("{clip}", str(record["id"])) if done else None}

    return finish


def _vectors(asked: Asked) -> Callable[[Record], Record]:
    return lambda record: record | {"vector": [float(each) for each in record["vector"]]}


PROMPTS = Records(
    "prompts",
    "The prompts of the study's set, as users typed them.",
    (
        ID,
        Field("position", "integer", "In the set."),
        Field("text", "text", "As typed."),
        Field("kind", "text", "open: what users type; expert: a rich caption.", filtered=True),
        Field("split", "text", "train, validation or test.", filtered=True),
        Field("scene", "text", "Prompts of one scene share a split.", filtered=True),
        Field("tags", "texts"),
    ),
    lambda study: study.prompt_set.prompts.all(),
)
ARMS = Records(
    "arms",
    "The ways of rewriting that are compared.",
    (
        ID,
        Field("key", "text", "By which other records name it.", filtered=True),
        Field("name", "text"),
        Field("method", "text", filtered=True),
        Field("rewriter", "text", "Slug of the engine; empty for the original.", "rewriter__slug"),
        Field("parameters", "json"),
        Field("stage", "text", "Where it stands."),
        Field("round", "integer", "Rounds of feedback so far."),
    ),
    lambda study: Arm.objects.filter(study=study),
)
REWRITES = Records(
    "rewrites",
    "What each arm made of each prompt, and what for.",
    (
        ID,
        Field("arm", "text", "Key.", "arm__key", filtered=True),
        Field("prompt", "integer", "Id.", "prompt_id", filtered=True),
        Field("purpose", "text", "train: ranked to teach; select: to be chosen; evaluate: judged.", filtered=True),
        Field("round", "integer"),
        Field("index", "integer", "Among the candidates of its prompt."),
        Field("text", "text", "", "rewrite__text"),
        Field("state", "text", STATE.help, "rewrite__state", filtered=True),
        Field("error", "text", ERROR.help, "rewrite__error"),
        Field("seed", "integer", "Of sampling; empty: greedy, or kept as given.", "rewrite__seed"),
        Field("exemplars", "json", "Expert captions that were shown.", "rewrite__exemplars"),
        Field("checkpoint", "integer", "Id of the weights; empty: those of the engine.", "rewrite__checkpoint_id"),
        Field("clips", "integers", "Ids, in the order of takes.", "takes"),
    ),
    _candidates,
)
CLIPS = Records(
    "clips",
    "Every sound that was made for the study.",
    (
        ID,
        Field("text", "text", "What it was made of."),
        Field("seed", "integer", "Of the generator."),
        STATE,
        ERROR,
        Field("duration", "number", "Seconds asked for."),
        Field("sample_rate", "integer", "Hz."),
        Field("samples", "integer"),
        Field("loudness", "number", "Integrated, LUFS (BS.1770)."),
        Field("true_peak", "number", "dBTP."),
        FINISHED,
        Field("audio", "text", "Address of its FLAC file; empty where there is none.", "audio"),
    ),
    lambda study: Clip.objects.filter(pk__in=clips_of(study)),
    _with_audio,
)
SCORES = Records(
    "scores",
    "How well clips fit texts, by the study's scorers.",
    (
        ID,
        Field("clip", "integer", "Id.", "clip_id", filtered=True),
        Field("scorer", "text", "Slug of the engine.", "scorer__slug", filtered=True),
        Field("reference", "text", "The text that it was compared with."),
        STATE,
        ERROR,
        Field("value", "number", "Cosine, −1 to 1; of an oracle, 0 to 1."),
        Field("preprocessing", "text", "Fingerprint of the scorer's checkpoint and front end."),
    ),
    _scores,
)
CLIP_EMBEDDINGS = Records(
    "clip-embeddings",
    "Clips as the study's scorers hear them.",
    (
        ID,
        Field("clip", "integer", "Id.", "clip_id", filtered=True),
        Field("scorer", "text", "Slug of the engine.", "scorer__slug", filtered=True),
        Field("vector", "numbers", "A unit vector."),
    ),
    lambda study: ClipEmbedding.objects.filter(clip__in=clips_of(study), scorer__in=_scorers(study)),
    _vectors,
)
TEXT_EMBEDDINGS = Records(
    "text-embeddings",
    "Prompts and rewrites as the study's scorers read them.",
    (
        ID,
        Field("text", "text"),
        Field("scorer", "text", "Slug of the engine.", "scorer__slug", filtered=True),
        Field("vector", "numbers", "A unit vector."),
    ),
    _texts,
    _vectors,
)
CHECKPOINTS = Records(
    "checkpoints",
    "Rewriters that were fine-tuned: on what, how it went.",
    (
        ID,
        Field("arm", "text", "Key.", "arm__key", filtered=True),
        Field("round", "integer"),
        STATE,
        ERROR,
        Field("rewriter", "text", "Slug of the engine that was tuned.", "rewriter__slug"),
        Field("parent", "integer", "Id of the checkpoint that it went on from.", "parent_id"),
        Field("origin", "text", "STUDY/ARM/ROUND that tuned it, where that was not this arm."),
        Field("parameters", "json", "Of training."),
        Field("ranked", "json", "What it learned from: prompts, candidates, scores, fidelity."),
        Field("curve", "json", "Loss, ranking accuracy, validation CLAP and fidelity by epoch."),
        Field("seconds", "number", "That training took."),
        FINISHED,
    ),
    lambda study: Checkpoint.objects.filter(arm__study=study),
)
