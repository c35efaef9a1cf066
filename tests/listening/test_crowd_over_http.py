"""Two hundred raters at once over HTTP: some leave, some lose their claims, some click twice, some have two tabs.

Afterwards the database is counted: every trial has its votes and none too many, and no vote is lost or there twice.
"""

import asyncio
import random
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import httpx
import pytest
from django.conf import settings
from django.db.models import Count, F, Q

from config.load import pages
from config.processes import Processes, wait_for_port, web
from listening.actions.open_trials import open_trials
from listening.models import ListeningTest, Playback, Presentation, Session, Trial, Vote
from tests import factories
from tests.servers import database_url, free

pytestmark = pytest.mark.django_db(transaction=True)
RATERS, TRIALS, VOTES, SESSION = 200, 45, 10, 3  # 600 votes offered for 450 places
LEASE = 4  # seconds


@pytest.fixture
def study():
    made = factories.complete(
        factories.study(
            prompt_set=factories.prompt_set(test=TRIALS),
            listening_prompts=TRIALS,
            votes_per_trial=VOTES,
            trials_per_session=SESSION,
        )
    )
    ListeningTest.objects.filter(study=made).update(most_seconds=LEASE)
    open_trials(study=made)
    return made


@pytest.fixture
def server(study, tmp_path, monkeypatch):
    """The product's own web server on the test's database."""
    monkeypatch.setenv("DATABASE_URL", database_url())
    monkeypatch.setenv("AUDIONESE_DATA", str(tmp_path))
    monkeypatch.setenv("SECRET_KEY", settings.SECRET_KEY)
    port = free()
    with Processes(tmp_path / "logs") as children:
        web(children, port)
        wait_for_port(port, children, seconds=300)
        yield f"http://127.0.0.1:{port}/listen/{study.slug}"


class Rater:
    """One browser. habit: what becomes of the session. stored: tokens of pairs whose vote the server acknowledged."""

    def __init__(self, number: int, site: str) -> None:
        self.number, self.site = number, site
        self.habit = ("finishes", "finishes", "clicks twice", "has two tabs", "leaves", "goes away")[number % 6]
        self.chance, self.stored = random.Random(number), []
        self.asked = 0.0  # when the page on show was asked for
        self.client = httpx.AsyncClient(timeout=120, follow_redirects=False)

    async def ask(self, method: str, path: str, **more) -> httpx.Response:
        address = path if path.startswith("http") else f"{self.site}/{path}"
        return await self.client.request(method, address, **more)

    async def live(self) -> None:
        async with self.client:
            page = await self.agree()
            for done in range(SESSION):
                if not pages.pair(page):
                    return
                if done == 1 and self.habit == "goes away":
                    return
                if done == 2 and self.habit == "leaves":
                    await self.ask("POST", "leave/", data={"csrfmiddlewaretoken": pages.csrf(page)})
                    return
                page = await self.answer(page)

    async def agree(self) -> str:
        door = await self.ask("GET", f"?PROLIFIC_PID=rater{self.number}")
        data = {"csrfmiddlewaretoken": pages.csrf(door.text), "checksum": pages.checksum(door.text), "answer": "agree"}
        await self.ask("POST", f"?PROLIFIC_PID=rater{self.number}", data=data)
        return await self.trial()

    async def trial(self) -> str:
        self.asked = time.monotonic()
        if self.habit != "has two tabs":
            return (await self.ask("GET", "trial/")).text
        tabs = await asyncio.gather(*(self.ask("GET", "trial/") for _ in range(2)))
        # What is shown is the rater's for half a lease at least; a machine that takes longer may give it away.
        assert len({pages.pair(tab.text) for tab in tabs}) == 1 or self.may_have_lapsed()
        return tabs[0].text

    def may_have_lapsed(self) -> bool:
        return time.monotonic() - self.asked > LEASE / 2

    async def answer(self, page: str) -> str:
        host = self.site.split("/listen/")[0]
        for address in pages.sounds(page):
            if (await self.ask("GET", host + address)).status_code != 200:
                assert self.may_have_lapsed()
                return await self.trial()
        await self.ask("POST", "ahead/", data={"csrfmiddlewaretoken": pages.csrf(page)})
        await asyncio.sleep(2.05)  # two clips of a second
        form = pages.vote(page, self.chance.choice("ab"), [1.0, 1.0], 2000)
        times = 3 if self.habit == "clicks twice" else 1
        answers = await asyncio.gather(*(self.ask("POST", "vote/", data=form) for _ in range(times)))
        statuses = Counter(answer.status_code for answer in answers)
        assert statuses[302] <= 1 and set(statuses) <= {302, 409}, statuses
        if statuses[302]:
            self.stored.append(pages.pair(page))
        return await self.trial()


def listened(site: str, numbers: range) -> list[Rater]:
    """In a thread of its own: a browser test before it may have left this one an event loop."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(lambda: asyncio.run(crowd(site, numbers))).result()


async def crowd(site: str, numbers: range) -> list[Rater]:
    raters = [Rater(number, site) for number in numbers]
    await asyncio.gather(*(rater.live() for rater in raters))
    return raters


def test_a_crowd_over_http_fills_every_trial_exactly_and_loses_nothing(study, server):
    raters = listened(server, range(RATERS))
    # What was abandoned has come back: a few more find it, and on a slow machine, where more is, some more.
    for first in range(1200, 1800, 60):
        raters += listened(server, range(first, first + 60, 6))
        if not Trial.objects.filter(study=study, votes_people__lt=VOTES).exists():
            break

    voted = Count("presentations", filter=Q(presentations__state=Presentation.State.VOTED))
    trials = list(Trial.objects.filter(study=study).annotate(voted=voted))
    assert [trial.voted for trial in trials] == [VOTES] * TRIALS
    assert [trial.votes_people for trial in trials] == [VOTES] * TRIALS

    told = [token for rater in raters for token in rater.stored]
    there = list(Vote.objects.values_list("presentation__token", flat=True))
    assert len(told) == len(set(told))
    assert Counter(told) == Counter(there)

    pairs = Presentation.objects.filter(vote__isnull=False).values_list("session__rater", "trial__content")
    assert max(Counter(pairs).values()) == 1
    assert Session.objects.count() == len({rater.number for rater in raters})
    assert set(Session.objects.values_list("state", flat=True)) >= {"complete", "left", "active"}
    assert one_sided(study) == []


def one_sided(study) -> list[str]:
    """Trials answered more often on one side than the rule allows: whoever comes next gets the side with the deficit,
    so that only claims which were abandoned since, or came back late, can leave more than one between the sides; one
    more for a vote that was under way as its lease ran out."""
    wrong = []
    for trial in study.trials.all():
        first = Playback.objects.filter(presentation__trial=trial, presentation__state="voted", stimulus__position=0)
        sides = Counter(first.values_list("letter", flat=True))
        late = Q(vote__created_at__gt=F("claimed_at") + timedelta(seconds=LEASE))
        if abs(sides["a"] - sides["b"]) > 2 + trial.presentations.filter(late | ~Q(state="voted")).count():
            wrong.append(f"{trial}: {dict(sides)}")
    return wrong
