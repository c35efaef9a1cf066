"""What comes before, between and after the trials, with a real browser: by finger and by keys."""

import pytest
from playwright.sync_api import Page, expect

from listening.actions.check_headphones import METHODS
from listening.models import HeadphoneCheck, Session
from tests.browser.pages import DARK, DESKTOP, PHONE, listen, loaded, picture, study_of

pytestmark = pytest.mark.django_db(transaction=True)
ASKED = [
    {"question": "Do you hear well with both ears?", "options": ["Yes", "No", "I am not sure"], "accepted": ["Yes"]},
    {"question": "How old are you?", "options": ["18 to 39", "40 or older"], "accepted": ["18 to 39", "40 or older"]},
]
EVERYTHING = {
    "qualification": ASKED,
    "headphones": "antiphase",
    "practice_trials": 1,
    "break_every": 2,
    "comment_asked": True,
}
devices = pytest.mark.parametrize(
    ("name", "device"),
    [("phone-dark", {**PHONE, **DARK}), ("desktop", DESKTOP)],
)
ROUND = ".rounds [data-sound]"


def begin(page: Page, study, query: str = "") -> None:
    page.goto(f"/listen/{study.slug}/{query}")
    page.locator("button[value=agree]").click()


def right() -> list[int]:
    """Interval 1..3 of each sound of the newest check."""
    check = HeadphoneCheck.objects.latest("pk")
    return [place + 1 for place in METHODS[check.method].answers(check.seed)]


def all_there(page: Page) -> None:
    expect(page.locator(ROUND)).to_have_count(6)
    expect(page.locator(f"{ROUND}:disabled")).to_have_count(0)


def check_by_finger(page: Page, turned: int = 0) -> None:
    """Answers every sound after it has begun to play; `turned` by so many places, and so wrongly."""
    all_there(page)
    for trial, place in enumerate(right(), 1):
        row = page.get_by_role("group", name=f"Sound {trial} of 6")
        row.get_by_role("button").click()
        row.get_by_role("radio", name=str((place - 1 + turned) % 3 + 1)).click()
    page.get_by_role("button", name="Done").click()


def vote(page: Page) -> None:
    loaded(page)
    listen(page)
    page.get_by_role("button", name="I prefer A").click()


@devices
def test_a_rater_meets_every_page_from_consent_to_thanks(browse, accessible, name, device):
    study = study_of(test={**EVERYTHING, "reward": "2.50"})
    page = browse(**device)
    shown = 0

    def seen(heading: str) -> None:
        nonlocal shown
        expect(page.get_by_role("heading", level=1)).to_have_text(heading)
        accessible(page)
        shown += 1
        picture(page, f"{name}-{shown}")

    page.goto(f"/listen/{study.slug}/?PROLIFIC_PID={name}")
    seen("A short listening test")
    page.locator("button[value=agree]").click()
    seen("A few questions before you begin")
    page.get_by_label("Yes").check()
    page.get_by_label("18 to 39").check()
    page.get_by_role("button", name="Continue").click()
    all_there(page)
    seen("Headphone check")
    check_by_finger(page, turned=1)
    seen("That was not quite it. You can try once more")
    page.get_by_role("button", name="Try again").click()
    all_there(page)
    check_by_finger(page)
    seen("First, some practice")
    page.get_by_role("button", name="Start the practice").click()
    vote(page)
    seen("Now it counts")
    page.get_by_role("button", name="Begin").click()
    vote(page)
    expect(page.get_by_text("2 of 3")).to_be_visible()
    vote(page)
    seen("You have done 2 of 3.")
    page.get_by_role("button", name="Continue").click()
    vote(page)
    seen("That was all. Thank you!")
    page.get_by_label("Is there anything you want to tell us?").fill("Good sounds.")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("Thank you for your comment.")).to_be_visible()
    accessible(page)

    session = Session.objects.get()
    expect(page.locator("#code")).to_have_text(session.completion_code)
    assert (session.state, session.comment, session.breaks) == ("complete", "Good sounds.", 1)


def test_the_headphone_check_needs_keys_alone(browse):
    study = study_of(test={"headphones": "huggins"})
    page = browse(**DESKTOP)
    begin(page, study)
    all_there(page)
    page.keyboard.press("1")
    expect(page.locator(".rounds :checked")).to_have_count(0)

    for trial, place in enumerate(right(), 1):
        page.keyboard.press(" ")
        expect(page.get_by_role("button", name=f"Stop sound {trial}")).to_be_visible()
        page.keyboard.press(str(place))
        expect(page.locator(".rounds :checked")).to_have_count(trial)
    page.keyboard.press("Enter")

    loaded(page)
    assert HeadphoneCheck.objects.get().passed


def test_a_sound_shows_which_interval_is_heard(browse):
    study = study_of(test={"headphones": "antiphase"})
    page = browse(**DESKTOP)
    begin(page, study)
    all_there(page)
    page.get_by_role("button", name="Play sound 2").click()

    for interval in "123":
        expect(page.locator(".interval.sounding")).to_have_text(interval)
    expect(page.locator(".interval.sounding")).to_have_count(0)
    picture(page, "headphones-heard")


