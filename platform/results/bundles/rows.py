"""Which rows a bundle holds, of which tables, and what of them stays behind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Field, Model, Q, QuerySet

from accounts.models import ConsentText, Rater
from listening.models import (
    Decision,
    HeadphoneCheck,
    ListeningTest,
    Playback,
    Presentation,
    Question,
    Session,
    Stimulus,
    Trial,
    Vote,
)
from listening.pseudonyms import pseudonym
from prompts.models import Prompt, PromptSet
from results.records import RECORDS
from results.records.heard import OTHERS
from studies.models import (
    Arm,
    Candidate,
    Checkpoint,
    Clip,
    EngineSpec,
    Event,
    Rendering,
    Rewrite,
    Score,
    Study,
    StudyJudge,
    TextEmbedding,
)

Row = dict[str, Any]
HELD = frozenset({"lease", "leased_until"})  # of work: whoever held it does not hold it elsewhere


@dataclass(frozen=True)
class Rows:
    """left_out: fields that stay behind; the field's default is restored.

    shared: the fields by which a row is known in every database, so that one that is there is not written again;
    agrees: what such a row must then say too. finish: what is said in place of what the row says.
    """

    model: type[Model]
    of: Callable[[Study], QuerySet]
    left_out: frozenset[str] = frozenset()
    shared: tuple[str, ...] = ()
    agrees: tuple[str, ...] = ()
    finish: Callable[[Study, Row], Row] = lambda study, row: row

    @property
    def fields(self) -> list[Field]:
        return [field for field in self.model._meta.concrete_fields if field.name not in self.left_out]

    def read(self, study: Study) -> Iterator[Row]:
        """By ascending key. An engine is named by its slug, another row by its key."""
        names = {f.attname: f"{f.name}__slug" if f.related_model is EngineSpec else f.attname for f in self.fields}
        for values in self.of(study).order_by("pk").values_list(*names.values()).iterator(chunk_size=2_000):
            yield self.finish(study, dict(zip(names, values, strict=True)))


def engines_of(study: Study) -> QuerySet[EngineSpec]:
    roles = (study.generator_id, study.feedback_scorer_id, study.evaluation_scorer_id, study.oracle_id)
    return EngineSpec.objects.filter(Q(pk__in=[pk for pk in roles if pk]) | Q(arms__study=study)).distinct()


def _nameless(study: Study, row: Row) -> Row:
    name = pseudonym(study, row["id"])
    return {**row, "provider": "bundle", "external_id": f"{study.slug} {name}"}


def _ended(study: Study, row: Row) -> Row:
    return {**row, "completion_code": "" if row["state"] == Session.State.ACTIVE else "restored"}


def _closed(study: Study, row: Row) -> Row:
    return {**row, "closed": True}  # a restored study is read, not voted on


def _plain_vector(study: Study, row: Row) -> Row:
    return {**row, "vector": None if row["vector"] is None else [float(each) for each in row["vector"]]}


def _sessions(study: Study) -> QuerySet[Session]:
    return Session.objects.filter(study=study, population__in=OTHERS)


def _presentations(study: Study) -> QuerySet[Presentation]:
    return Presentation.objects.filter(session__in=_sessions(study))


_THROUGH = TextEmbedding.arms.through
# In an order in which everything comes after what it points at.
ROWS: dict[str, Rows] = {
    "engines": Rows(
        EngineSpec,
        engines_of,
        shared=("slug",),
        agrees=("engine", "checkpoint", "revision", "commit", "parameters"),
    ),
    "prompt_set": Rows(
        PromptSet, lambda study: PromptSet.objects.filter(pk=study.prompt_set_id), frozenset({"team", "previous"})
    ),
    "prompts": Rows(Prompt, lambda study: study.prompt_set.prompts.all()),
    "study": Rows(Study, lambda study: Study.objects.filter(pk=study.pk), frozenset({"team", "created_by"})),
    "arms": Rows(Arm, lambda study: Arm.objects.filter(study=study)),
    "checkpoints": Rows(Checkpoint, lambda study: Checkpoint.objects.filter(arm__study=study), HELD),
    "rewrites": Rows(
        Rewrite,
        lambda study: Rewrite.objects.filter(pk__in=Candidate.objects.filter(arm__study=study).values("rewrite")),
        HELD,
        ("identity",),
        ("text",),
    ),
    "candidates": Rows(Candidate, lambda study: Candidate.objects.filter(arm__study=study)),
    "clips": Rows(Clip, RECORDS["clips"].rows, HELD, ("identity",), ("audio",)),
    "renderings": Rows(Rendering, lambda study: Rendering.objects.filter(candidate__arm__study=study)),
    "scores": Rows(Score, RECORDS["scores"].rows, HELD, ("identity",), ("value",)),
    "texts": Rows(TextEmbedding, RECORDS["text-embeddings"].rows, HELD, ("identity",), finish=_plain_vector),
    "text_arms": Rows(
        _THROUGH,
        lambda study: _THROUGH.objects.filter(
            arm__study=study, textembedding__in=RECORDS["text-embeddings"].rows(study)
        ),
    ),
    "judges": Rows(StudyJudge, lambda study: StudyJudge.objects.filter(study=study), frozenset({"spec", "created_by"})),
    "events": Rows(Event, lambda study: Event.objects.filter(study=study), frozenset({"by"})),
    "consents": Rows(
        ConsentText,
        lambda study: ConsentText.objects.filter(pk__in=_sessions(study).values("consent")),
        shared=("checksum",),
        agrees=("text",),
    ),
    "listening_test": Rows(ListeningTest, lambda study: ListeningTest.objects.filter(study=study), finish=_closed),
    "questions": Rows(Question, lambda study: Question.objects.filter(study=study)),
    "trials": Rows(Trial, lambda study: Trial.objects.filter(study=study)),
    "stimuli": Rows(Stimulus, lambda study: Stimulus.objects.filter(trial__study=study)),
    "raters": Rows(
        Rater,
        lambda study: Rater.objects.filter(pk__in=_sessions(study).values("rater")),
        shared=("provider", "external_id"),
        finish=_nameless,
    ),
    "sessions": Rows(
        Session,
        _sessions,
        frozenset({"token", "arrival", "qualification", "comment", "paid_at"}),
        finish=_ended,
    ),
    "decisions": Rows(Decision, lambda study: Decision.objects.filter(session__in=_sessions(study)), frozenset({"by"})),
    "headphone_checks": Rows(
        HeadphoneCheck, lambda study: HeadphoneCheck.objects.filter(session__in=_sessions(study)), frozenset({"token"})
    ),
    "presentations": Rows(Presentation, _presentations, frozenset({"token"})),
    "playbacks": Rows(
        Playback, lambda study: Playback.objects.filter(presentation__in=_presentations(study)), frozenset({"token"})
    ),
    "votes": Rows(Vote, lambda study: Vote.objects.filter(presentation__in=_presentations(study))),
}
