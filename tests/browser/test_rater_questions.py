"""Every kind of question, in a real browser: how it is answered, what it is held to on every screen."""

import pytest
from playwright.sync_api import Page, expect

from listening.models import Playback, Question, Vote
from tests.browser.pages import (
    CLIPS,
    DESKTOP,
    PHONE,
    arrive,
    listen,
    loaded,
    picture,
    player,
    rate,
    steady,
    study_of,
)

pytestmark = pytest.mark.django_db(transaction=True)
KINDS = sorted(CLIPS)
NARROW = {"width": 320, "height": 640}


def values() -> dict[str, float]:
    """What the one vote says of each clip."""
    return dict(Playback.objects.filter(presentation__vote__isnull=False).values_list("letter", "value"))


def answer(page: Page, kind: str) -> None:
    if kind in ("relevance", "quality", "mushra"):
        for one in page.locator(".slider").all():
            one.locator("[type=range]").press("PageUp")
    elif kind == "best_worst":
        page.get_by_role("radio", name="Best: B").check(force=True)
        page.get_by_role("radio", name="Worst: D").check(force=True)


@pytest.mark.parametrize("kind", KINDS)
def test_each_question_is_steady_and_accessible_on_every_screen(browse, accessible, kind):
    study = study_of(kind)
    Question.objects.update(both_bad=True)
    page = browse(**PHONE)
    arrive(page, study)
    accessible(page)
    listen(page)
    answer(page, kind)
    page.evaluate("document.activeElement.blur()")
    steady(page)
    for name, size in (("phone", PHONE["viewport"]), ("narrow", NARROW), ("desktop", DESKTOP["viewport"])):
        page.set_viewport_size(size)
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            accessible(page)
            picture(page, f"{kind}-{name}-{scheme}")


@pytest.mark.parametrize("kind", KINDS)
def test_text_of_twice_the_size_fits_and_targets_are_large(browse, kind):
    page = browse(viewport=PHONE["viewport"])
    arrive(page, study_of(kind))
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    picture(page, f"{kind}-large")
    page.evaluate("document.documentElement.style.fontSize = ''")
    page.set_viewport_size({"width": 640, "height": 400})  # a laptop's page, twice the size
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")

    page.set_viewport_size(PHONE["viewport"])
    boxes = page.locator("main :is(button, summary, .end, [type=range]):visible").all()
    assert min(min(box.bounding_box()["width"], box.bounding_box()["height"]) for box in boxes) >= 43.9


def test_both_bad_and_no_difference_are_there_where_they_are_offered(browse):
    study = study_of("preference")
    Question.objects.update(both_bad=True, ties=False)
    page = browse(**DESKTOP)
    arrive(page, study)
    listen(page)
    expect(page.get_by_role("button", name="No difference")).to_have_count(0)

    page.keyboard.press("9")

    expect(page.get_by_text("2 of 3")).to_be_visible()
    assert Vote.objects.get().choice == "bad"


@pytest.mark.parametrize(("key", "value"), [("1", -3.0), ("4", 0.0), ("6", 2.0)])
def test_a_comparison_has_seven_steps_on_seven_keys(browse, key, value):
    page = browse(**DESKTOP)
    arrive(page, study_of("cmos"))
    assert page.locator(".answer").count() == 7
    listen(page)

    page.keyboard.press(key)

    expect(page.get_by_text("2 of 3")).to_be_visible()
    assert values() == {"a": -value, "b": value}


@pytest.mark.parametrize("kind", ["relevance", "quality"])
def test_a_rating_has_no_value_before_it_is_given(browse, kind):
    page = browse(**DESKTOP)
    arrive(page, study_of(kind))
    slider, following = page.get_by_role("slider"), page.get_by_role("button", name="Next")
    expect(slider).to_be_disabled()
    page.keyboard.press(" ")
    expect(player(page, "a")).to_contain_class("heard")
    expect(slider).to_have_attribute("aria-valuetext", "not rated yet")
    expect(following).to_be_disabled()
    assert page.locator("[name=value_a]").input_value() == ""

    for key, stands in (("Home", "0"), ("PageUp", "10"), ("ArrowRight", "11"), ("End", "100"), ("ArrowDown", "99")):
        slider.press(key)
        expect(page.locator("output b")).to_have_text(stands)
    slider.press("Enter")

    expect(page.get_by_text("2 of 3")).to_be_visible()
    assert values() == {"a": 99}


