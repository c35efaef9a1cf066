"""Figures: what each shows, rests on, and lets one take along."""

from __future__ import annotations

import csv
import io
import itertools
import json
import re
from xml.etree import ElementTree

import pytest
from django.urls import reverse

from results import drawing
from results.figures import FIGURES, style
from results.figures.style import ACCENT
from results.opened import Opened
from results.tabs import TABS
from tests import factories


def fetch(reader, study, name: str, form: str, query: str = ""):
    return reader.get(reverse("results:figure", args=[study.slug, name, form]) + query)


def test_every_figure_is_drawn_wide_and_narrow(voted, reader):
    for name, query in itertools.product(FIGURES, ("", "?narrow")):
        response = fetch(reader, voted, name, "svg", query)
        drawn = response.content.decode()
        assert response["Content-Type"] == "image/svg+xml", name
        assert ElementTree.fromstring(drawn).tag.endswith("svg"), name  # noqa: S314 (our own)
        assert "prefers-color-scheme:dark" in drawn, name
        assert "NaN" not in drawn, name


def test_every_figure_is_what_vega_lite_takes(voted):
    page = Opened(voted)
    for figure, narrow in itertools.product(FIGURES.values(), (False, True)):
        figure.chart(figure.rows(page), narrow).to_dict(validate=True)


def test_every_figure_stands_on_a_tab(voted, reader):
    standing = set()
    for tab in TABS.values():
        shown = reader.get(reverse("results:tab", args=[voted.slug, tab.name])).content.decode()
        assert set(re.findall(r'id="figure-(\w+)"', shown)) == set(tab.figures), tab.name
        standing |= set(tab.figures)
    assert standing == set(FIGURES)


def test_what_it_rests_on_stands_in_what_is_taken_along(voted, reader):
    page = Opened(voted)
    for name, figure in FIGURES.items():
        source = figure.source(page, figure.rows(page))
        assert re.match(r"n = [\d,]+", source), name
        assert "seed" in source or "No interval" in source or "nothing is drawn" in source, name
        assert "left out" in source.lower(), name
        spec = json.loads(fetch(reader, voted, name, "json", "?download").content)
        assert " ".join(spec["title"]["subtitle"]) == source
        assert voted.name in spec["title"]["text"]


def test_votes_over_time_end_with_all_of_them(voted):
    page = Opened(voted)
    rows = FIGURES["arrivals"].rows(page)
    last = {row["arm"]: row["votes"] for row in rows}
    names = page.names
    told = page.results["preference"]

    assert last == {f"{names[pair['arm']]} over {names[pair['versus']]}": pair["votes"] for pair in told}
    for name in last:
        times = [row["at"] for row in rows if row["arm"] == name]
        assert times == sorted(times)


def test_sessions_of_simulated_raters_that_are_not_used_are_told(voted):
    assert "Nothing is left out." in FIGURES["preference"].source(Opened(voted), [])

    voted.rater_sessions.filter(pk=voted.rater_sessions.first().pk).update(used=False)

    for name in ("preference", "scatter", "agreement"):
        assert "Left out: 1 sessions of raters." in FIGURES[name].source(Opened(voted), [])


def test_the_numbers_are_those_of_the_picture(voted, reader):
    page = Opened(voted)
    for name, figure in FIGURES.items():
        rows = figure.rows(page)
        table = list(csv.DictReader(io.StringIO(fetch(reader, voted, name, "csv", "?download").content.decode())))
        assert len(table) == len(rows), name
        for shown, row in zip(table, rows, strict=True):
            assert {key: shown[key] for key in row} == {key: "" if v is None else str(v) for key, v in row.items()}


def test_a_picture_for_a_paper_is_light_titled_and_named(study, reader):
    for form, begins in (("svg", b"<svg"), ("png", b"\x89PNG"), ("pdf", b"%PDF")):
        response = fetch(reader, study, "gains", form, "?download")
        assert response.content.startswith(begins)
        assert response["Content-Disposition"] == f'attachment; filename="{study.slug}-gains.{form}"'
        if form == "svg":
            assert "prefers-color-scheme" not in response.content.decode()
            assert "What rewriting changes" in response.content.decode()


def test_there_is_no_figure_of_what_was_not_measured(study, reader):
    for name, form in (
        ("preference", "svg"),
        ("wins", "csv"),
        ("course", "json"),
        ("no-such", "svg"),
        ("gains", "exe"),
    ):
        assert fetch(reader, study, name, form).status_code == 404


def test_a_cell_is_no_formula(owner, reader):
    team = factories.team(owner)
    prompts = factories.prompt_set(team, test=1)
    prompts.prompts.filter(split="test").update(text="=1+1")
    study = factories.complete(factories.study(team, prompt_set=prompts))

    table = fetch(reader, study, "spread", "csv").content.decode()

    assert "'=1+1" in table
    assert ",=1+1" not in table


def test_the_renderer_is_served_once_and_for_good(reader):
    there = reverse("results:renderer", args=[drawing.renderer_version()])
    response = reader.get(there)

    assert "immutable" in response["Cache-Control"]
    assert b"vegaEmbed" in response.content
    assert reader.get(reverse("results:renderer", args=["0" * 16])).status_code == 404


def test_figures_carry_the_colours_that_pages_turn(study, reader):
    assert ACCENT in fetch(reader, study, "gains", "json").content.decode()
    shown = reader.get(reverse("results:tab", args=[study.slug, "alignment"])).content.decode()
    assert f"{ACCENT} {drawing.DARK[ACCENT]}" in shown


@pytest.mark.parametrize(("lines", "beside"), [(False, "shape"), (True, "strokeDash")])
def test_arms_beyond_the_last_colour_are_told_apart_by_more_than_colour(lines, beside):
    names = [f"arm {at}" for at in range(2 * len(style.ARMS) + 1)]

    channels = {name: channel.to_dict() for name, channel in style.apart(names, lines=lines).items()}

    looks = zip(*(map(str, channels[name]["scale"]["range"]) for name in ("color", beside)), strict=True)
    assert len(set(looks)) == len(names)
    assert style.apart(names[: len(style.ARMS)], lines=lines).keys() == {"color"}
