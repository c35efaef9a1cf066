"""Locust's file: one user is one rater after another, each from the link to the code.

What every client was told, and how long it took, goes to the file LOAD_LOG as JSON lines.
"""

from __future__ import annotations

import json
import os
import random
import time
import uuid
from pathlib import Path

import gevent
from locust import FastHttpUser, events, task
from locust.runners import STATE_CLEANUP

from config.load import pages

SLUG, SECONDS = os.environ["LOAD_STUDY"], float(os.environ["LOAD_SECONDS"])  # of a clip
THINKING = float(os.environ["LOAD_THINKING"])  # seconds, median; 0: flat out
HEARD = min(5.0, SECONDS)
SPARE = 0.02  # seconds, so that the server's clock has the last word
LOG = Path(os.environ["LOAD_LOG"]).open("a", buffering=1)  # noqa: SIM115 - open as long as the process


def told(**record: object) -> None:
    LOG.write(json.dumps({"at": time.time(), **record}) + "\n")


def unexpected(what: str) -> None:
    told(request="session", ms=0, status=0, error=what)


@events.request.add_listener
def _answered(name, response_time, exception, response, **rest) -> None:
    status = getattr(response, "status_code", 0)
    told(request=name, ms=response_time, status=status, error=str(exception) if exception else "")


@events.user_error.add_listener
def _failed(user_instance, exception, tb, **rest) -> None:
    """Locust would only write it into its log."""
    unexpected(repr(exception))


class Rater(FastHttpUser):
    network_timeout = connection_timeout = 60.0

    @task
    def session(self) -> None:
        """Begins as somebody new; ends with the code, where the server says that nothing is left, or with the run."""
        self.client.cookiejar.clear()
        page = self.arrive()
        cached: set[str] = set()
        while (token := pages.pair(page)) and self.environment.runner.state != STATE_CLEANUP:
            for address in pages.sounds(page):
                if address not in cached:
                    self.sound(address)
            began = time.monotonic()  # what has not arrived is not heard
            fetched = gevent.spawn(self.ahead, page)
            self.listen(page, began)
            cached = fetched.get()
            page = self.vote(page, token, began)

    def arrive(self) -> str:
        """The first trial's page; empty where there is none."""
        address = f"/listen/{SLUG}/?PROLIFIC_PID={uuid.uuid4().hex}&STUDY_ID=load"
        door = self.client.get(address, name="consent").text or ""
        if not (csrf := pages.csrf(door)):
            unexpected("nothing to agree to")
            return ""
        agreed = {"csrfmiddlewaretoken": csrf, "checksum": pages.checksum(door), "answer": "agree"}
        self.client.post(address, agreed, name="agree", allow_redirects=False)
        page = self.trial()
        if not pages.pair(page):  # told what traps are before the first trial
            counts = {"csrfmiddlewaretoken": pages.csrf(page)}
            self.client.post(f"/listen/{SLUG}/counts/", counts, name="begin", allow_redirects=False)
            page = self.trial()
        if not pages.pair(page):
            unexpected("no trial to begin with")
        return page

    def trial(self) -> str:
        return self.client.get(f"/listen/{SLUG}/trial/", name="next trial").text or ""

    def sound(self, address: str) -> None:
        self.client.get(address, name="sound")

    def ahead(self, page: str) -> set[str]:
        """Fetches the next trial's sounds, which the browser then has."""
        answer = self.client.post(
            f"/listen/{SLUG}/ahead/", {"csrfmiddlewaretoken": pages.csrf(page)}, name="ahead", allow_redirects=False
        )
        if answer.status_code != 200:
            return set()
        addresses = answer.json()["sounds"]
        for address in addresses:
            self.sound(address)
        return set(addresses)

    def listen(self, page: str, began: float) -> None:
        """Plays A, then B, and thinks. The page reports when A has been heard, then once in ten seconds at most."""
        self.until(began + HEARD)
        self.client.post(f"/listen/{SLUG}/heard/", pages.vote(page, "", [HEARD, 0.0], 0), name="heard")
        self.until(began + 2 * HEARD)
        if THINKING:
            gevent.sleep(random.lognormvariate(0, 0.5) * THINKING)

    def until(self, moment: float) -> None:
        gevent.sleep(max(0.0, moment + SPARE - time.monotonic()))

    def vote(self, page: str, token: str, began: float) -> str:
        """The next page; empty where the vote was not taken."""
        form = pages.vote(page, random.choice("ab"), [HEARD, HEARD], round(1000 * (time.monotonic() - began)))
        answer = self.client.post(f"/listen/{SLUG}/vote/", form, name="vote", allow_redirects=False)
        if answer.status_code == 302:
            told(stored=token)
            return self.trial()
        if 0 < answer.status_code < 400:  # others are counted as they come
            unexpected(f"the vote was answered {answer.status_code}")
        return ""
