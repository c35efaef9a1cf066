"""What raters met and said. A rater is a pseudonym that holds within one study alone."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import BooleanField, Case, Count, Q, QuerySet, Value, When

from listening.models import Presentation, Session, Trial, Vote
from listening.pseudonyms import pseudonym
from results.records.made import ID
from results.records.record import Asked, Field, Record, Records
from studies.models import Study

OTHERS = (Session.Population.PEOPLE, Session.Population.SIMULATED)  # a researcher's own previews are no data


def _trials(study: Study) -> QuerySet:
    return Trial.objects.filter(study=study).annotate(
        arm_keys=ArrayAgg("stimuli__arm__key", order_by="stimuli__position", default=[]),
        clip_ids=ArrayAgg("stimuli__clip", order_by="stimuli__position", default=[]),
    )


def _sessions(study: Study) -> QuerySet:
    answered = Count("presentations", filter=Q(presentations__state=Presentation.State.VOTED))
    return Session.objects.filter(study=study, population__in=OTHERS).annotate(answered=answered)


def _votes(study: Study) -> QuerySet:
    counts = When(
        presentation__trial__kind=Trial.Kind.STUDY,
        presentation__state=Presentation.State.VOTED,
        presentation__session__used=True,
        then=Value(True),
    )
    return Vote.objects.filter(presentation__trial__study=study, presentation__population__in=OTHERS).annotate(
        counts=Case(counts, default=Value(False), output_field=BooleanField()),
        arm_keys=_by_letter("stimulus__arm__key"),
        clip_ids=_by_letter("stimulus__clip"),
        values_given=_by_letter("value"),
    )


def _by_letter(field: str) -> ArrayAgg:
    return ArrayAgg(f"presentation__playbacks__{field}", order_by="presentation__playbacks__letter")


def _nameless(asked: Asked) -> Callable[[Record], Record]:
    """Puts the pseudonym where the rater's number was."""
    name = cache(lambda rater: pseudonym(asked.study, rater))

    def finish(record: Record) -> Record:
        record["rater"] = name(record["rater"])
        return record

    return finish


TRIALS = Records(
    "trials",
    "What raters are asked: the clips of one prompt on one screen.",
    (
        ID,
        Field("question", "text", "Its kind, as in preference.", "question__kind", filtered=True),
        Field("kind", "text", "study: it counts; trap, gold, practice.", filtered=True),
        Field("prompt", "integer", "Id.", "prompt_id", filtered=True),
        Field("arms", "texts", "Keys, in an order of its own; empty for what no arm made.", "arm_keys"),
        Field("clips", "integers", "Ids, in the same order.", "clip_ids"),
        Field("votes_needed", "integer"),
        Field("votes_people", "integer", "That count."),
        Field("votes_simulated", "integer", "That count."),
    ),
    _trials,
)
SESSIONS = Records(
    "sessions",
    "Who rated, under pseudonyms that hold within this study alone.",
    (
        ID,
        Field("rater", "text", "Pseudonym.", "rater_id"),
        Field("question", "text", "Its kind.", "question__kind", filtered=True),
        Field("population", "text", "people or simulated.", filtered=True),
        Field("state", "text", "active, complete, left, screened, returned, timed_out.", filtered=True),
        Field("language", "text", "In which pages were read."),
        Field("used", "flag", "Whether its votes count.", filtered=True),
        Field("payable", "flag", "Empty: not decided."),
        Field("answered", "integer", "Trials that were answered, traps and gold among them."),
        Field("started_at", "time", "UTC."),
        Field("finished_at", "time", "UTC; empty while it goes on."),
    ),
    _sessions,
    _nameless,
)
VOTES = Records(
    "votes",
    "Every answer of people and of simulated raters; `counts` says which ones results rest on.",
    (
        ID,
        Field("session", "integer", "Id.", "presentation__session_id", filtered=True),
        Field("rater", "text", "Pseudonym.", "presentation__session__rater_id"),
        Field("population", "text", "people or simulated.", "presentation__population", filtered=True),
        Field("question", "text", "Its kind.", "presentation__trial__question__kind", filtered=True),
        Field("kind", "text", "Of the trial: study, trap, gold, practice.", "presentation__trial__kind", filtered=True),
        Field("trial", "integer", "Id.", "presentation__trial_id", filtered=True),
        Field("prompt", "integer", "Id.", "presentation__trial__prompt_id", filtered=True),
        Field("choice", "text", "a, b, c, d, tie, bad (both are), or rated.", filtered=True),
        Field("winner", "text", "Key of the arm that was chosen.", "winner__key", filtered=True),
        Field("counts", "flag", "In time, of the study's own trials, of a session that is used.", filtered=True),
        Field("passed", "flag", "Of a trap or a gold pair; else empty."),
        Field("arms", "texts", "Keys of what was heard, by letter, a first.", "arm_keys"),
        Field("clips", "integers", "Ids, by letter.", "clip_ids"),
        Field("values", "numbers", "What the answer says of each, in the unit of the question.", "values_given"),
        Field("response_ms", "integer", "From the page being ready to the answer."),
        Field("created_at", "time", "UTC."),
    ),
    _votes,
    _nameless,
)
