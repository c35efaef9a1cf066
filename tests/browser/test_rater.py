"""A rater with a real browser: from the link over consent and every trial to the completion code."""

import os
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from playwright.sync_api import Page, expect

from inference.engines import flac, hygiene
from inference.engines.protocols import Sound
from inference.sandbox.synthesiser import render
from listening.actions.open_trials import open_trials
from listening.models import Presentation, Session, Vote
from studies.models import Clip
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True, "device_scale_factor": 2}
DESKTOP = {"viewport": {"width": 1280, "height": 800}}
PICTURES = os.environ.get("BROWSER_PICTURES", "")  # a folder, for whoever wants to look


SHORT, LONG = 1.0, 4.0  # seconds; long enough to be paused by a slow machine
with_long_pieces = pytest.mark.parametrize("study", [LONG], indirect=True)


@pytest.fixture
def study(request):
    """Pieces of the sandbox's music, so that pages look as they will; short ones, or as long as `request.param`."""
    made = factories.complete(factories.study(trials_per_session=3, votes_per_trial=2))
    for clip in Clip.objects.all():
        clip.duration = getattr(request, "param", SHORT)
        sound = Sound(render({}, clip.pk, clip.duration, clip.sample_rate)[0], clip.sample_rate)
        clip.samples = len(sound.samples)
        clip.loudness, clip.true_peak = hygiene.loudness(sound)
        clip.audio.save(f"{clip.identity}.flac", ContentFile(flac.encode(sound)), save=True)
    open_trials(study=made)
    return made


@pytest.fixture
def browse(chromium, live_server):
    """Opens pages of a device; at the end no page may have logged an error."""
    contexts, errors = [], []

    def open_page(**device) -> Page:
        context = chromium.new_context(base_url=live_server.url, **device)
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: errors.append(str(error)))
        return page

    yield open_page
    for context in contexts:
        # Closing a page makes it report once more: the server must not hear of it after the test's rows are gone.
        context.route("**/heard/", lambda route: route.abort())
        for page in context.pages:
            page.wait_for_load_state("networkidle")
        context.close()
    assert errors == []


def picture(page: Page, name: str) -> None:
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


def arrive(page: Page, study, query: str = "") -> None:
    page.goto(f"/listen/{study.slug}/{query}")
    page.get_by_role("button", name="I agree").click()


def listen(page: Page) -> None:
    for letter in ("A", "B"):
        page.get_by_role("button", name=f"Play {letter}").click()
        expect(page.locator(f".player[data-side={letter.lower()}]")).to_have_class("player ready heard")


@pytest.mark.parametrize(("name", "device"), [("phone", {**PHONE, "color_scheme": "dark"}), ("desktop", DESKTOP)])
def test_a_rater_goes_from_the_link_to_the_completion_code(study, browse, name, device):
    page = browse(**device)
    page.goto(f"/listen/{study.slug}/?PROLIFIC_PID=p-{name}&STUDY_ID=s&SESSION_ID=v")
    picture(page, f"{name}-1-consent")
    page.get_by_role("button", name="I agree").click()

    for number in (1, 2, 3):
        expect(page.get_by_text(f"Pair {number} of 3")).to_be_visible()
        expect(page.get_by_role("button", name="Play B")).to_be_enabled()
        expect(page.get_by_role("button", name="I prefer B")).to_be_disabled()
        if number == 1:
            picture(page, f"{name}-2-unheard")
        listen(page)
        expect(page.get_by_role("status")).to_have_text("Both heard. Now choose.")
        if number == 2:
            picture(page, f"{name}-3-heard")
        page.get_by_role("button", name="I prefer B").click()

    expect(page.get_by_role("heading")).to_have_text("That was all. Thank you!")
    picture(page, f"{name}-4-end")
    session = Session.objects.get()
    expect(page.locator("#code")).to_have_text(session.completion_code)
    assert session.state == "complete"
    assert list(Vote.objects.values_list("choice", flat=True)) == ["b"] * 3
    assert set(Presentation.objects.values_list("state", flat=True)) == {"voted"}


