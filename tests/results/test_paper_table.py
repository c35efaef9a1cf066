"""The paper's table: our arms in its layout, its figures below, and what of them compares."""

from __future__ import annotations

import pytest
from django.urls import reverse

from results.opened import Opened
from results.tables import TABLES
from results.tables.paper import CLAP, LEAD, RELEVANCE
from results.templatetags.numbers import signed100


def rows(study, name: str = "paper") -> dict[str, dict]:
    made = TABLES[name](Opened(study))
    return {row["arm" if name == "paper" else "figure"]: row for row in made.rows}


def test_our_arms_stand_above_the_papers_figures(voted):
    found = rows(voted)

    assert [*found][:4] == ["original", "instruct", "instruct_feedback", "best_of_n"]
    assert [found[f"paper {end}"]["gain"] for end in ("least", "most")] == list(CLAP)
    assert [found[f"paper {end}"]["lead"] for end in ("least", "most")] == list(LEAD)
    assert [found[f"paper {end}"]["relevance_gain"] for end in ("least", "most")] == list(RELEVANCE)
    assert found["paper lost"]["bleu"] == 20


def test_our_figures_are_those_of_the_table_of_arms(voted):
    ours, arms = rows(voted)["instruct_feedback"], {row["arm"]: row for row in TABLES["arms"](Opened(voted)).rows}

    for name in ("clap", "gain", "bleu", "relevance"):
        assert ours[name] == arms["instruct_feedback"][name]
    assert ours["lead"] == pytest.approx(2 * arms["instruct_feedback"]["preferred"] - 1)
    low, high = arms["instruct_feedback"]["preferred_interval"]
    assert ours["lead_interval"] == pytest.approx([2 * low - 1, 2 * high - 1])


def test_it_says_what_compares_and_what_does_not(voted):
    found = rows(voted, "comparable")

    assert found["CLAP, Δ ×100"]["there"] == "+1.58 to +2.59"
    assert found["CLAP, Δ ×100"]["here"] == signed100(0.1)
    assert found["CLAP, Δ ×100"]["comparable"] == "sign, not size"
    assert "sealed sound world" in found["CLAP, Δ ×100"]["why"]
    assert found["Relevance, Δ points"]["here"] == "not measured"
    assert found["SacreBLEU"]["comparable"] == "yes"
    assert "programs voted" in found["Preference, Δ %"]["why"]


def test_nothing_is_compared_before_something_is_measured(voted):
    from studies.models import Score

    Score.objects.all().delete()
    assert not TABLES["paper"](Opened(voted)).rows
    assert not TABLES["comparable"](Opened(voted)).rows


def test_it_stands_on_the_summary_and_is_taken_along(voted, reader):
    shown = reader.get(reverse("results:study", args=[voted.slug])).content.decode()

    assert "In the paper&#x27;s layout" in shown or "In the paper's layout" in shown
    for name in ("paper", "comparable"):
        for form in ("tex", "csv", "md"):
            assert reverse("results:table", args=[voted.slug, name, form]) in shown
    taken = reader.get(reverse("results:table", args=[voted.slug, "paper", "md"])).content.decode()
    assert "arXiv 2311.00897" in taken and "+2.6" in taken
