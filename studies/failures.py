"""Failed rows of a study by their reason: forty clips that failed alike are one thing to mend."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Max

from studies.models import WORK, Study, Work

SHOWN = 20


@dataclass(frozen=True)
class Failure:
    """rows: how many failed for this reason; example: the newest of them, for its page in the admin."""

    kind: str
    error: str
    rows: int
    example: int

    @property
    def model_name(self) -> str:
        return WORK[self.kind]._meta.model_name or ""


def grouped(study: Study) -> list[Failure]:
    """The most frequent reasons first."""
    found = []
    for kind, model in WORK.items():
        mine = model._default_manager.filter(**{model.studies_path: study}, state=Work.State.FAILED).values("pk")
        rows = model._default_manager.filter(pk__in=mine, state=Work.State.FAILED).order_by()
        counts = rows.values("error").annotate(rows=Count("pk"), example=Max("pk")).order_by("-rows")[:SHOWN]
        found += [Failure(kind, row["error"], row["rows"], row["example"]) for row in counts]
    return sorted(found, key=lambda failure: -failure.rows)