def test_what_is_missing_is_said_and_not_sent(browse):
    study = study_of(test={"headphones": "antiphase"})
    page = browse(**PHONE)
    begin(page, study)
    all_there(page)
    page.get_by_role("button", name="Done").click()

    expect(page.get_by_role("status")).to_have_text("Please play all six sounds and choose an answer for each.")
    expect(page.get_by_role("button", name="Play sound 1")).to_be_focused()
    assert HeadphoneCheck.objects.get().answered_at is None


def test_a_sound_that_does_not_arrive_can_be_asked_for_again(browse):
    study = study_of(test={"headphones": "antiphase"})
    page = browse(**DESKTOP)
    browse.expected.append("Failed to load resource")
    broken = page.context
    broken.route("**/1.wav", lambda route: route.abort())
    begin(page, study)
    again = page.get_by_role("button", name="The sound did not arrive. Press to try again.")
    expect(again).to_be_enabled()  # after it was tried a few times

    broken.unroute("**/1.wav")
    again.click()

    expect(page.get_by_role("button", name="Play sound 1")).to_be_visible()


def test_the_back_button_leads_to_the_page_that_comes_now(browse):
    study = study_of(test={"qualification": ASKED})
    page = browse(**DESKTOP)
    begin(page, study)
    page.get_by_label("Yes").check()
    page.get_by_label("40 or older").check()
    page.get_by_role("button", name="Continue").click()
    loaded(page)

    page.go_back()

    expect(page.locator("#trial")).to_be_visible()


@devices
def test_whoever_is_not_looked_for_reads_so_kindly(browse, accessible, name, device):
    study = study_of(test={"qualification": ASKED})
    page = browse(**device)
    begin(page, study, "?workerId=w1&assignmentId=a1")
    page.get_by_label("No", exact=True).check()
    page.get_by_label("18 to 39").check()
    page.get_by_role("button", name="Continue").click()

    expect(page.get_by_role("heading")).to_have_text("Thank you for coming. This test needs other listeners")
    accessible(page)
    picture(page, f"{name}-screened")


@devices
def test_voices_are_announced_before_they_are_heard(browse, accessible, name, device):
    study = study_of(seconds=3.0, test={"traps_per_ten": 1, "session_minutes": 45})
    page = browse(**device)
    begin(page, study)

    expect(page.get_by_text("a voice asks you for a certain answer")).to_be_visible()
    accessible(page)
    picture(page, f"{name}-voices")


@devices
def test_mechanical_turks_frame_leads_to_a_tab_of_its_own(browse, accessible, name, device):
    study = study_of()
    page = browse(**device)
    submit = "https://workersandbox.mturk.com"
    page.goto(f"/listen/{study.slug}/mturk/?workerId=w1&assignmentId=a1&hitId=h1&turkSubmitTo={submit}")
    accessible(page)
    picture(page, f"{name}-mturk")
    sent = []

    def taken(route) -> None:
        sent.append(route.request.post_data)
        route.fulfill(status=200, body="Thank you.")

    page.route(f"{submit}/**", taken)
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Begin in a new tab").click()
    expect(opened.value.get_by_role("button", name="I agree")).to_be_visible()

    page.get_by_label("Enter the code").fill("ABCDEFGH23")
    page.get_by_role("button", name="Submit").click()

    expect(page.get_by_text("Thank you.")).to_be_visible()
    assert sent == ["assignmentId=a1&code=ABCDEFGH23"]


FRAME = "https://worker.mturk.com/task"
US = "https://listen.example.org"


def frame(page: Page, path: str, live_server) -> None:
    """Opens the path of ours inside a page of Mechanical Turk's."""
    page.route(FRAME, lambda route: route.fulfill(body=f'<iframe src="{US}{path}"></iframe>', content_type="text/html"))
    page.route(f"{US}/**", lambda route: route.fulfill(response=route.fetch(url=live_server.url + path)))
    page.goto(FRAME)


def test_the_page_for_mechanical_turk_is_shown_in_its_frame(browse, live_server):
    study = study_of()
    browse.expected.append("stylesheet")  # the route above answers with the page alone
    page = browse(**DESKTOP)
    frame(page, f"/listen/{study.slug}/mturk/?assignmentId=ASSIGNMENT_ID_NOT_AVAILABLE", live_server)

    expect(page.frame_locator("iframe").get_by_text("Accept the task to begin.")).to_be_visible()


def test_no_other_page_is(browse, live_server):
    study = study_of()
    browse.expected += ["frame-ancestors", "X-Frame-Options", "chrome-error"]
    page = browse(**DESKTOP)
    frame(page, f"/listen/{study.slug}/", live_server)

    expect(page.frame_locator("iframe").get_by_role("button", name="I agree")).to_have_count(0)
    assert page.frames[1].url.startswith("chrome-error:")
