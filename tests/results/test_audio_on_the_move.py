"""Raters, researchers and scripts hear every sound while all of it moves to S3 and back, and the move gets killed."""

from __future__ import annotations

import hashlib
import os
import random
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.test import Client
from django.urls import reverse

from listening import sounds
from listening.actions.open_trials import open_trials
from studies.models import Clip, StoredFile
from studies.storage import files
from tests import factories
from tests.listening.raters import arrived, open_pair, token
from tests.servers import database_url

pytestmark = pytest.mark.django_db(transaction=True)
ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 300  # seconds: a shared machine may be slow, one that hangs must still fail
FILLING = 128  # files beside the clips, so that a move takes its time


class Listener(threading.Thread):
    """Asks again and again for one sound, whole, in parts, and going on by If-Range; counts what came back."""

    def __init__(self, address: str, cookies: dict[str, str], content: bytes, forget: bool) -> None:
        super().__init__(daemon=True)
        self.address, self.content, self.forget = address, content, forget
        self.client = httpx.Client(cookies=cookies, timeout=PATIENCE)
        self.over, self.wrong, self.right, self.chance = threading.Event(), [], 0, random.Random(address)

    def run(self) -> None:
        with self.client:
            while not self.over.wait(0.1):  # the move too wants a part of the machine
                try:
                    self.ask()
                except Exception as error:
                    self.wrong.append(repr(error))

    def ask(self) -> None:
        if self.forget:
            sounds._trial.cache_clear()  # as a process that has not made this sound yet
        start = self.chance.randrange(len(self.content))
        stop = self.chance.randrange(start, len(self.content)) + 1
        whole = self.client.get(self.address)
        self.compare(whole, 200, self.content)
        self.compare(
            self.client.get(self.address, headers={"Range": f"bytes={start}-{stop - 1}"}), 206, self.content[start:stop]
        )
        if etag := whole.headers.get("ETag"):
            headers = {"Range": f"bytes={start}-", "If-Range": etag}
            self.compare(self.client.get(self.address, headers=headers), 206, self.content[start:])
            self.compare(self.client.get(self.address, headers={**headers, "If-Range": '"x"'}), 200, self.content)

    def compare(self, answer: httpx.Response, status: int, content: bytes) -> None:
        if (answer.status_code, answer.content) == (status, content):
            self.right += 1
        else:
            self.wrong.append(f"{self.address}: {answer.status_code}, {len(answer.content)} bytes")


def cookies_of(client: Client) -> dict[str, str]:
    return {name: morsel.value for name, morsel in client.cookies.items()}


@pytest.fixture
def listeners(live_server, s3):
    """A rater, a researcher in the browser, and one in the admin; each about another clip."""
    owner = factories.user("owner", is_staff=True, is_superuser=True)
    study = factories.complete(factories.study(factories.team(owner), votes_per_trial=2))
    open_trials(study=study)
    rater, reader = arrived(study), Client()
    reader.force_login(owner)
    sound = reverse("listening:audio", args=[token(open_pair(rater, study), "a")])
    heard = b"".join(rater.get(sound).streaming_content)
    one, other = Clip.objects.filter(renderings__candidate__arm__study=study).order_by("pk")[:2]
    clip = reverse("results:clip", args=[study.slug, one.pk])
    admin = reverse("admin:studies_clip_audio", args=[other.pk])
    made = [Listener(live_server.url + sound, cookies_of(rater), heard, forget=True)]
    made.append(Listener(live_server.url + clip, cookies_of(reader), content_of(one), forget=False))
    return [*made, Whole(live_server.url + admin, cookies_of(reader), content_of(other), forget=False)]


class Whole(Listener):
    """Of an address that knows no ranges."""

    def ask(self) -> None:
        self.compare(self.client.get(self.address), 200, self.content)


def content_of(clip: Clip) -> bytes:
    with clip.audio.open() as file:
        return file.read()


@pytest.fixture
def filling():
    """Many small files whose names say what is in them."""
    contents = [random.Random(n).randbytes(200) for n in range(FILLING)]
    named = {f"clips/{hashlib.sha256(content).hexdigest()}.flac": content for content in contents}
    files().save_all(named)
    return named


def command(to: str, tmp_path: Path) -> subprocess.Popen:
    environment = {**os.environ, "DATABASE_URL": database_url(), "AUDIONESE_DATA": str(tmp_path), "AUDIO_STORAGE": to}
    with (tmp_path / "move.log").open("ab") as log:
        asked = [sys.executable, "-W", "ignore", "manage.py", "move_audio", "--to", to, "--threads", "2"]
        return subprocess.Popen(asked, cwd=ROOT, env=environment, stdout=log, stderr=log)


def wait_until(happened, process: subprocess.Popen, log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while not happened():
        assert not process.poll(), f"it failed:\n{log.read_text()}"
        assert time.monotonic() < deadline, f"it hangs:\n{log.read_text()}"
        time.sleep(0.01)


def test_every_answer_is_right_while_audio_moves_there_and_back(listeners, filling, s3, tmp_path):
    before = {name: bytes(content) for name, content in StoredFile.objects.values_list("name", "content")}
    for listener in listeners:
        listener.start()
    kills: dict[str, int] = {}
    for to in ("s3", "database"):
        s3.new_files(to)
        late = default_storage.save(f"clips/late-{to}", ContentFile(to.encode()))
        before[late] = to.encode()
        left = StoredFile.objects.filter(content__isnull=to != "s3")
        process, goal = command(to, tmp_path), 0.8 * len(before)
        wait_until(lambda left=left, goal=goal: left.count() <= goal, process, tmp_path / "move.log")
        process.kill()
        kills[to] = process.wait()
        assert command(to, tmp_path).wait(PATIENCE) == 0, (tmp_path / "move.log").read_text()
        assert not left.exists()
        assert {f"studies/{name}" for name in before if to == "s3"} == set(s3.objects())
    for listener in listeners:
        listener.over.set()
        listener.join(PATIENCE)
    assert kills == {"s3": -9, "database": -9}
    assert [listener.wrong[:3] for listener in listeners] == [[], [], []]
    assert min(listener.right for listener in listeners) > 20
    after = {name: bytes(content) for name, content in StoredFile.objects.values_list("name", "content")}
    assert after == before
    assert not StoredFile.objects.filter(elsewhere=True).exists()
    connection.close()
