"""A researcher with a real browser: signs in, reads results, hears two arms, watches a study work, meets no fault."""

from __future__ import annotations

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from listening.actions.open_trials import open_trials
from listening.simulation import simulate
from results.tabs import TABS
from studies.models import Clip, Worker
from tests import factories
from tests.browser.pages import DARK, DESKTOP, PHONE, picture

pytestmark = pytest.mark.django_db(transaction=True)
VALUES = {"original": 0.30, "instruct": 0.34, "instruct_feedback": 0.40}
PAGES = [*TABS, "watch"]


@pytest.fixture
def study():
    team = factories.team(factories.user("ada", is_staff=True))
    made = factories.study(team, arms=tuple(VALUES), prompt_set=factories.prompt_set(team, test=4))
    return factories.complete(made, values=VALUES)


def sign_in(page: Page, name: str = "ada") -> Page:
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill("correct horse battery")
    page.get_by_role("button", name="Sign in").click()
    return page


def opened(page: Page, address: str, name: str = "ada") -> Page:
    page.goto(address)
    return sign_in(page, name)


def test_a_researcher_signs_in_reads_results_and_hears_two_arms(study, browse):
    page = opened(browse(), f"/studies/{study.slug}/")

    expect(page.get_by_role("heading", level=1)).to_contain_text(study.name)
    expect(page.get_by_text("Instruct feedback fits what users asked for better")).to_be_visible()
    expect(page.get_by_role("row", name="Instruct feedback 4").first).to_contain_text("+10.0")

    page.get_by_role("navigation", name="Parts of the study").get_by_role("link", name="Examples").click()
    first, second = page.locator("audio").nth(0), page.locator("audio").nth(1)
    for player in (first, second):
        player.evaluate("player => { player.muted = true; return player.play(); }")
        assert player.evaluate("player => player.duration") == pytest.approx(1.0, abs=0.05)
        page.wait_for_function("player => player.currentTime > 0.1", arg=player.element_handle())
    # Starting the second stopped the first: two arms are never heard at once.
    assert first.evaluate("player => player.paused")


def test_a_figure_is_drawn_in_the_page_and_says_what_it_rests_on(study, browse):
    page = opened(browse(**DESKTOP), f"/studies/{study.slug}/alignment/")

    for figure in page.locator("figure[id^=figure-]").all():
        figure.scroll_into_view_if_needed()
        expect(figure.locator("svg.marks")).to_be_visible()
    caption = page.locator("#figure-gains figcaption")
    expect(caption).to_contain_text("4 prompts")
    expect(caption).to_contain_text("seed")
    with page.expect_download() as saved:
        page.locator("#figure-gains").get_by_role("link", name="PDF").click()
    assert saved.value.suggested_filename == f"{study.slug}-gains.pdf"
    assert saved.value.path().read_bytes().startswith(b"%PDF")


def test_another_arm_can_be_looked_at(study, browse):
    page = opened(browse(), "/studies/")
    page.get_by_role("link", name=study.name).click()
    page.get_by_role("link", name="Examples").click()

    page.get_by_role("navigation", name="Arm to look at").get_by_role("link", name="Instruct", exact=True).click()

    expect(page.get_by_role("heading", name="Where Instruct gained most")).to_be_visible()
    page.get_by_text("The other arms").first.click()
    expect(page.locator("article").first.get_by_text("Instruct feedback", exact=True)).to_be_visible()


def test_watching_moves_without_a_reload_and_a_failed_row_is_tried_again(study, browse):
    study.status, study.finished_at = "running", None
    study.save()
    page = opened(browse(**DESKTOP), f"/studies/{study.slug}/watch/")
    row = page.get_by_role("row", name="Make audio")
    expect(row).to_contain_text("12 of")
    page.evaluate("document.body.dataset.same = 'page'")

    clip = study.arms.first().candidates.first().clips.first()
    Clip.objects.filter(pk=clip.pk).update(state="failed", error="Silence.")
    failed = page.get_by_role("row", name="Silence.")
    expect(failed).to_be_visible()
    expect(row).to_contain_text("11 of")
    assert page.evaluate("document.body.dataset.same") == "page"
    picture(page, "researcher-watch")

    failed.get_by_role("button", name="Retry").click()
    expect(page.get_by_role("row", name="Silence.")).to_have_count(0)
    clip.refresh_from_db()
    assert clip.state == Clip.State.WAITING

    Clip.objects.filter(pk=clip.pk).update(state="done")
    study.status, study.finished_at = "complete", study.launched_at
    study.save()
    expect(page.get_by_text("Took")).to_be_visible()


def test_whoever_watches_is_told_when_the_server_does_not_answer(study, browse):
    page = opened(browse(), f"/studies/{study.slug}/watch/")
    expect(page.get_by_role("region", name="Steps").first).to_be_visible()
    page.wait_for_load_state("load")  # with the script that asks
    browse.expected.append("ERR_INTERNET_DISCONNECTED")

    page.context.set_offline(True)
    expect(page.get_by_text("No answer from the server.")).to_be_visible()
    page.context.set_offline(False)
    expect(page.get_by_text("No answer from the server.")).to_be_hidden()


def test_workers_come_into_sight_without_a_reload(study, browse):
    page = opened(browse(), "/workers/")
    expect(page.get_by_role("heading", name="Nobody is here to work")).to_be_visible()

    now = timezone.now()
    processes = [{"name": "barn:7", "memory": 300 * 2**20}]
    Worker.objects.create(name="celery@barn", started_at=now, seen_at=now, processes=processes)
    expect(page.get_by_role("heading", name="celery@barn")).to_be_visible()
    expect(page.get_by_role("row", name="barn:7")).to_contain_text("300")


def test_a_stranger_signs_in_and_finds_nothing(study, browse):
    factories.user("eve")
    page = opened(browse(), "/studies/", "eve")

    expect(page.get_by_text("No study yet")).to_be_visible()


@pytest.mark.parametrize(("look", "device"), [("light", DESKTOP), ("dark-phone", {**PHONE, **DARK})])
def test_every_page_of_a_study_is_for_everybody(study, browse, accessible, look, device):
    open_trials(study=study)
    simulate(study=study, raters=6, seed=1)
    page = opened(browse(**device), f"/studies/{study.slug}/")
    for name in PAGES:
        page.goto(f"/studies/{study.slug}/{name}/")
        page.wait_for_load_state("networkidle")
        for figure in page.locator("[data-figure]").all():
            figure.scroll_into_view_if_needed()
            expect(figure.locator("svg.marks")).to_be_visible()
        picture(page, f"researcher-{name}-{look}")
        accessible(page)
    for address in ("/studies/", "/workers/"):
        page.goto(address)
        accessible(page)
