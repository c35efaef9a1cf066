"""No page asks the database more often because a study has more prompts, clips, raters or votes."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from results.figures import FIGURES
from results.opened import Opened
from results.tables import TABLES
from studies.models import Kept, Study
from tests import factories
from tests.results import large

SIZES = ({"prompts": 3, "takes": 1, "votes": 48, "raters": 6}, {"prompts": 9, "takes": 2, "votes": 288, "raters": 18})


@pytest.fixture
def reader(db) -> Client:
    client = Client()
    client.force_login(factories.user("owner", is_staff=True, is_superuser=True))
    return client


def queries(reader: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as asked:
        response = reader.get(address)
        assert response.status_code == 200 and response.content
    return len(asked)


def taken_along(study: Study) -> dict[str, str]:
    """The numbers of every figure and table that such a study has."""
    page = Opened(study)
    figures = {name: "json" for name, figure in FIGURES.items() if figure.rows(page)}
    tables = {name: "csv" for name, table in TABLES.items() if table(page).rows}
    return {
        f"{kind} {name}": reverse(f"results:{kind}", args=[study.slug, name, form])
        for kind, forms in (("figure", figures), ("table", tables))
        for name, form in forms.items()
    }


def test_every_page_takes_as_many_queries_for_a_large_study_as_for_a_small_one(reader):
    counted: list[dict[str, tuple[int, int]]] = []
    for size in SIZES:
        study = large.study(factories.team(), **size)
        addresses = large.pages(study) | taken_along(study)
        if not counted:
            for address in addresses.values():
                reader.get(address)  # what a process reads once
        found = {}
        for name, address in addresses.items():
            Kept.objects.all().delete()
            found[name] = (queries(reader, address), queries(reader, address))
        counted.append(found)

    small, more = counted
    assert small == more
    assert max(then for _, then in more.values()) <= 40
