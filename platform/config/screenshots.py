"""Pictures of real pages for the documentation, from a demo that is running."""

from __future__ import annotations

import os
import re
import shutil
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from config.demo import password_of

ROOT = Path(__file__).resolve().parents[2]
IMAGES = ROOT / "docs" / "images"
# A browser that talks to nobody but this machine.
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def main() -> None:
    address = (sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000").rstrip("/")
    browser_path = shutil.which("chromium") or sys.exit("chromium is missing: apt install chromium")
    IMAGES.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=QUIET)
        page = browser.new_page(viewport={"width": 1280, "height": 860}, device_scale_factor=1.5)
        _log_in(page, address)
        results = _researcher(page, address)
        phone = browser.new_page(viewport={"width": 390, "height": 844}, device_scale_factor=2, is_mobile=True)
        _rater(phone, results.replace("/studies/", "/listen/"))
        browser.close()


def _log_in(page: Page, address: str) -> None:
    data = Path(os.environ.get("AUDIONESE_DATA") or ROOT / ".data")
    page.goto(f"{address}/admin/login/?next=/studies/")
    page.fill("[name=username]", "demo")
    page.fill("[name=password]", password_of(data))
    page.press("[name=password]", "Enter")
    page.wait_for_url(re.compile("/studies/$"))


def _researcher(page: Page, address: str) -> str:
    """The study's page, its whole length, and the admin; the address of the newest study."""
    page.screenshot(path=IMAGES / "studies.png")
    page.locator("main a[href^='/studies/']").first.click()
    page.wait_for_load_state("networkidle")
    results = page.url
    page.screenshot(path=IMAGES / "results.png")
    page.screenshot(path=IMAGES / "results-whole.png", full_page=True, scale="css")
    page.goto(f"{address}/admin/studies/study/")
    page.locator("#result_list tbody th a").first.click()
    page.wait_for_load_state("networkidle")
    page.screenshot(path=IMAGES / "admin-study.png")
    page.goto(f"{address}/admin/listening/listeningtest/")
    page.locator("#result_list tbody th a").first.click()
    page.screenshot(path=IMAGES / "admin-listening-test.png")
    page.get_by_role("link", name="Raters").click()
    page.get_by_role("link", name="Simulated raters").click()
    page.screenshot(path=IMAGES / "admin-raters.png")
    return results


def _rater(page: Page, address: str) -> None:
    page.goto(address)
    page.screenshot(path=IMAGES / "listen-consent.png")
    page.get_by_role("button").first.click()
    page.wait_for_load_state("networkidle")
    page.get_by_role("button").first.click()  # what counts, and what a voice in a clip means
    page.locator(".player.ready").nth(1).wait_for()
    page.wait_for_load_state("networkidle")
    page.screenshot(path=IMAGES / "listen-trial.png")


if __name__ == "__main__":
    main()
