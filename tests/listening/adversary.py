"""Somebody who wants to know which arm plays as A, and has everything that a browser gets, but for the sound itself."""

from __future__ import annotations

import random
import re
import struct
import time
from dataclasses import dataclass, field

import httpx
import numpy as np
from scipy.stats import binomtest
from sklearn.ensemble import RandomForestClassifier, VotingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from config.load import pages

VISITS = 3  # of each sound: what is made anew and what is remembered may take different times
HEADER = 44  # bytes of a WAV before its samples


@dataclass
class Side:
    """What one clip's address gave away. first, whole: milliseconds to the headers and to the end, by visit."""

    address: str
    first: list[float] = field(default_factory=list)
    whole: list[float] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    size: int = 0
    format: bytes = b""

    def features(self) -> list[float]:
        token = self.address.rsplit("/", 1)[1]
        return [
            *self.first,
            *self.whole,
            min(self.first),
            float(self.size),
            float(sum(len(name) + len(value) for name, value in self.headers.items() if name != "date")),
            float(len(self.headers)),
            float(sum(self.format)),
            *(float(value) for value in struct.unpack("<IHHIIHH", self.format[16:36])),
            float(len(self.address)),
            float(sum(map(ord, token))),
            *(float(ord(letter)) for letter in (*token[:3], *token[-3:])),
        ]


@dataclass
class Pair:
    """One trial's page. around: numbers of the page's source, its sides taken apart."""

    token: str
    sides: list[Side]
    around: list[float]
    place: int

    def features(self) -> np.ndarray:
        """Differences of A and B, and what is one number for both."""
        a, b = (np.array(side.features()) for side in self.sides)
        return np.concatenate([a - b, self.around, [self.place, self.place % 2]])


def look(client: httpx.Client, page: str, place: int, chance: random.Random) -> Pair:
    """Fetches each sound a few times, in an order of its own, and takes down all there is."""
    sides = [Side(address) for address in pages.sounds(page)]
    for _ in range(VISITS):
        for side in chance.sample(sides, 2):
            _fetch(client, side)
    return Pair(pages.pair(page), sides, _around(page), place)


def _fetch(client: httpx.Client, side: Side) -> None:
    began = time.perf_counter()
    with client.stream("GET", side.address) as response:
        side.first.append(1000 * (time.perf_counter() - began))
        body = response.read()
    side.whole.append(1000 * (time.perf_counter() - began))
    side.headers, side.size, side.format = dict(response.headers), len(body), body[:HEADER]


def _around(page: str) -> list[float]:
    """Sizes of the page and of each player's markup, and which of the two addresses sorts first."""
    a, b = re.findall(r'<section class="player".*?</section>', page, re.S)
    first, second = pages.sounds(page)
    return [float(len(page)), float(len(a) - len(b)), float(first < second)]


def interval(right: int, n: int) -> tuple[float, float]:
    """Exact 95 % interval of a share (Clopper and Pearson 1934)."""
    found = binomtest(right, n).proportion_ci(0.95, method="exact")
    return float(found.low), float(found.high)


def model() -> VotingClassifier:
    """A straight line and a forest, whichever is surer."""
    line = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=2000))
    forest = RandomForestClassifier(200, min_samples_leaf=3, random_state=1)
    return VotingClassifier([("line", line), ("forest", forest)], voting="soft")


def guessed(features: np.ndarray, labels: np.ndarray) -> tuple[float, float]:
    """Interval of the share of pairs guessed right, each by a model that learned from others: ten folds."""
    folds = StratifiedKFold(10, shuffle=True, random_state=1)
    right = cross_val_predict(model(), features, labels, cv=folds) == labels
    return interval(int(right.sum()), len(labels))


def foretold(features: np.ndarray, labels: np.ndarray, others: np.ndarray, truth: np.ndarray) -> tuple[float, float]:
    """The same of pairs that nothing was learned from."""
    right = model().fit(features, labels).predict(others) == truth
    return interval(int(right.sum()), len(truth))
