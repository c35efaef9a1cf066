"""A study that can be heard, for the pictures alone, and how it is gone through."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import Rater
from config.screenshots.camera import PATIENCE, Camera
from config.screenshots.work import copy_of, launched
from listening import consent
from listening.actions.begin_session import begin_session
from listening.actions.erase import erase
from listening.actions.open_trials import open_trials
from listening.models import ListeningTest, Question, Session
from studies.models import Study

REMEMBERED = 6  # seconds, after which every process has read a changed listening test
PERSON = "pictures-"  # how raters of the pictures begin
AGREE = "button[value=agree]"
# Training takes minutes, and nobody hears by which method a clip was made.
QUICK: dict[str, Any] = {"without": ("instruct_feedback",), "trials_per_session": 2}
NOTHING_BEFORE = {"headphones": "none", "practice_trials": 0, "traps_per_ten": 0, "gold_per_ten": 0}
EVERY_PAIR = [["original", arm] for arm in ("instruct", "instruct_icl", "best_of_n")]


@contextmanager
def study_to_hear(like: Study, name: str, kinds: tuple[str, ...] = ("preference",), **test: Any) -> Iterator[Study]:
    """Complete, with a question of each kind. test: of its listening test. Its raters go with it."""
    fields = {"title": "How well do sounds fit their words?", **NOTHING_BEFORE, **test}
    with copy_of(like, name, **QUICK, listening_pairs=EVERY_PAIR) as study:
        launched(study, Study.Status.COMPLETE)
        ListeningTest.objects.filter(study=study).update(**fields)
        study.listening_questions.all().delete()
        for position, kind in enumerate(kinds):
            study.listening_questions.create(position=position, kind=kind, both_bad=kind == "preference")
        open_trials(study=study)
        time.sleep(REMEMBERED)
        try:
            yield study
        finally:
            for rater in Rater.objects.filter(external_id__startswith=PERSON):
                erase(rater=rater, keep_votes=False)


def address_of(study: Study, person: str) -> str:
    """Of the recruitment link, as a platform fills it in."""
    return f"{reverse('listening:arrive', args=[study.slug])}?PROLIFIC_PID={PERSON}{person}"


def at_question(camera: Camera, study: Study, kind: str) -> Page:
    """A rater who has agreed, and who is asked a question of this kind: which one comes is else by turns."""
    who = f"{kind}-{Session.objects.count()}"
    agreed = {"consent": consent.text(study), "provider": "prolific", "external_id": PERSON + who}
    session = begin_session(study=study, arrival={}, now=timezone.now(), **agreed)
    session.question = Question.objects.get(study=study, kind=kind)
    session.save(update_fields=["question"])
    page = camera.go(address_of(study, who))
    loaded(page)
    return page


def loaded(page: Page) -> None:
    page.locator(".player").first.wait_for()
    expect(page.locator(".player:not(.ready)")).to_have_count(0, timeout=PATIENCE)


def listen(page: Page) -> None:
    """To every sound of the page, as long as it takes until it counts as heard."""
    loaded(page)
    for letter in page.locator(".player").evaluate_all("all => all.map((one) => one.dataset.letter)"):
        page.locator(f".player[data-letter={letter}] .play").click()
        page.locator(f".player.heard[data-letter={letter}]").wait_for()


def vote(page: Page) -> None:
    """Returns when another page is there."""
    listen(page)
    pair = page.locator("[name=pair]").input_value()
    page.get_by_role("button", name="I prefer A").click()
    page.locator(f"[name=pair][value='{pair}']").wait_for(state="detached")
