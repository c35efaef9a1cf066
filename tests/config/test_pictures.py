"""Every page of the site is in the gallery of docs/pages.md, or says why it is not."""

from __future__ import annotations

from fnmatch import fnmatchcase
from pathlib import Path

from config.screenshots import gallery
from tests.config.access_addresses import PATTERNS
from tests.config.access_table import TABLE
from tests.config.unpictured import UNPICTURED

PAGES = gallery.read((Path(__file__).resolve().parents[2] / "docs" / "pages.md").read_text(encoding="utf-8"))
PICTURED = {shot.view for shots in PAGES.values() for shot in shots.values()} - {gallery.NOWHERE}
SHOWN = {name for name, rows in TABLE.items() if {"ok", "done"} & {said for row in rows for said in row.get.values()}}
TAKE = "take it in platform/config/screenshots, or give the reason in tests/config/unpictured.py"


def reasons(name: str) -> list[str]:
    return [pattern for pattern in UNPICTURED if fnmatchcase(name, pattern)]


def test_every_page_has_a_picture_or_a_reason():
    without = [f"{name} has no picture: {TAKE}" for name in sorted(SHOWN - PICTURED) if not reasons(name)]
    assert not without, "\n".join(["", *without])


def test_no_reason_is_given_for_nothing():
    needed = {pattern for name in SHOWN - PICTURED for pattern in reasons(name)}
    assert UNPICTURED.keys() - needed == set()


def test_every_picture_is_of_an_address_that_exists():
    assert PICTURED - PATTERNS.keys() == set()


def test_a_gallery_is_read_as_it_was_written():
    shots = {
        "admin-api-key": gallery.Shot("admin:accounts_apitoken_change", "/admin/accounts/apitoken/<path:object_id>/")
    }
    made = {"admin": shots, "trouble": {"not-found": gallery.Shot(gallery.NOWHERE, "/no/such/page/")}}
    text = gallery.written(made)

    assert gallery.read(text) == made
    assert "### Admin API key" in text
