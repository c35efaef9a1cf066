"""A real browser: Debian's chromium through Playwright."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.core.signals import request_finished, request_started
from playwright.sync_api import Browser, Error, Page, expect, sync_playwright

from config.screenshots.quiet import QUIET
from tests.browser import pages

# Playwright's sync API runs an event loop in this thread, which Django takes for asynchronous code.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
ARGUMENTS = ["--headless", *QUIET]
PATIENCE = 60_000  # milliseconds: a shared machine may be slow, and what never comes must still fail
expect.set_options(timeout=PATIENCE)  # else five seconds


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Without chromium the browser tests fail on CI, and are skipped, loudly, elsewhere."""
    if not Path(CHROMIUM).exists():
        _missing(f"BROWSER TESTS NOT RUN: no chromium at {CHROMIUM} (apt install chromium, or set CHROMIUM).")
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        except Error as error:
            _missing(f"BROWSER TESTS NOT RUN: {CHROMIUM} does not start: {error.message.splitlines()[0]}")
        yield browser
        browser.close()


@pytest.fixture
def browse(chromium, live_server) -> Iterator[Callable[..., Page]]:
    """Opens pages of a device, each a browser of its own; at the end no page may have logged an error.

    What a test breaks on purpose it names in `browse.expected`: parts of the lines that may be logged.
    """
    contexts, errors = [], []
    server = Busy()

    def open_page(**device) -> Page:
        context = chromium.new_context(base_url=live_server.url, **{"reduced_motion": "reduce", **device})
        context.set_default_timeout(PATIENCE)
        context.add_init_script(pages.SHIFTS)
        contexts.append(context)
        context.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        context.on("weberror", lambda error: errors.append(str(error.error)))
        return context.new_page()

    open_page.expected = []
    yield open_page
    for context in contexts:
        context.set_offline(False)
        for page in context.pages:
            page.wait_for_load_state("networkidle")
            # Closing a page makes it report once more: the server must not hear of it after the test's rows are gone.
            page.evaluate("() => { window.fetch = () => new Promise(() => {}); }")
        context.close()
    server.until_idle()
    assert [line for line in errors if not any(part in line for part in open_page.expected)] == []


class Busy:
    """Counts requests that the live server is at: those of pages that are gone may still hold the test's rows."""

    def __init__(self) -> None:
        self.requests = 0
        request_started.connect(self.more)
        request_finished.connect(self.fewer)

    def more(self, **_) -> None:
        self.requests += 1

    def fewer(self, **_) -> None:
        self.requests -= 1

    def until_idle(self, seconds: float = 30.0) -> None:
        stop, idle = time.monotonic() + seconds, 0
        while idle < 3 and time.monotonic() < stop:
            idle = idle + 1 if self.requests <= 0 else 0
            time.sleep(0.02)


@pytest.fixture
def accessible() -> Callable[[Page], None]:
    """Call it with a page: no fault under WCAG 2.2 AA, and nothing wider than the screen."""
    return pages.accessible


def _missing(line: str) -> None:
    if os.environ.get("CI", "").lower() in ("1", "true"):
        pytest.fail(line, pytrace=False)
    pytest.skip(line)
