"""What can go wrong around the product. Each strikes a part of the site, holds for a moment, and lets go."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import NamedTuple

import psutil
import psycopg
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import DatabaseError, connection

from config.soak.site import WORKERS, Site

HOLD = (1.0, 3.0)  # seconds for which something is away
JUMPS = (-86_400, -3_600, -90, 90, 3_600, 86_400)  # seconds by which a clock is set
PROBE = 2**20  # bytes that must not fit on a full disk
FILES_AHEAD = 12  # of 16 MB: more than PostgreSQL keeps for later


class Fault(NamedTuple):
    """strike: does it, lets go, and says what was hit."""

    name: str
    strike: Callable[[Site, random.Random], str]
    missing: Callable[[Site], str] = lambda site: ""


def worker(site: Site, chance: random.Random) -> str:
    """Where it is one process of the pool, Celery makes another; else whoever minds the machine starts all of it."""
    name = chance.choice(WORKERS)
    pool = _children(site, name)
    if pool and chance.random() < 0.3:
        _kill(chance.choice(pool))
        return f"kill -9 of a pool process of {name}"
    site.children.kill(name)
    _hold(chance)
    site.start_worker(name)
    return f"kill -9 of {name} and its pool"


def broker(site: Site, chance: random.Random) -> str:
    site.broker.stop()
    _hold(chance)
    site.broker.start()
    return f"{site.broker.name} stopped and emptied"


def database(site: Site, chance: random.Random) -> str:
    how = chance.choice(("restart", "backend", "postmaster"))
    backends = site.cluster.backends()
    if how == "backend" and backends:
        _kill(chance.choice(backends))
        return "kill -9 of a PostgreSQL backend"
    if how == "restart":
        site.cluster.stop()
    else:
        site.cluster.kill()
    _hold(chance)
    site.cluster.start()
    return "PostgreSQL restarted" if how == "restart" else "kill -9 of PostgreSQL's first process"


def web(site: Site, chance: random.Random) -> str:
    pool = _children(site, "web")
    if pool and chance.random() < 0.3:
        _kill(chance.choice(pool))
        return "kill -9 of a process of the web server"
    site.children.kill("web")
    _hold(chance)
    site.start_web()
    return "kill -9 of the web server"


def disk(site: Site, chance: random.Random) -> str:
    """Shown to be full by a sound that does not fit; or PostgreSQL has to write ahead, finds no room, and goes down."""
    everything = chance.random() < 0.5
    site.disk.fill()
    try:
        refused = _refused(chance)
        down = everything and _gone_down(site)
        time.sleep(2 * chance.uniform(*HOLD))
    finally:
        site.disk.free()
    site.cluster.start()
    return f"the disk of the audio store filled ({refused}{', and PostgreSQL went down' if down else ''})"


def clock(site: Site, chance: random.Random) -> str:
    whose = chance.choice(sorted(site.clocks))
    seconds = chance.choice(JUMPS)
    site.clocks[whose].set(seconds)
    time.sleep(1.5)  # until it is read
    return f"the clock of the {whose} set {abs(seconds)} s {'ahead' if seconds > 0 else 'back'}"


FAULTS = (
    Fault("worker", worker),
    Fault("broker", broker),
    Fault("database", database),
    Fault("web server", web),
    Fault("disk", disk, lambda site: site.disk.missing),
    Fault("clock", clock, lambda site: site.clocks["workers"].missing),
)


def possible(site: Site) -> tuple[list[Fault], list[str]]:
    """Those that this machine allows, and why not the others."""
    reasons = {fault.name: fault.missing(site) for fault in FAULTS}
    return [fault for fault in FAULTS if not reasons[fault.name]], [reason for reason in reasons.values() if reason]


def drawn(faults: list[Fault], number: int, chance: random.Random) -> Iterator[Fault]:
    """So many of them: each once before any comes again, in an order of chance."""
    deck: list[Fault] = []
    for _ in range(number):
        if not deck:
            deck = chance.sample(faults, len(faults))
        yield deck.pop()


def _refused(chance: random.Random) -> str:
    """What the database says to a sound that does not fit."""
    try:
        default_storage.save("soak/probe", ContentFile(chance.randbytes(PROBE)))
    except DatabaseError as error:
        connection.close()
        return str(error).splitlines()[0]
    raise RuntimeError("The disk is not full: the soak would show nothing.")


def _gone_down(site: Site) -> bool:
    """Whether there was no room for the next file of what is written ahead."""
    for _ in range(FILES_AHEAD):
        try:
            site.cluster.execute("CREATE TABLE IF NOT EXISTS filler (); DROP TABLE filler; SELECT pg_switch_wal()")
        except psycopg.Error:
            return True
    return False


def _children(site: Site, name: str) -> list[psutil.Process]:
    found = psutil.Process(site.children.running[name].pid).children()
    return sorted(found, key=lambda process: process.pid)


def _kill(process: psutil.Process) -> None:
    with suppress(psutil.NoSuchProcess, ProcessLookupError):
        os.kill(process.pid, signal.SIGKILL)


def _hold(chance: random.Random) -> None:
    time.sleep(chance.uniform(*HOLD))
