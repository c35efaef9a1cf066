"""A rater with a real browser: from the link over consent and every trial to the completion code."""

import pytest
from playwright.sync_api import Page, expect

from listening.models import Presentation, Session, Vote
from tests.browser.pages import DARK, DESKTOP, PHONE, arrive, listen, loaded, picture, player, study_of

pytestmark = pytest.mark.django_db(transaction=True)
LONG = 8.0  # seconds; long enough to be paused by a slow machine


@pytest.fixture
def study(request):
    return study_of(seconds=getattr(request, "param", 1.0))


with_long_pieces = pytest.mark.parametrize("study", [LONG], indirect=True)


@pytest.mark.parametrize(("name", "device"), [("phone", {**PHONE, **DARK}), ("desktop", DESKTOP)])
def test_a_rater_goes_from_the_link_to_the_completion_code(study, browse, accessible, name, device):
    page = browse(**device)
    page.goto(f"/listen/{study.slug}/?PROLIFIC_PID=p-{name}&STUDY_ID=s&SESSION_ID=v")
    picture(page, f"{name}-1-consent")
    page.get_by_role("button", name="I agree").click()

    for number in (1, 2, 3):
        expect(page.get_by_text(f"{number} of 3")).to_be_visible()
        loaded(page)
        expect(page.get_by_role("button", name="I prefer B")).to_be_disabled()
        if number == 1:
            picture(page, f"{name}-2-unheard")
        listen(page)
        expect(page.get_by_role("status")).to_have_text("Both heard. Now choose.")
        if number == 2:
            picture(page, f"{name}-3-heard")
        page.get_by_role("button", name="I prefer B").click()

    expect(page.get_by_role("heading")).to_have_text("That was all. Thank you!")
    accessible(page)
    picture(page, f"{name}-4-end")
    session = Session.objects.get()
    expect(page.locator("#code")).to_have_text(session.completion_code)
    assert session.state == "complete"
    assert list(Vote.objects.values_list("choice", flat=True)) == ["b"] * 3
    assert set(Presentation.objects.values_list("state", flat=True)) == {"voted"}


def test_the_keyboard_is_enough(study, browse):
    page = browse(**DESKTOP)
    arrive(page, study)
    page.keyboard.press("1")
    for key, letter in (("a", "a"), ("ArrowRight", "b")):
        page.keyboard.press(key)
        expect(player(page, letter)).to_contain_class("heard")
    page.keyboard.press("0")

    expect(page.get_by_text("2 of 3")).to_be_visible()
    assert Vote.objects.get().choice == "tie"


def test_single_keys_can_be_switched_off_and_stay_off(study, browse):
    page = browse(**DESKTOP)
    arrive(page, study)
    page.get_by_text("Keyboard").click()
    page.get_by_role("checkbox").uncheck()
    page.reload()
    loaded(page)

    page.keyboard.press("a")

    expect(page.get_by_role("button", name="Play A")).to_be_visible()
    page.get_by_text("Keyboard").click()
    expect(page.get_by_role("checkbox")).not_to_be_checked()


@with_long_pieces
def test_space_pauses_and_goes_on(study, browse):
    page = browse(**DESKTOP)
    arrive(page, study)

    page.keyboard.press("a")
    expect(page.get_by_role("button", name="Pause A")).to_be_visible()
    page.keyboard.press(" ")
    expect(page.get_by_role("button", name="Play A")).to_be_visible()
    page.keyboard.press(" ")

    expect(player(page, "a")).to_contain_class("heard")


@with_long_pieces
def test_one_sound_plays_at_a_time(study, browse):
    page = browse(**DESKTOP)
    arrive(page, study)
    page.get_by_role("button", name="Play A").click()
    page.get_by_role("button", name="Play B").click()

    expect(page.get_by_role("button", name="Pause B")).to_be_visible()
    expect(page.get_by_role("button", name="Play A")).to_be_visible()


@with_long_pieces
def test_what_is_played_twice_counts_once(study, browse):
    page = browse(**DESKTOP)
    arrive(page, study)
    page.get_by_role("button", name="Play A").click()
    page.wait_for_timeout(800)
    wave = player(page, "a").locator(".wave")
    for _ in range(4):  # back to the start, again and again
        wave.click(position={"x": 1, "y": 20})
        page.wait_for_timeout(800)
    page.keyboard.press(" ")

    expect(page.get_by_role("button", name="Play A")).to_be_visible()
    expect(player(page, "a")).not_to_contain_class("heard")


def test_leaving_early_gives_a_code(study, browse, accessible):
    page = browse(**PHONE)
    arrive(page, study)
    page.get_by_text("Leave early").click()
    accessible(page)
    picture(page, "phone-5-leaving")
    page.get_by_role("button", name="Leave now").click()

    expect(page.locator("#code")).to_have_text(Session.objects.get().completion_code)
    assert Session.objects.get().state == "left"


def test_pages_around_the_trials_are_accessible(study, browse, accessible):
    page: Page = browse(**PHONE)
    browse_errors_of_a_404(browse)
    for address in (f"/listen/{study.slug}/", f"/listen/{study.slug}/declined/", "/listen/no-such-test/"):
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            page.goto(address)
            accessible(page)


def browse_errors_of_a_404(browse) -> None:
    browse.expected.append("404 (Not Found)")
