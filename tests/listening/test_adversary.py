"""Nobody can tell from what a browser receives which arm plays on which side; whoever could would be found out.

Two arms that differ in everything that might leak: one is near silence that compresses to nothing, the other noise
that does not; their clips were made one after the other, at other loudness. 200 pairs, over HTTP, from the product's
own web server. An interval of 95 % misses one half in one of twenty runs by chance alone; then, and only then, another
rater looks at the pairs again, and what was learned from the first is put to the second: chance passes both in fewer
than one of 800 runs.
"""

import io
import random
import uuid

import httpx
import numpy as np
import pytest
import soundfile
from django.conf import settings
from django.core.files.base import ContentFile
from django.utils import timezone

from config.load import pages
from config.processes import Processes, wait_for_port, web
from inference.engines import flac, hygiene
from inference.engines.protocols import Sound
from listening.actions.open_trials import open_trials
from listening.models import Presentation, Vote
from studies.models import Clip
from tests import factories
from tests.listening import adversary
from tests.servers import database_url, free

pytestmark = pytest.mark.django_db(transaction=True)
PAIRS, RATE = 200, 16_000
OF_A_REQUEST = {"date", "x-request-id"}  # when it was, and a number drawn for it


@pytest.fixture
def study(request):
    pairs = getattr(request, "param", PAIRS)
    made = factories.study(
        prompt_set=factories.prompt_set(test=pairs),
        listening_prompts=pairs,
        trials_per_session=pairs,
        votes_per_trial=4,
    )
    factories.complete(made)
    for clip in Clip.objects.filter(renderings__candidate__arm__study=made).order_by("pk"):
        arm = clip.renderings.get().candidate.arm.key
        _sound(clip, noisy=arm == "instruct")
    open_trials(study=made)
    return made


def _sound(clip: Clip, *, noisy: bool) -> None:
    rng = np.random.default_rng(clip.pk)
    if noisy:
        samples = 0.3 * rng.uniform(-1, 1, RATE)
    else:
        samples = 0.004 * np.sin(2 * np.pi * rng.integers(200, 400) * np.arange(RATE) / RATE)
    sound = Sound(samples.astype(np.float32), RATE)
    clip.loudness, clip.true_peak = hygiene.loudness(sound)
    clip.audio.save(f"{uuid.uuid4().hex}.flac", ContentFile(flac.encode(sound)), save=True)


@pytest.fixture
def site(study, tmp_path, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", database_url())
    monkeypatch.setenv("AUDIONESE_DATA", str(tmp_path))
    monkeypatch.setenv("SECRET_KEY", settings.SECRET_KEY)
    port = free()
    with Processes(tmp_path / "logs") as children:
        web(children, port)
        wait_for_port(port, children, seconds=300)
        yield f"http://127.0.0.1:{port}"


def seen(study, site: str, name: str) -> tuple[list[adversary.Pair], np.ndarray]:
    """Every pair as one rater's browser gets it, and what the adversary wants to know: whether A is the second arm."""
    chance, found = random.Random(name), []
    with httpx.Client(base_url=site, timeout=60) as client:
        page = _agree(client, study, name)
        while pages.pair(page):
            found.append(adversary.look(client, page, len(found), chance))
            _answered(found[-1])
            page = client.get(f"/listen/{study.slug}/trial/").text
    truth = dict(
        Presentation.objects.filter(playbacks__letter="a").values_list("token", "playbacks__stimulus__arm__key")
    )
    return found, np.array([truth[pair.token] == "instruct" for pair in found], dtype=int)


def _agree(client: httpx.Client, study, name: str) -> str:
    address = f"/listen/{study.slug}/?PROLIFIC_PID={name}"
    door = client.get(address).text
    client.post(
        address,
        data={"csrfmiddlewaretoken": pages.csrf(door), "checksum": pages.checksum(door), "answer": "agree"},
    )
    return client.get(f"/listen/{study.slug}/trial/").text


def _answered(pair: adversary.Pair) -> None:
    """As if both had been heard and one been voted for: hearing 200 pairs takes an hour."""
    shown = Presentation.objects.filter(token=pair.token)
    shown.update(state="voted", first_served_at=timezone.now())
    Vote.objects.create(presentation=shown.get(), choice="tie", response_ms=1, created_at=timezone.now())


def features(found: list[adversary.Pair]) -> np.ndarray:
    return np.array([pair.features() for pair in found])


def test_who_has_everything_but_the_sound_cannot_tell_the_arms(study, site):
    found, labels = seen(study, site, "adversary")
    assert len(found) == PAIRS and 0.4 < labels.mean() < 0.6

    low, high = adversary.guessed(features(found), labels)

    if not low <= 0.5 <= high:
        again, truth = seen(study, site, "adversary2")
        low, high = adversary.foretold(features(found), labels, features(again), truth)
    assert low <= 0.5, f"guesses the arms in {low:.0%} to {high:.0%} of the pairs"
    _what_must_be_alike(found)
    _finds_what_is_planted(found, labels)


def _what_must_be_alike(found: list[adversary.Pair]) -> None:
    """Exactly, and not by statistics alone."""
    for pair in found:
        a, b = pair.sides
        assert (a.size, a.format) == (b.size, b.format)
        alike = [{name: value for name, value in side.headers.items() if name not in OF_A_REQUEST} for side in (a, b)]
        assert alike[0] == alike[1]
        assert not {"etag", "last-modified", "content-disposition", "server-timing", "x-cache"} & set(a.headers)


def _finds_what_is_planted(found: list[adversary.Pair], labels: np.ndarray) -> None:
    """The same adversary on the same pages, had they told the arms: it must find that."""
    for name, leak in LEAKS.items():
        told = features(found)
        leak(told, np.where(labels == 1, 1.0, -1.0), found)
        low, high = adversary.guessed(told, labels)
        assert low > 0.5, f"{name} went unnoticed: {low:.0%} to {high:.0%}"


SIZE = 2 * adversary.VISITS + 1  # its place among a side's features


def _later(told: np.ndarray, sign: np.ndarray, found: list[adversary.Pair]) -> None:
    """One arm's first byte comes later: by as much as first bytes differ from visit to visit, or by 2 ms."""
    spread = np.std([side.first[-1] for pair in found for side in pair.sides])
    told[:, : adversary.VISITS] += (sign * max(2.0, spread))[:, None]
    told[:, 2 * adversary.VISITS] += sign * 2.0


def _larger(told: np.ndarray, sign: np.ndarray, found: list[adversary.Pair]) -> None:
    """One arm's file has a byte more."""
    told[:, SIZE] += sign


def _named(told: np.ndarray, sign: np.ndarray, found: list[adversary.Pair]) -> None:
    """One arm's addresses sort first in three of four pairs."""
    chance = np.random.default_rng(1).random(len(told)) < 0.75
    told[:, -3] = np.where(chance, sign > 0, sign < 0)


LEAKS = {"a later first byte": _later, "a byte more": _larger, "addresses in order": _named}


@pytest.mark.parametrize("study", [2], indirect=True)
def test_both_sides_are_equally_loud_whatever_the_arms_were(study, site):
    with httpx.Client(base_url=site, timeout=60) as client:
        page = _agree(client, study, "listener")
        heard = [soundfile.read(io.BytesIO(client.get(one).content), dtype="float32") for one in pages.sounds(page)]

    loudness = [hygiene.loudness(Sound(samples, rate))[0] for samples, rate in heard]
    assert loudness[0] == pytest.approx(loudness[1], abs=0.1)
