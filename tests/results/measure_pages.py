"""How long a researcher's pages take on a study of 2,000 clips and 20,000 votes: python -m tests.results.measure_pages

In a database of its own, which is gone afterwards. Server time of one process, by Django's test client.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import time

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.core.cache import cache  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.runner import DiscoverRunner  # noqa: E402
from django.test.utils import CaptureQueriesContext, setup_test_environment, teardown_test_environment  # noqa: E402
from django.urls import reverse  # noqa: E402
from rich.console import Console  # noqa: E402
from rich.table import Table  # noqa: E402

from studies.models import Clip  # noqa: E402
from tests import factories  # noqa: E402
from tests.results import large  # noqa: E402


def measure(client: Client, address: str, times: int) -> tuple[float, float, int]:
    """Milliseconds: of the first request after everything remembered is forgotten, median of the rest; queries."""
    cache.clear()
    spent = []
    for _turn in range(times + 1):
        began = time.perf_counter()
        with CaptureQueriesContext(connection) as queries:
            response = client.get(address)
            response.getvalue() if response.streaming else response.content
        spent.append(1000 * (time.perf_counter() - began))
        assert response.status_code == 200, (address, response.status_code)
    return spent[0], statistics.median(spent[1:]), len(queries)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--times", type=int, default=7)
    times = asked.parse_args().times
    setup_test_environment()
    runner = DiscoverRunner(verbosity=0, interactive=False)
    old = runner.setup_databases()
    try:
        owner = factories.user("owner", is_staff=True, is_superuser=True)
        study = large.study(factories.team(owner))
        client = Client()
        client.force_login(owner)
        client.get(reverse("results:studies"))
        votes = study.trials.filter(presentations__vote__isnull=False).values("presentations__vote").distinct().count()
        machine = f"{os.cpu_count()} cores, {platform.machine()}"
        table = Table(title=f"{Clip.objects.count():,} clips, {votes:,} votes; {machine}")
        for head in ("page", "first ms", "then ms", "queries"):
            table.add_column(head, justify="left" if head == "page" else "right")
        for name, address in large.pages(study).items():
            first, then, queries = measure(client, address, times)
            table.add_row(name, f"{first:.0f}", f"{then:.0f}", str(queries))
        Console(width=120).print(table)
    finally:
        runner.teardown_databases(old)
        teardown_test_environment()


if __name__ == "__main__":
    main()
