"""The payment list: the one place where a rater is known by the provider's id."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from django.db.models import QuerySet

from listening.models import Session
from studies.models import Study

HEADER = ("provider", "id", "visit", "state", "code", "finished", "pay", "amount", "currency", "paid", "reasons")
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def sessions(study: Study) -> QuerySet[Session]:
    """People's sessions, with what paying them needs."""
    mine = Session.objects.filter(study=study, population=Session.Population.PEOPLE)
    return mine.select_related("rater").prefetch_related("decisions").order_by("rater__provider", "pk")


def row(session: Session) -> tuple[str, ...]:
    """One line of the list, in the order of HEADER."""
    visit = " ".join(f"{name}={value}" for name, value in sorted(session.arrival.items()))
    return (
        session.rater.provider,
        session.rater.external_id,
        visit,
        session.state,
        session.completion_code,
        session.finished_at.isoformat() if session.finished_at else "",
        {None: "", True: "yes", False: "no"}[session.payable],
        f"{session.reward:.2f}" if session.payable and session.reward is not None else "",
        session.currency,
        session.paid_at.isoformat() if session.paid_at else "",
        " ".join(reasons(session)),
    )


def reasons(session: Session) -> list[str]:
    """Of the newest decision about pay."""
    about = [one for one in session.decisions.all() if one.about == "pay"]
    return [reason["text"] for reason in about[-1].reasons] if about else []


def as_csv(rows: Iterable[Sequence[str]], header: Sequence[str] = HEADER) -> str:
    """A table that a spreadsheet opens as text: what would be a formula is quoted."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(header)
    writer.writerows([safe(cell) for cell in line] for line in rows)
    return file.getvalue()


def safe(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULA) else cell
