"""No page needs what the policy forbids: every page of the site, opened in a browser that reports violations."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.config import access_world
from tests.config.access_table import TABLE
from tests.config.test_access_table import KNOWN, address, filled

pytestmark = pytest.mark.django_db(transaction=True)
REPORT = """document.addEventListener("securitypolicyviolation", (event) =>
  console.error(`POLICY ${event.effectiveDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`));"""
# What a page asks for, or what is saved; and addresses that only lead on.
PROBES = ("healthz", "readyz", "metrics")  # of machines, answered before any page
NO_PAGE = re.compile(r"csv|favicon|download|\.tex|\.flac|/audio/|/renderer-|\.wav|autocomplete|jsi18n|schema")
LEADS_ON = ("/admin/", "home")
RATERS = ("listening:", "panel:")


@pytest.fixture
def world():
    return access_world.build()


@pytest.fixture
def visit(chromium, live_server):
    """A page in somebody's browser; what it logged as an error is in `visit.said`."""
    contexts = []

    def open_page(world, role: str) -> Page:
        context = chromium.new_context(base_url=live_server.url, reduced_motion="reduce")
        contexts.append(context)
        context.add_init_script(REPORT)
        cookies = world.client(role).cookies.items()
        context.add_cookies([{"name": name, "value": one.value, "url": live_server.url} for name, one in cookies])
        context.on("console", lambda line: line.type == "error" and open_page.said.append(f"{page.url} {line.text}"))
        context.on("weberror", lambda error: open_page.said.append(f"{page.url} {error.error}"))
        page = context.new_page()
        return page

    open_page.said = []
    yield open_page
    for context in contexts:
        context.close()


def addresses(world, role: str) -> Iterator[str]:
    """Of every page that this role may open."""
    for name in KNOWN:
        if name in PROBES or name.startswith(LEADS_ON) or (name.startswith("api:") and name != "api:docs"):
            continue
        for row in TABLE[name]:
            if name.startswith(RATERS) == (role == "rater") and row.get[role] in ("ok", "done"):
                query = re.sub(r"\$([\w.]+)", lambda found: str(world.values[found[1]]), row.query)
                if not NO_PAGE.search(where := address(name, filled(row, world), query)):
                    yield where


@pytest.mark.parametrize("role", ["administrator", "rater"])
def test_no_page_breaks_the_policy(world, visit, role):
    page, opened = visit(world, role), 0
    for where in addresses(world, role):
        assert page.goto(where).headers["content-security-policy"], where
        opened += 1
    assert visit.said == []
    assert opened > (15 if role == "rater" else 80)


def test_what_pages_do_later_breaks_it_neither(world, visit):
    """Figures drawn and pointed at, the API tried, a date picked, a colour chosen."""
    page = visit(world, "administrator")
    page.goto("/plan/")
    place = page.locator("[data-figure]").first
    place.scroll_into_view_if_needed()
    expect(place.locator("svg").first).to_be_visible()
    _point_at(page, place)
    page.locator(".theme-toggle").click()
    page.goto("/api/v1/")
    page.locator(".opblock-summary").first.click()
    expect(page.locator(".opblock-body").first).to_be_visible()
    page.goto(f"/admin/accounts/apitoken/{world.values['token']}/change/")
    page.locator(".datetimeshortcuts a").first.click()
    page.goto(f"/admin/studies/study/{world.values['draft']}/change/")
    page.locator(".select2-selection").first.click()
    expect(page.locator(".select2-results")).to_be_visible()
    assert visit.said == []


def _point_at(page: Page, place: Locator) -> None:
    """All over a figure, until it tells of a point."""
    box, told = place.bounding_box(), page.locator("#vg-tooltip-element")
    for step in range(400):
        if told.count():
            return
        page.mouse.move(box["x"] + (step % 20 + 0.5) * box["width"] / 20, box["y"] + (step // 20) * box["height"] / 20)
    raise AssertionError("The figure tells of no point.")


def test_the_listener_hears_what_is_forbidden(visit, world, live_server):
    """Else the tests above would prove nothing."""
    page = visit(world, "administrator")
    page.goto("/login/")
    page.evaluate("document.head.append(Object.assign(document.createElement('style'), {textContent: 'a{}'}))")
    page.evaluate("document.body.append(Object.assign(document.createElement('script'), {textContent: '1'}))")
    page.evaluate("document.body.innerHTML += '<p style=color:red onclick=alert(1)>'")
    page.wait_for_function("true")
    refused = " ".join(visit.said)
    assert all(f"POLICY {part}" in refused for part in ("style-src-elem", "script-src-elem", "style-src-attr"))
