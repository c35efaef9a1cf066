"""A real browser: Debian's chromium through Playwright."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, sync_playwright

# Playwright's sync API runs an event loop in this thread, which Django takes for asynchronous code.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
]


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


def _missing(line: str) -> None:
    if os.environ.get("CI", "").lower() in ("1", "true"):
        pytest.fail(line, pytrace=False)
    pytest.skip(line)
