"""How long exports of a large study take, and what memory: python -m tests.results.measure_exports [--json FILE]

1,000,000 votes and 100,000 clips in a database of its own, which is gone afterwards. The web server is the product's
own, over HTTP on this machine; its memory is the most that any of its processes held while it answered.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

import httpx  # noqa: E402
from django.db import connection  # noqa: E402
from django.test.runner import DiscoverRunner  # noqa: E402
from django.test.utils import setup_test_environment, teardown_test_environment  # noqa: E402
from rich.console import Console  # noqa: E402
from rich.table import Table  # noqa: E402

from accounts.models import ApiToken  # noqa: E402
from config.load.driving import Load, run  # noqa: E402
from tests import factories  # noqa: E402
from tests.results import large  # noqa: E402
from tests.servers import alone, database_url, free  # noqa: E402

FILES = ("votes.jsonl", "votes.csv", "votes.parquet", "clips.jsonl", "clips.csv", "clips.parquet")


@contextmanager
def served() -> Iterator[tuple[str, int]]:
    """Address and process id of the web server on the test database."""
    port = free()
    command = [sys.executable, "-m", "gunicorn", "config.wsgi", "--config", "python:config.gunicorn"]
    server = subprocess.Popen(
        [*command, "--bind", f"127.0.0.1:{port}"],
        env={**os.environ, "DATABASE_URL": database_url(), "PYTHONPATH": "platform:."},
        stderr=subprocess.DEVNULL,
    )
    try:
        address = f"http://127.0.0.1:{port}"
        for _ in range(200):
            try:
                httpx.get(f"{address}/api/v1/studies")
                break
            except httpx.TransportError:
                time.sleep(0.1)
        yield address, server.pid
    finally:
        server.terminate()
        server.wait()


def processes(parent: int) -> list[int]:
    told = Path(f"/proc/{parent}/task/{parent}/children").read_text()
    return [parent, *map(int, told.split())]


def peak(pids: list[int]) -> float:
    """MB, of the largest."""
    lines = [line for pid in pids for line in Path(f"/proc/{pid}/status").read_text().splitlines()]
    return max(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


def worked(pids: list[int]) -> float:
    """Seconds that these processes were at work, which say more than the clock where others share the machine."""
    fields = [told.rpartition(")")[2].split() for told in map(_stat, pids) if told]
    return sum(int(each[11]) + int(each[12]) for each in fields) / os.sysconf("SC_CLK_TCK")


def _stat(pid: int) -> str:
    """Empty of a process that has ended meanwhile, as a backend does whose client is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ""


