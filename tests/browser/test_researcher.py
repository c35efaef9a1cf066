"""A researcher with a real browser: signs in, reads results, hears two arms, is told what a stranger is told."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)
VALUES = {"original": 0.30, "instruct": 0.34, "instruct_feedback": 0.40}


@pytest.fixture
def study():
    team = factories.team(factories.user("ada"))
    made = factories.study(team, arms=tuple(VALUES), prompt_set=factories.prompt_set(team, test=4))
    return factories.complete(made, values=VALUES)


@pytest.fixture
def page(chromium: Browser, live_server):
    """A page whose console stays clean: what goes wrong in the browser fails the test."""
    context = chromium.new_context(base_url=live_server.url)
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    yield page
    context.close()
    assert said == []


def sign_in(page: Page, name: str = "ada") -> None:
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill("correct horse battery")
    page.get_by_role("button", name="Sign in").click()


def test_a_researcher_signs_in_reads_results_and_hears_two_arms(study, page: Page):
    page.goto(f"/studies/{study.slug}/")
    sign_in(page)

    expect(page.get_by_role("heading", level=1)).to_contain_text(study.name)
    expect(page.get_by_text("Instruct feedback fits what users asked for better")).to_be_visible()
    expect(page.get_by_role("row", name="Instruct feedback 4")).to_contain_text("+10.0")
    figures = page.locator("figure img")
    figures.last.scroll_into_view_if_needed()
    page.wait_for_function("[...document.querySelectorAll('figure img')].every(i => i.complete && i.naturalWidth)")

    first, second = page.locator("audio").nth(0), page.locator("audio").nth(1)
    for player in (first, second):
        player.evaluate("player => { player.muted = true; return player.play(); }")
        assert player.evaluate("player => player.duration") == pytest.approx(1.0, abs=0.05)
        page.wait_for_function("player => player.currentTime > 0.1", arg=player.element_handle())
    # Starting the second stopped the first: two arms are never heard at once.
    assert first.evaluate("player => player.paused")


def test_another_arm_can_be_looked_at(study, page: Page):
    page.goto("/studies/")
    sign_in(page)
    page.get_by_role("link", name=study.name).click()

    page.get_by_role("navigation", name="Arm to look at").get_by_role("link", name="Instruct", exact=True).click()

    expect(page.get_by_role("heading", name="Where Instruct gained most")).to_be_visible()
    page.get_by_text("The other arms").first.click()
    expect(page.locator("article").first.get_by_text("Instruct feedback", exact=True)).to_be_visible()


def test_progress_moves_without_a_reload_and_the_end_shows_the_results(study, page: Page):
    study.status, study.finished_at = "running", None
    study.save()
    page.goto(f"/studies/{study.slug}/")
    sign_in(page)
    expect(page.get_by_role("heading", name="Progress")).to_be_visible()
    page.evaluate("document.body.dataset.same = 'page'")

    clip = study.arms.first().candidates.first().clips.first()
    type(clip).objects.filter(pk=clip.pk).update(state="failed", error="Silence.")
    expect(page.get_by_text("(1 failed)")).to_be_visible(timeout=20_000)
    assert page.evaluate("document.body.dataset.same") == "page"

    study.refresh_from_db()
    study.status, study.finished_at = "complete", study.launched_at
    study.save()
    expect(page.get_by_role("heading", name="Progress")).to_have_count(0, timeout=20_000)


def test_a_stranger_signs_in_and_finds_nothing(study, page: Page):
    factories.user("eve")
    page.goto("/studies/")
    sign_in(page, "eve")

    expect(page.get_by_text("No study yet")).to_be_visible()


def test_the_page_fits_a_phone(study, chromium: Browser, live_server):
    phone = chromium.new_context(base_url=live_server.url, viewport={"width": 360, "height": 740})
    page = phone.new_page()
    page.goto(f"/studies/{study.slug}/")
    sign_in(page)
    expect(page.get_by_role("heading", level=1)).to_contain_text(study.name)

    assert page.evaluate("document.documentElement.scrollWidth") == 360
    phone.close()
