"""From consent to thanks, as raters meet it, and the ways out on the way."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from playwright.sync_api import Page

from config.screenshots.camera import Studio
from config.screenshots.hearing import AGREE, address_of, loaded, study_to_hear, vote
from listening.actions.check_headphones import METHODS
from listening.models import HeadphoneCheck
from listening.stimuli.check import INTERVALS
from studies.models import Study

ASKED = [{"question": "Do you hear well with both ears?", "options": ["Yes", "No"], "accepted": ["Yes"]}]
EVERYTHING: dict[str, Any] = {"headphones": "antiphase", "practice_trials": 1, "traps_per_ten": 1, "break_every": 1}
PREVIEW = "assignmentId=ASSIGNMENT_ID_NOT_AVAILABLE"
ASSIGNED = "assignmentId=3ABC&workerId=A1B2C3&hitId=3XYZ&turkSubmitTo=https://www.mturk.com"


def take(studio: Studio) -> None:
    with study_to_hear(studio.study, "Every step of a listening test", qualification=ASKED, **EVERYTHING) as study:
        _to_the_end(studio, study)
        _turned_away(studio, study)
        _left(studio, study)
        phone, turk = studio.phone(), reverse("listening:mturk", args=[study.slug])
        phone.take("listen-declined", reverse("listening:declined", args=[study.slug]))
        phone.take("listen-platform-preview", f"{reverse('listening:arrive', args=[study.slug])}?{PREVIEW}")
        studio.camera().take("listen-mturk", f"{turk}?{ASSIGNED}")


def _to_the_end(studio: Studio, study: Study) -> None:
    phone = studio.phone()
    page = phone.page
    phone.take("listen-consent", address_of(study, "stays"))
    page.locator(AGREE).click()
    phone.take("listen-questions")
    _answer(page, "Yes")
    page.locator(".rounds [data-sound]:not(:disabled)").nth(5).wait_for()
    phone.take("listen-headphones")
    check_headphones(page)
    phone.take("listen-practice")
    phone.press("Start the practice")
    loaded(page)
    phone.take("listen-practice-trial")
    vote(page)
    phone.take("listen-counts")
    phone.press("Begin")
    loaded(page)
    phone.take("listen-trial")
    vote(page)
    phone.take("listen-break")
    phone.press("Continue")
    vote(page)
    phone.take("listen-end")
    page.fill("[name=comment]", "The second pair was hard to tell apart.")
    phone.press("Send")
    phone.take("listen-comment")


def _turned_away(studio: Studio, study: Study) -> None:
    """By an answer that the study does not look for."""
    phone = studio.phone()
    phone.go(address_of(study, "unfit")).locator(AGREE).click()
    _answer(phone.page, "No")
    phone.take("listen-screened")


def _left(studio: Studio, study: Study) -> None:
    """After a headphone check that did not work out."""
    phone = studio.phone()
    phone.go(address_of(study, "leaves")).locator(AGREE).click()
    _answer(phone.page, "Yes")
    check_headphones(phone.page, wrong=True)
    phone.take("listen-headphones-again")
    phone.press("Leave the test")
    phone.take("listen-left")


def _answer(page: Page, answer: str) -> None:
    page.get_by_label(answer).check()
    page.get_by_role("button", name="Continue").click()


def check_headphones(page: Page, wrong: bool = False) -> None:
    page.locator(".rounds [data-sound]:not(:disabled)").nth(5).wait_for()
    check = HeadphoneCheck.objects.latest("pk")
    for trial, place in enumerate(METHODS[check.method].answers(check.seed), 1):
        row = page.get_by_role("group", name=f"Sound {trial} of 6")
        row.get_by_role("button").click()
        row.get_by_role("radio", name=str((place + wrong) % INTERVALS + 1)).click()
    page.get_by_role("button", name="Done").click()
