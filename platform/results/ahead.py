"""Computes ahead what a study's pages show, so that no reader waits for it (decision 0009)."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from listening.admin.report import verdicts_of
from listening.models import Session
from results.opened import Opened
from results.tabs import TABS, drawn, tabulated
from studies import clock
from studies.models import Kept, Study

FRESH, READ = timedelta(days=1), timedelta(days=14)


def read_lately() -> QuerySet[Study]:
    """Complete studies whose pages somebody may open: those just completed, and those looked at in the last weeks."""
    now = clock.now()
    kept = Kept.objects.filter(study=OuterRef("pk"), made_at__gt=now - READ)
    return Study.objects.filter(Q(finished_at__gt=now - FRESH) | Exists(kept), status=Study.Status.COMPLETE)


def compute_ahead() -> int:
    """Of each study to which something has come since its pages were computed; how many those were."""
    behind = [page for study in read_lately().order_by("pk") if not (page := Opened(study)).up_to_date]
    for page in behind:
        _open_every_page(page)
    return len(behind)


def _open_every_page(page: Opened) -> None:
    for population in Session.objects.filter(study=page.study).values_list("population", flat=True).distinct():
        verdicts_of(page.study, population)
    for tab in TABS.values():
        tab.context(page), drawn(page, tab.figures), tabulated(page, tab.tables)