def test_a_press_in_the_very_middle_of_the_scale_is_a_rating(browse):
    page = browse(**DESKTOP)
    arrive(page, study_of("quality"))
    listen(page)
    page.get_by_role("slider").click()

    expect(page.get_by_role("button", name="Next")).to_be_enabled()
    assert page.locator("[name=value_a]").input_value() == "50"


def test_several_sounds_switch_at_the_same_place_and_are_all_rated(browse):
    page = browse(**DESKTOP)
    arrive(page, study_of("mushra", seconds=4.5))
    page.keyboard.press("a")
    head = "[data-letter=a] .head"  # of 480: more than a third is played
    page.wait_for_function(
        f"() => parseFloat((document.querySelector('{head}').getAttribute('d') || 'M0').slice(1)) > 170"
    )
    page.keyboard.press("b")
    expect(page.get_by_role("button", name="Pause B")).to_be_visible()
    # The playhead's place, of 480: it went on from where the first sound was.
    head = player(page, "b").locator(".head").get_attribute("d")
    assert float(head[1:].split()[0]) > 480 / 3
    expect(player(page, "b")).to_contain_class("heard")  # it begins again at the end
    listen(page)

    following = page.get_by_role("button", name="Next")
    for letter, presses in zip("abcd", ("PageUp", "PageDown", "Home", "End"), strict=True):
        rate(page, letter, presses)
    expect(page.get_by_role("status")).to_have_text("Not rated yet: E")
    expect(following).to_be_disabled()
    rate(page, "e", "ArrowUp")
    following.click()

    expect(page.get_by_text("2 of 3")).to_be_visible()
    assert values() == {"a": 60, "b": 40, "c": 0, "d": 100, "e": 51}


def test_the_best_and_the_worst_are_two(browse):
    page = browse(**DESKTOP)
    arrive(page, study_of("best_worst"))
    for letter in "abcd":
        page.keyboard.press(letter)
        expect(player(page, letter)).to_contain_class("heard")
    page.keyboard.press("3")
    page.keyboard.press("7")  # C again, as the worst: it is not the best any more
    expect(page.get_by_role("radio", name="Best: C")).not_to_be_checked()
    expect(page.get_by_role("button", name="Next")).to_be_disabled()
    page.keyboard.press("1")
    expect(page.get_by_role("button", name="Next")).to_be_enabled()
    page.keyboard.press("Enter")

    expect(page.get_by_text("2 of 3")).to_be_visible()
    assert values() == {"a": 1, "b": 0, "c": -1, "d": 0}


@pytest.mark.parametrize("kind", ["mushra", "best_worst"])
def test_a_half_given_answer_survives_a_reload(browse, kind):
    page = browse(**PHONE)
    arrive(page, study_of(kind))
    listen(page)
    if kind == "mushra":
        rate(page, "b", "Home")
    else:
        page.get_by_role("radio", name="Worst: B").check(force=True)
    page.reload()
    loaded(page)

    if kind == "mushra":
        assert page.locator("[name=value_b]").input_value() == "0"
        assert page.locator("[name=value_a]").input_value() == ""
    else:
        expect(page.get_by_role("radio", name="Worst: B")).to_be_checked()


def test_practice_says_that_it_does_not_count(browse, accessible):
    study = study_of("preference", prompts=6, test={"practice_trials": 2})
    page = browse(**PHONE)
    page.goto(f"/listen/{study.slug}/")
    page.locator("button[value=agree]").click()
    page.get_by_role("button", name="Start the practice").click()
    loaded(page)

    expect(page.get_by_text("Practice: not counted")).to_be_visible()
    expect(page.get_by_text("1 of 2")).to_be_visible()
    accessible(page)
    picture(page, "practice-phone")


@pytest.mark.parametrize(
    ("locale", "question"), [("de-DE", "Wie gut ist jeder Klang?"), ("fr-FR", "Quelle est la qualité de chaque son ?")]
)
def test_the_page_speaks_the_browsers_language(browse, accessible, locale, question):
    page = browse(**PHONE, locale=locale)
    arrive(page, study_of("mushra"))

    assert page.locator("h1").inner_text().replace("\u202f", " ") == question
    assert page.locator("html").get_attribute("lang") == locale[:2]
    accessible(page)
    listen(page, "a")
    rate(page, "a", "Home")
    assert page.get_by_role("slider").first.get_attribute("aria-valuetext") in ("0, Schlecht", "0, Mauvais")
    picture(page, f"mushra-{locale[:2]}")
