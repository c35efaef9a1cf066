"""Raters over HTTP, as patient as the page that people see: what fails is asked again until it is there.

A rater prefers by what is heard, and by who hears: of the same two sounds the same rater always chooses the same one,
on whichever side it plays. So a vote is known beforehand, and a sound that came otherwise would change it.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from typing import NamedTuple

import httpx

from config.load import pages

HEARD = 0.5  # seconds of a clip, all of it
SPARE = 0.05  # seconds, so that the server's clock has the last word
PAUSE = 0.5  # seconds until what failed is tried again
PATIENCE = 240.0  # seconds for one answer
DOORS = 3  # pages before the first trial: consent, what counts; and one more
STUCK = 3  # refusals of one vote after which a person would have given up
AWAY, REFUSED, STORED = 503, 422, 409


class Taken(NamedTuple):
    """A vote that the server said it had. winner: checksum of the sound that was preferred."""

    rater: str
    study: str
    token: str
    winner: str


class StuckError(Exception):
    """A rater who cannot go on."""


class Crowd:
    """So many raters for each study that is opened; each is a thread of its own."""

    def __init__(self, site: str, number: int) -> None:
        self.site, self.number = site, number
        self.opened: list[str] = []
        self.taken: list[Taken] = []
        self.met: Counter[str] = Counter()  # what went wrong and was expected
        self.wrong: Counter[str] = Counter()  # and what was not
        self.stop = threading.Event()
        self.threads: list[threading.Thread] = []

    def open(self, study: str) -> None:
        """Its raters come one after the other: intervals of results are resampled over raters in that order."""
        self.opened.append(study)
        arrivals = [threading.Event() for _ in range(self.number + 1)]
        arrivals[0].set()
        for number, turns in enumerate(pairwise(arrivals)):
            thread = threading.Thread(target=self._hear, args=(number, study, *turns), daemon=True)
            self.threads.append(thread)
            thread.start()

    def end(self, seconds: float) -> bool:
        """Whether all have heard everything in that time."""
        deadline = time.monotonic() + seconds
        for thread in self.threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        done = not any(thread.is_alive() for thread in self.threads)
        self.stop.set()
        return done

    def _hear(self, number: int, study: str, before: threading.Event, arrived: threading.Event) -> None:
        name = f"rater-{number}"
        before.wait()
        try:
            with httpx.Client(base_url=self.site, timeout=30) as client:
                Rater(self, client, name, study).session(arrived)
        except StuckError as stuck:
            self.wrong[f"{name} in {study}: {stuck}"] += 1
        finally:
            arrived.set()


class Rater:
    """One session in one study, from the link to the end."""

    def __init__(self, crowd: Crowd, client: httpx.Client, name: str, study: str) -> None:
        self.crowd, self.client, self.name, self.study = crowd, client, name, study
        self.sounds: dict[str, bytes] = {}  # what the browser keeps: it does not ask again for what it has

    def session(self, arrived: threading.Event) -> None:
        page = self.arrive()
        arrived.set()
        while (token := pages.pair(page)) and not self.crowd.stop.is_set():
            self.answer(page, token)
            page = self.get("trial/").text

    def arrive(self) -> str:
        """The page of the first trial; or another, where all places were taken meanwhile."""
        door = f"?PROLIFIC_PID={self.name}&STUDY_ID=soak"
        page = self.get(door).text
        for _ in range(DOORS):
            if pages.pair(page):
                break
            agreed = {"csrfmiddlewaretoken": pages.csrf(page)}
            if checksum := pages.checksum(page):
                self.post(door, agreed | {"checksum": checksum, "answer": "agree"})
            elif agreed["csrfmiddlewaretoken"]:
                self.post("counts/", agreed)
            page = self.get("trial/").text
        return page

    def answer(self, page: str, token: str) -> None:
        """Hears what is on the page, fetches what comes next, votes; again where the server says to listen first."""
        for _ in range(STUCK):
            letters = dict(zip("ab", pages.sounds(page), strict=True))
            heard = {letter: self.sound(address) for letter, address in letters.items()}
            began = time.monotonic()
            self.ahead(page)
            self.crowd.stop.wait(max(0.0, began + 2 * HEARD + SPARE - time.monotonic()))
            choice = max(heard, key=lambda letter: liking(self.name, checksum(heard[letter])))
            form = pages.vote(page, choice, [HEARD, HEARD], round(1000 * (time.monotonic() - began)))
            answer = self.post("vote/", form)
            if answer.status_code != REFUSED:
                self.crowd.taken.append(Taken(self.name, self.study, token, checksum(heard[choice])))
                return
            self.crowd.met["a vote was refused: listen first"] += 1
            page = answer.text
        raise StuckError(f"the vote was refused {STUCK} times although all was heard")

    def ahead(self, page: str) -> None:
        """As the page does it: what fails here is fetched when it is needed."""
        try:
            answer = self.client.post(self.path("ahead/"), data={"csrfmiddlewaretoken": pages.csrf(page)})
            for address in answer.json()["sounds"] if answer.status_code == 200 else ():
                if address not in self.sounds:
                    sound = self.client.get(address)
                    if sound.status_code == 200:
                        self.sounds[address] = sound.content
        except httpx.HTTPError as error:
            self.crowd.met[type(error).__name__] += 1

    def sound(self, address: str) -> bytes:
        if address not in self.sounds:
            self.sounds[address] = self.asked("sound", lambda: self.client.get(address)).content
        return self.sounds[address]

    def get(self, address: str) -> httpx.Response:
        return self.asked("page", lambda: self.client.get(self.path(address), follow_redirects=True))

    def post(self, address: str, form: dict[str, str]) -> httpx.Response:
        return self.asked(address, lambda: self.client.post(self.path(address), data=form))

    def path(self, address: str) -> str:
        return f"/listen/{self.study}/{address}"

    def asked(self, what: str, ask: Callable[[], httpx.Response]) -> httpx.Response:
        """The answer, however long the server is away. Whatever else than being away it says is counted."""
        deadline, tries = time.monotonic() + PATIENCE, 0
        while time.monotonic() < deadline and not self.crowd.stop.is_set():
            try:
                answer = ask()
            except httpx.HTTPError as error:
                self.crowd.met[type(error).__name__] += 1
            else:
                if answer.status_code < 400 or answer.status_code == REFUSED:
                    return answer
                if answer.status_code == STORED and tries:  # an earlier try arrived, and only its answer was lost
                    self.crowd.met["an answer was lost, and the vote was not"] += 1
                    return answer
                self._count(what, answer)
            tries += 1
            self.crowd.stop.wait(PAUSE)
        raise StuckError(f"{what} did not come")

    def _count(self, what: str, answer: httpx.Response) -> None:
        if answer.status_code == AWAY and "Retry-After" in answer.headers:
            self.crowd.met["503, with Retry-After"] += 1
        else:
            self.crowd.wrong[f"{what}: {answer.status_code}"] += 1


def checksum(sound: bytes) -> str:
    return hashlib.sha256(sound).hexdigest()


def liking(rater: str, sound: str) -> str:
    """Of two sounds, named by their checksums, this rater prefers the one whose liking is the greater."""
    return hashlib.sha256(f"{rater} {sound}".encode()).hexdigest()
