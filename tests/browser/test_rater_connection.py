"""Bad connections, reloads, the back button, a second tab, a night in between: the rater goes on where they were."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from listening.models import Playback, Presentation, Vote
from tests.browser.pages import DESKTOP, PHONE, arrive, listen, loaded, picture, player, study_of

pytestmark = pytest.mark.django_db(transaction=True)
CUT = "ERR_INTERNET_DISCONNECTED"
HINT = "No connection. Your answer is kept here and sent as soon as there is one."


@pytest.fixture
def study(db):
    return study_of()


def choose(page: Page, name: str = "I prefer A") -> None:
    page.get_by_role("button", name=name).click()


def second(page: Page) -> None:
    expect(page.get_by_text("2 of 3")).to_be_visible()


def test_the_next_sounds_are_there_before_their_page_asks(study, browse):
    page = browse(**DESKTOP)
    asked = []
    page.on("request", lambda request: asked.append(request.url) if "/audio/" in request.url else None)
    arrive(page, study)
    expect(page.get_by_role("button", name="Play A")).to_be_enabled()
    while Playback.objects.filter(served__gt=0).count() < 4:
        page.wait_for_timeout(100)
    ahead = Presentation.objects.get(shown_at=None)
    own = page.eval_on_selector_all(".player", "all => all.map((one) => one.dataset.audio)")
    assert {url.removeprefix(page.url.split("/listen/")[0]) for url in asked[:2]} == set(own), "they come first"
    assert {url.rsplit("/", 1)[1] for url in asked[2:]} == set(ahead.playbacks.values_list("token", flat=True))
    served = ahead.first_served_at

    listen(page)
    answers = []
    page.on("response", lambda response: answers.append(response) if "/audio/" in response.url else None)
    choose(page)
    second(page)
    loaded(page)

    ahead.refresh_from_db()
    assert ahead.shown_at > served == ahead.first_served_at
    mine = [one for one in answers if one.url.rsplit("/", 1)[1] in ahead.playbacks.values_list("token", flat=True)]
    assert len(mine) == 2
    timings = page.evaluate(
        "performance.getEntriesByType('resource').filter((one) => one.name.includes('/audio/'))"
        ".slice(0, 2).map((one) => one.transferSize)"
    )
    assert timings == [0, 0], "they came from the browser's own store"


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
    choose(page)

    second(page)
    assert f"bytes={20_000}-" in asked


def test_sounds_that_cannot_come_say_so_and_come_when_there_is_a_connection(study, browse):
    browse.expected += [CUT]
    page = browse(**PHONE)
    page.goto(f"/listen/{study.slug}/")
    page.route("**/listen/audio/*", lambda route: route.abort("internetdisconnected"))
    page.locator("button[value=agree]").click()
    expect(player(page, "a").locator(".said")).to_have_text("Connection lost. Trying again …")
    picture(page, "connection-lost")

    page.unroute("**/listen/audio/*")
    page.evaluate("window.dispatchEvent(new Event('online'))")

    loaded(page)


def test_a_slow_connection_shows_how_far_it_is(study, browse):
    page = browse(**PHONE)
    slow = page.context.new_cdp_session(page)
    page.goto(f"/listen/{study.slug}/")
    slow.send("Network.enable")
    limits = {"offline": False, "latency": 20, "downloadThroughput": 24_000, "uploadThroughput": 24_000}
    slow.send("Network.emulateNetworkConditions", limits)
    page.locator("button[value=agree]").click()

    expect(page.get_by_text("%").first).to_be_visible()
    slow.send("Network.emulateNetworkConditions", {**limits, "downloadThroughput": -1, "uploadThroughput": -1})
    loaded(page)


def test_a_sound_that_is_gone_says_so_and_offers_a_way_on(study, browse):
    browse.expected += ["404"]
    page = browse(**PHONE)
    page.goto(f"/listen/{study.slug}/")
    page.route("**/listen/audio/*", lambda route: route.fulfill(status=404, body=""))
    page.locator("button[value=agree]").click()
    page.get_by_role("button", name="Try again").first.wait_for()
    page.unroute("**/listen/audio/*")

    page.get_by_role("button", name="Try again").first.click()

    loaded(page)


def test_a_vote_without_a_connection_is_kept_and_sent_when_there_is_one(study, browse):
    browse.expected += [CUT]
    page = browse(**PHONE)
    arrive(page, study)
    listen(page)
    page.wait_for_load_state("networkidle")
    page.context.set_offline(True)
    choose(page, "I prefer B")
    expect(page.get_by_role("status")).to_have_text(HINT)
    picture(page, "vote-offline")
    assert not Vote.objects.exists()

    page.context.set_offline(False)

    second(page)
    assert Vote.objects.get().choice == "b"


def test_a_vote_whose_answer_was_lost_counts_once_and_goes_on(study, browse):
    browse.expected += ["ERR_FAILED", "409"]
    page = browse(**PHONE)
    arrive(page, study)
    listen(page)
    lost = []

    def lose_the_first_answer(route):
        if lost:
            return route.continue_()
        lost.append(route.fetch(max_redirects=0))
        return route.abort()

    page.route("**/vote/", lose_the_first_answer)
    choose(page)

    second(page)
    assert Vote.objects.count() == 1


def test_a_vote_that_was_given_before_a_reload_is_sent_after_it(study, browse):
    browse.expected += ["ERR_FAILED"]
    page = browse(**PHONE)
    arrive(page, study)
    listen(page)
    page.route("**/vote/", lambda route: route.abort())
    choose(page, "I prefer B")
    expect(page.get_by_role("status")).to_have_text(HINT)
    page.unroute("**/vote/")

    page.reload()

    second(page)
    assert Vote.objects.get().choice == "b"


def test_a_server_that_is_away_for_a_moment_gets_the_vote_later(study, browse):
    browse.expected += ["503"]
    page = browse(**PHONE)
    arrive(page, study)
    listen(page)
    tries = []

    def restarting(route):
        tries.append(1)
        return route.fulfill(status=503, body="") if len(tries) == 1 else route.continue_()

    page.route("**/vote/", restarting)
    choose(page)

    second(page)
    assert Vote.objects.count() == 1


def test_a_refreshed_page_continues_where_it_was(study, browse):
    page = browse(**PHONE)
    arrive(page, study)
    with page.expect_response(lambda response: "/heard/" in response.url):
        listen(page, "a")
    before = Presentation.objects.get(shown_at__isnull=False)

    page.reload()

    expect(player(page, "a")).to_contain_class("heard")
    expect(page.get_by_role("button", name="I prefer A")).to_be_disabled()
    assert Presentation.objects.get(shown_at__isnull=False) == before


def test_the_back_button_leads_to_the_open_trial(study, browse):
    page = browse(**PHONE)
    arrive(page, study)
    listen(page)
    choose(page)
    second(page)
    page.go_back()
    loaded(page)

    second(page)


def test_a_vote_in_a_second_tab_says_that_the_first_counts_and_leads_on(study, browse, accessible):
    browse.expected += ["409"]
    one = browse(**DESKTOP)
    arrive(one, study)
    other = one.context.new_page()
    other.goto(f"/listen/{study.slug}/trial/")
    loaded(other)
    listen(one)
    listen(other)
    choose(one, "I prefer A")
    second(one)
    choose(other, "I prefer B")

    expect(other.get_by_role("heading")).to_have_text("Your answer is stored already")
    accessible(other)
    picture(other, "second-tab")
    other.get_by_role("link", name="Continue").click()
    second(other)
    assert Vote.objects.get().choice == "a"


def overnight() -> None:
    """Moves what is open eleven hours into the past: every lease has run out."""
    night = timedelta(hours=11)
    for shown in Presentation.objects.filter(state="claimed"):
        shown.claimed_at, shown.leased_until = shown.claimed_at - night, timezone.now() - night
        shown.shown_at = shown.shown_at and shown.shown_at - night
        shown.first_served_at = shown.first_served_at and shown.first_served_at - night
        shown.save()


def test_the_next_morning_the_open_tab_still_takes_the_vote(study, browse):
    page = browse(**DESKTOP)
    arrive(page, study)
    listen(page)
    overnight()
    choose(page)

    second(page)
    assert Presentation.objects.get(vote__isnull=False).state == "voted"


def test_the_next_morning_a_reload_continues_with_the_same_trial(study, browse):
    page = browse(**DESKTOP)
    arrive(page, study)
    before = Presentation.objects.get(shown_at__isnull=False)
    overnight()
    page.reload()
    loaded(page)

    assert page.locator("[name=pair]").input_value() == before.token
    listen(page)
    choose(page)
    second(page)


def test_the_next_morning_what_others_have_filled_makes_room_for_another_trial(browse):
    study = study_of(votes_per_trial=1, prompts=4)
    page = browse(**DESKTOP)
    arrive(page, study)
    page.wait_for_load_state("networkidle")
    overnight()
    before = Presentation.objects.get(shown_at__isnull=False)
    before.trial.votes_people = 1
    before.trial.save()
    page.reload()
    loaded(page)

    assert page.locator("[name=pair]").input_value() != before.token
    listen(page)
    choose(page)
    second(page)
