"""What browser tests share: devices, a study to hear, the way through its pages, and what every page is held to."""

from __future__ import annotations

import os
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from django.core.files.base import ContentFile
from playwright.sync_api import Page, expect

from inference.engines import flac, hygiene
from inference.engines.protocols import Sound
from inference.sandbox.synthesiser import render
from listening.actions.open_trials import open_trials
from studies.models import Clip, Study
from tests import factories

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True, "device_scale_factor": 2}
DESKTOP = {"viewport": {"width": 1280, "height": 800}}
DARK = {"color_scheme": "dark"}
PICTURES = os.environ.get("BROWSER_PICTURES", "")  # a folder, for whoever wants to look
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
ARMS = ("original", "instruct", "instruct_icl", "best_of_n", "instruct_feedback")
CLIPS = {"preference": 2, "cmos": 2, "relevance": 1, "quality": 1, "mushra": 5, "best_worst": 4}  # on one screen
SHIFTS = (
    "window.moved = 0; new PerformanceObserver((list) => { for (const e of list.getEntries())"
    " if (!e.hadRecentInput) window.moved += e.value; }).observe({type: 'layout-shift', buffered: true});"
)


def study_of(
    kind: str = "preference", seconds: float = 1.0, prompts: int = 4, test: dict | None = None, **fields
) -> Study:
    """Pieces of the sandbox's music under one kind of question, so that pages look as they will.

    fields: of the study. test: of its listening test.
    """
    arms = ARMS[: max(2, CLIPS[kind])]
    fields = {"trials_per_session": 3, "votes_per_trial": 2, "seconds": seconds, **fields}
    pairs = [[arms[0], arm] for arm in arms[1:]]
    made = factories.study(prompt_set=factories.prompt_set(test=prompts), arms=arms, listening_pairs=pairs, **fields)
    made = factories.bare(factories.complete(made), **(test or {}))
    for clip in Clip.objects.all():
        _play_music(clip, seconds)
    made.listening_questions.update(kind=kind)
    open_trials(study=made)
    return made


def _play_music(clip: Clip, seconds: float) -> None:
    clip.duration = seconds
    sound = Sound(render({}, clip.pk, seconds, clip.sample_rate)[0], clip.sample_rate)
    clip.samples = len(sound.samples)
    clip.loudness, clip.true_peak = hygiene.loudness(sound)
    clip.audio.save(f"{clip.identity}.flac", ContentFile(flac.encode(sound)), save=True)


def picture(page: Page, name: str) -> None:
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


def arrive(page: Page, study: Study, query: str = "") -> None:
    """Past consent, whatever the language."""
    page.goto(f"/listen/{study.slug}/{query}")
    page.locator("button[value=agree]").click()
    loaded(page)


def player(page: Page, letter: str):
    return page.locator(f".player[data-letter={letter}]")


def loaded(page: Page) -> None:
    """Every sound of the page is there."""
    expect(page.locator(".player").first).to_be_visible()
    expect(page.locator(".player:not(.ready)")).to_have_count(0)


def listen(page: Page, letters: str = "") -> None:
    """Plays sounds one after the other until each counts as heard; all of them where none is named."""
    for letter in letters or page.locator(".player").evaluate_all("all => all.map((one) => one.dataset.letter)"):
        if "heard" not in player(page, letter).get_attribute("class"):
            player(page, letter).locator(".play").click()
        expect(player(page, letter)).to_contain_class("heard")


def rate(page: Page, letter: str, presses: str = "PageUp") -> None:
    page.locator(f".slider[data-letter={letter}] [type=range]").press(presses)


def accessible(page: Page) -> None:
    """No fault that axe finds under WCAG 2.2 A and AA; nothing wider than the page."""
    # Colours on their way from one to another are nobody's contrast.
    page.emulate_media(reduced_motion="reduce")
    page.evaluate("document.getAnimations().forEach((one) => one.finish())")
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": WCAG}})
    assert not found.response["violations"], found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def steady(page: Page) -> None:
    """Nothing moved since the page opened; needs SHIFTS as an init script."""
    assert page.evaluate("window.moved") < 0.01