def test_the_keyboard_is_enough(study, browse):
    page = browse(**DESKTOP)
    arrive(page, study)
    expect(page.get_by_role("button", name="Play B")).to_be_enabled()
    page.keyboard.press("1")
    for key, side in (("a", "a"), ("ArrowRight", "b")):
        page.keyboard.press(key)
        expect(page.locator(f".player[data-side={side}]")).to_have_class("player ready heard")
    page.keyboard.press("0")

    expect(page.get_by_text("Pair 2 of 3")).to_be_visible()
    assert Vote.objects.get().choice == "tie"


@with_long_pieces
def test_space_pauses_and_goes_on(study, browse):
    page = browse(**DESKTOP)
    arrive(page, study)
    expect(page.get_by_role("button", name="Play A")).to_be_enabled()

    page.keyboard.press("a")
    expect(page.get_by_role("button", name="Pause A")).to_be_visible()
    page.keyboard.press(" ")
    expect(page.get_by_role("button", name="Play A")).to_be_visible()
    page.keyboard.press(" ")

    expect(page.locator(".player[data-side=a]")).to_have_class("player ready heard", timeout=20_000)


@with_long_pieces
def test_one_sound_plays_at_a_time(study, browse):
    page = browse(**DESKTOP)
    arrive(page, study)
    page.get_by_role("button", name="Play A").click()
    page.get_by_role("button", name="Play B").click()

    expect(page.get_by_role("button", name="Pause B")).to_be_visible()
    expect(page.get_by_role("button", name="Play A")).to_be_visible()


def test_a_refreshed_page_continues_where_it_was(study, browse):
    page = browse(**PHONE)
    arrive(page, study)
    with page.expect_response(lambda response: "/heard/" in response.url):
        page.get_by_role("button", name="Play A").click()
        expect(page.locator(".player[data-side=a]")).to_have_class("player ready heard")
    before = Presentation.objects.get()

    page.reload()

    expect(page.locator(".player[data-side=a]")).to_have_class("player ready heard")
    expect(page.get_by_role("button", name="I prefer A")).to_be_disabled()
    assert Presentation.objects.get().token == before.token


def test_a_connection_that_breaks_is_taken_up_again_where_it_broke(study, browse):
    page = browse(**DESKTOP)
    asked, body = [], {}

    def breaking(route):
        asked.append(route.request.headers.get("range"))
        if len(asked) > 1:
            return route.continue_()
        whole = route.fetch()
        body["size"] = len(whole.body())
        headers = {**whole.headers, "content-length": str(body["size"])}
        return route.fulfill(status=200, headers=headers, body=whole.body()[:20_000])

    page.route("**/listen/audio/*", breaking)
    arrive(page, study)
    listen(page)

    page.get_by_role("button", name="I prefer A").click()
    expect(page.get_by_text("Pair 2 of 3")).to_be_visible()
    assert f"bytes={20_000}-" in asked


def test_leaving_early_gives_a_code(study, browse):
    page = browse(**PHONE)
    arrive(page, study)
    page.get_by_text("Leave early").click()
    picture(page, "phone-5-leaving")
    page.get_by_role("button", name="Leave now").click()

    expect(page.locator("#code")).to_have_text(Session.objects.get().completion_code)
    assert Session.objects.get().state == "left"


def test_nothing_moves_between_loading_and_the_vote(study, browse):
    page = browse(**PHONE)
    page.add_init_script(
        "window.moved = 0; new PerformanceObserver((list) => { for (const e of list.getEntries())"
        " if (!e.hadRecentInput) window.moved += e.value; }).observe({type: 'layout-shift', buffered: true});"
    )
    arrive(page, study)
    listen(page)
    expect(page.get_by_role("button", name="I prefer A")).to_be_enabled()

    assert page.evaluate("window.moved") < 0.01
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
