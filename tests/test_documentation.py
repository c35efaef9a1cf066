"""What the documentation promises is there."""

import re
import struct
from pathlib import Path

import pytest

from config.screenshots import gallery

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
IMAGES = sorted((ROOT / "docs" / "images").glob("*.png"))

PICTURED = {name for shots in gallery.read((ROOT / "docs" / "pages.md").read_text()).values() for name in shots}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page):
    targets = re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text())
    assert [target for target in targets if not (page.parent / target).exists()] == []


@pytest.mark.parametrize("script", re.findall(r"script/\w+", (ROOT / "README.md").read_text()))
def test_every_script_of_the_readme_can_be_run(script):
    assert (ROOT / script).stat().st_mode & 0o111


def test_every_picture_stands_among_the_pages():
    assert {image.stem for image in IMAGES} == PICTURED, "run script/demo, then script/screenshots"


def test_what_the_script_takes_is_among_the_pages():
    sources = (path.read_text() for path in (ROOT / "platform" / "config" / "screenshots").glob("*.py"))
    named = {name for source in sources for name in re.findall(r'take\(\s*"([\w-]+)"', source)}
    assert len(named) > 50
    assert named <= PICTURED, "run script/screenshots with the group of the new pictures"


@pytest.mark.parametrize("image", IMAGES, ids=lambda image: image.name)
def test_pictures_are_sharp_and_small(image):
    content = image.read_bytes()
    width, height = struct.unpack(">II", content[16:24])
    assert content.startswith(b"\x89PNG")
    assert width >= 700 and height >= 700
    assert len(content) < 1_500_000
