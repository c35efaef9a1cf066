"""Browsers, and the pictures that they take."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.urls import Resolver404, resolve
from PIL import Image
from playwright.sync_api import Browser, Page

from accounts.models import User
from config.screenshots.gallery import NOWHERE, Shot
from studies.models import Study

IMAGES = Path(__file__).resolve().parents[3] / "docs" / "images"
WIDE: dict[str, Any] = {"viewport": {"width": 1280, "height": 860}}
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "is_mobile": True,
    "has_touch": True,
}
TALLEST = 1.9  # of a window's height: what is longer is cut, so that a picture can still be looked at
PATIENCE = 120_000  # milliseconds: the machine may be busy
BACKEND = "accounts.backend.ResearcherBackend"


class WrongPage(Exception):  # noqa: N818 - it says what came
    """Not what was to be pictured."""


class Camera:
    """A browser's page at the site."""

    def __init__(self, page: Page, studio: Studio) -> None:
        self.page, self.studio = page, studio
        page.set_default_timeout(PATIENCE)

    def go(self, path: str, status: int = 200) -> Page:
        """Raises WrongPage where the site answers with another status: that would be a picture of it."""
        there = self.studio.address + path
        answer = self.page.goto(there) or self.page.goto(there)  # a page that reloads itself meanwhile gives none
        if answer is None or answer.status != status:
            raise WrongPage(f"{path}: {answer and answer.status} instead of {status}")
        return self.page

    def take(self, name: str, path: str = "", *, status: int = 200, whole: bool = True) -> None:
        """Goes there, or stays. whole: what does not fit into the window too, as far as TALLEST."""
        if path:
            self.go(path, status)
        if not self.studio.wants(name):
            return
        self._settle()
        before = self.page.viewport_size or WIDE["viewport"]
        length = self.page.evaluate("document.documentElement.scrollHeight")
        if whole and length > before["height"]:
            self.page.set_viewport_size({**before, "height": int(min(length, TALLEST * before["height"]))})
            self._settle()  # figures further down come in
        self._store(name, self.page.screenshot(animations="disabled"))
        self.page.set_viewport_size(before)

    def take_all(self, pages: Mapping[str, str]) -> None:
        """Those that are wanted, each at its address. Raises WrongPage at the end, for all that could not be taken."""
        wrong = []
        for name in filter(self.studio.wants, pages):
            try:
                self.take(name, pages[name])
            except WrongPage as error:
                wrong.append(f"{name}: {error}")
        if wrong:
            raise WrongPage("\n".join(wrong))

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name).first.click()

    def _settle(self) -> None:
        self.page.wait_for_load_state("networkidle")
        self.page.wait_for_timeout(300)  # figures come in

    def _store(self, name: str, png: bytes) -> None:
        drawn = Image.open(io.BytesIO(png)).convert("RGB")
        drawn.quantize(256, dither=Image.Dither.NONE).save(IMAGES / f"{name}.png", optimize=True)
        self.studio.taken[name] = shot_of(self.page.url)
        sys.stdout.write(f"{name}\n")
        sys.stdout.flush()


def shot_of(url: str) -> Shot:
    path = urlsplit(url).path
    try:
        found = resolve(path)
    except Resolver404:
        return Shot(NOWHERE, path)
    return Shot(found.view_name, f"/{found.route}")


@dataclass
class Studio:
    """What a group of pictures is taken with. study: a complete one, with votes. names: those wanted; empty for all."""

    browser: Browser
    address: str
    study: Study
    names: frozenset[str] = frozenset()
    taken: dict[str, Shot] = field(default_factory=dict)

    def wants(self, name: str) -> bool:
        return not self.names or name in self.names

    def camera(self, *, user: User | None = None, **device: Any) -> Camera:
        """A browser of its own, at a desk unless a device is given. user: who is signed in there."""
        context = self.browser.new_context(**{**WIDE, **device})
        if user:
            context.add_cookies([{"name": "sessionid", "value": signed_in(user), "url": self.address}])
        return Camera(context.new_page(), self)

    def phone(self, **device: Any) -> Camera:
        return self.camera(**{**PHONE, **device})


def signed_in(user: User) -> str:
    """The key of a new session of the user's."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = BACKEND
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return session.session_key or ""


Group = Callable[[Studio], None]