def backends() -> list[int]:
    """PostgreSQL's processes that answer somebody, but for the one that is asked here."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
        )
        return [pid for (pid,) in cursor.fetchall()]


def measure(client: httpx.Client, pid: int, where: str) -> dict[str, float]:
    """The row of figures."""
    pids = processes(pid)
    known = {one: worked([one]) for one in (*pids, *backends())}
    for one in pids:
        Path(f"/proc/{one}/clear_refs").write_text("5")  # the peak is counted from here on
    began, size, rows = time.perf_counter(), 0, 0
    with client.stream("GET", where) as response:
        response.raise_for_status()
        for block in response.iter_raw():
            size += len(block)
            rows += block.count(b"\n")
    seconds = time.perf_counter() - began
    groups = {"web_cpu_s": pids, "sql_cpu_s": backends()}
    cpu = {name: sum(worked([one]) - known.get(one, 0) for one in group) for name, group in groups.items()}
    return {"seconds": seconds, "mb": size / 1e6, "rows": rows, "server_mb": peak(pids), **cpu}


class Exports:
    """So many scripts that take whole files along, one after the other, coming back when they are told to."""

    def __init__(self, where: str, headers: dict[str, str], count: int) -> None:
        self.where, self.headers = where, headers
        self.over, self.done, self.turned_away, self.failed = threading.Event(), 0, 0, 0
        self.threads = [threading.Thread(target=self._take, daemon=True) for _ in range(count)]

    def __enter__(self) -> Exports:
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.over.set()
        for thread in self.threads:
            thread.join()

    def _take(self) -> None:
        with httpx.Client(headers=self.headers, timeout=600) as client:
            while not self.over.is_set():
                try:
                    self._one(client)
                except httpx.TransportError:  # the server comes and goes with the raters
                    self.over.wait(1)

    def _one(self, client: httpx.Client) -> None:
        with client.stream("GET", self.where) as response:
            if response.status_code == 503:
                self.turned_away += 1
                self.over.wait(float(response.headers["Retry-After"]))
                return
            response.raise_for_status()
            for _ in response.iter_raw():
                if self.over.is_set():
                    return
        self.done += 1


def voting(console: Console, where: str, headers: dict[str, str], raters: int, seconds: int, port: int) -> dict:
    """p95 of raters' requests, without exports and with ten at once."""
    os.environ["DATABASE_URL"] = database_url()
    os.environ["PYTHONPATH"] = "platform:."
    load, found = Load("realistic pauses", raters, seconds_a_clip=5.0, thinking=8.0), {}
    for name, count in (("without", 0), ("ten at once", 10)):
        with Exports(f"http://127.0.0.1:{port}{where}", headers, count) as exports:
            row = run(load, seconds, port, console)
        told = ("p50_ms", "p95_ms", "p99_ms", "votes_per_s", "errors", "lost", "duplicates", "overfilled")
        found[name] = {each: row[each] for each in told} | {"exported": exports.done, "turned": exports.turned_away}
        console.print(name, found[name])
    return found


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--prompts", type=int, default=5_000)
    asked.add_argument("--raters", type=int, default=20_000)
    asked.add_argument("--voting", type=int, default=0, help="also raters at once, without and with ten exports")
    asked.add_argument("--seconds", type=int, default=60, help="of their steady state")
    asked.add_argument("--files", nargs="*", choices=FILES, default=FILES)
    asked.add_argument("--json", type=Path)
    given = asked.parse_args()
    setup_test_environment()
    runner, console = DiscoverRunner(verbosity=0, interactive=False), Console(stderr=True)
    old = runner.setup_databases()
    try:
        console.print("Writing the study …")
        owner = factories.user("owner", is_superuser=True)
        study = large.million(factories.team(owner), prompts=given.prompts, raters=given.raters)
        key = ApiToken.issue(owner, "measure")[1]
        counts = {"votes": given.raters * 50, "clips": given.prompts * 20}
        found = {}
        headers = {"Authorization": f"Bearer {key}"}
        with served() as (address, pid), httpx.Client(headers=headers, timeout=600) as client:
            for name in given.files:
                told = measure(client, pid, f"{address}/api/v1/studies/{study.slug}/{name}")
                told["rows"] = counts[name.partition(".")[0]]
                found[name] = told
                console.print(name, told)
        if given.voting:
            where = f"/api/v1/studies/{study.slug}/votes.jsonl"
            found["voting"] = voting(console, where, headers, given.voting, given.seconds, free())
    finally:
        alone()
        runner.teardown_databases(old)
        teardown_test_environment()
    table = Table(title=f"Exports, {os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}")
    for head in ("file", "rows", "seconds", "rows/s", "at work, s: web", "SQL", "MB", "server MB"):
        table.add_column(head, justify="left" if head == "file" else "right")
    for name in given.files:
        told = found[name]
        speed = told["rows"] / told["seconds"]
        cells = (f"{told['rows']:,}", f"{told['seconds']:.1f}", f"{speed:,.0f}")
        cells += (f"{told['web_cpu_s']:.1f}", f"{told['sql_cpu_s']:.1f}", f"{told['mb']:.0f}")
        table.add_row(name, *cells, f"{told['server_mb']:.0f}")
    console.print(table)
    if given.json:
        given.json.write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
