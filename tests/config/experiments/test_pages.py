"""Every page of an experiment was made from its recipe as it stands."""

import re

import pytest
import yaml

from config.experiments.catalogue import EXPERIMENTS
from config.experiments.writing import DOCS, fingerprint
from studies import recipes

PAGES = DOCS / "experiments"
WRITTEN = sorted(page.stem for page in PAGES.glob("*.md") if page.read_text().startswith("---"))


def test_a_page_is_an_experiments():
    assert set(WRITTEN) <= set(EXPERIMENTS)


def front(name: str) -> dict:
    return yaml.safe_load((PAGES / f"{name}.md").read_text().split("---")[1])


@pytest.mark.parametrize("name", WRITTEN)
def test_a_page_was_made_from_its_recipes_as_they_stand(name):
    told = front(name)
    assert told["recipes"] == {each: fingerprint(recipes.load(each)) for each in EXPERIMENTS[name].recipes}, (
        f"the recipe has changed: run script/experiment {name}"
    )
    assert len(told["seeds"]) >= 2


@pytest.mark.parametrize("name", WRITTEN)
def test_a_page_says_what_held_and_shows_its_figures(name):
    page = (PAGES / f"{name}.md").read_text()
    assert re.search(r"^- \*\*(?:Held|Did not hold|Not told from chance)\.\*\*", page, re.M)
    pictures = re.findall(r"!\[.*\]\((.*\.svg)\)", page)
    assert pictures and all((PAGES / picture).exists() for picture in pictures)
    assert f"script/experiment {name}" in page


def test_no_picture_is_left_over():
    shown = {(PAGES / picture).resolve() for page in PAGES.glob("*.md")
             for picture in re.findall(r"\((\S+\.svg)\)", page.read_text())}  # fmt: skip
    assert shown == {path.resolve() for path in (DOCS / "images" / "experiments").glob("*.svg")}


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_its_recipes_are_shipped(name):
    assert set(EXPERIMENTS[name].recipes) <= set(recipes.names())
