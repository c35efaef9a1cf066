"""Tables: what a page shows and what a paper takes along are the same numbers."""

from __future__ import annotations

import csv
import io
import re

import numpy as np
import pytest
from django.urls import reverse

from results.opened import Opened
from results.statistics import relative_intervals
from results.tables import TABLES
from results.tables.table import Column, Table
from results.tables.writing import comma_separated, latex, markdown
from studies.models import Arm


def fetch(reader, study, name: str, form: str):
    return reader.get(reverse("results:table", args=[study.slug, name, form]))


def rows_of(reader, study, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(fetch(reader, study, name, "csv").content.decode())))


@pytest.mark.parametrize("name", TABLES)
def test_every_table_is_taken_along_in_every_form(voted, reader, name):
    made = TABLES[name](Opened(voted))
    if name in ("ratings", "control"):  # preference alone was asked, and no control prompts are evaluated
        assert not made.rows and fetch(reader, voted, name, "tex").status_code == 404
        return
    tex, marked = (fetch(reader, voted, name, form).content.decode() for form in ("tex", "md"))
    for rule in ("\\toprule", "\\midrule", "\\bottomrule", f"\\label{{tab:{name}}}", "\\usepackage{booktabs}"):
        assert rule in tex
    # Every row has as many cells as there are columns, and what LaTeX would trip over is escaped.
    body = re.search(r"\\midrule\n(.*?)\n\\bottomrule", tex, re.DOTALL)[1].splitlines()
    assert len(body) == len(made.rows)
    for line in (*body, re.search(r"\\caption\{(.*)\}", tex)[1]):
        assert not re.search(r"(?<!\\)[%_#]", line), line
    assert {len(re.findall(r"(?<!\\)&", line)) for line in body} == {len(made.shown) - 1}
    assert not re.search("[−×–]", tex)
    assert marked.count("\n|") == len(made.rows) + 2 and voted.name in marked
    assert len(rows_of(reader, voted, name)) == len(made.rows)


def test_every_table_says_what_it_rests_on(voted, reader):
    made = {name: table for name, of in TABLES.items() if (table := of(Opened(voted))).rows}
    assert len(made) >= 9
    for name, table in made.items():
        assert re.match(r"n = [\d,]+ ", table.source), name
        assert "left out" in table.source.lower() and f"Study seed {voted.seed}." in table.source, name
        assert table.source in fetch(reader, voted, name, "md").content.decode(), name


def test_the_paper_s_table_has_its_columns(voted, reader):
    learned = next(row for row in rows_of(reader, voted, "arms") if row["name"] == "Instruct feedback")
    original = next(row for row in rows_of(reader, voted, "arms") if row["name"] == "Original")

    assert float(learned["gain"]) == pytest.approx(0.1)
    assert float(learned["relative"]) == pytest.approx(0.1 / float(original["clap"]), abs=1e-5)
    assert float(learned["relative_low"]) <= float(learned["relative"]) <= float(learned["relative_high"])
    assert 0 < float(learned["p_holm"]) <= 1
    assert 0 <= float(learned["preferred"]) <= 1 and learned["votes"].endswith("simulated")
    assert original["gain"] == original["p_holm"] == ""


def test_the_page_shows_what_the_file_holds(voted, reader):
    shown = reader.get(reverse("results:study", args=[voted.slug])).content.decode()
    row = re.search(r'<th scope="row">Instruct feedback</th>(.*?)</tr>', shown, re.DOTALL)[1]

    assert '<span class="up">+10.0</span>' in row
    relative = next(r for r in rows_of(reader, voted, "arms") if r["name"] == "Instruct feedback")["relative"]
    assert f"{100 * float(relative):+.1f}%" in row
    for form in ("tex", "csv", "md"):
        assert reverse("results:table", args=[voted.slug, "arms", form]) in shown


def test_names_that_mean_something_elsewhere_are_kept_from_it(study):
    Arm.objects.filter(study=study, key="instruct").update(name="=SUM(A1) 50% | a_b & {x}")
    made = TABLES["arms"](Opened(study))

    assert r"=SUM(A1) 50\% | a\_b \& \{x\}" in latex(made, "S")
    assert r"=SUM(A1) 50% \| a_b & {x}" in markdown(made, "S")
    assert "'=SUM(A1) 50% | a_b & {x}" in comma_separated(made, "S")


def test_a_gain_in_percent_is_a_ratio_of_means_with_the_draws_of_both():
    rng = np.random.default_rng(3)
    bases = rng.uniform(0.2, 0.5, (60, 1))
    gains = 0.1 * bases + rng.normal(0, 0.01, (60, 1))
    (found,) = relative_intervals(gains, bases)

    assert found.value == pytest.approx(gains.mean() / bases.mean())
    # The delta method, an approximation of its own, comes to nearly the same width.
    rest = (gains - found.value * bases) / bases.mean()
    assert found.high - found.low == pytest.approx(2 * 2.0 * rest.std(ddof=1) / np.sqrt(60), rel=0.06)


def test_no_percentage_is_told_of_a_base_that_is_not_above_zero():
    gains, bases = np.array([[0.1], [0.2]]), np.array([[-0.2], [0.1]])
    assert relative_intervals(gains, bases) == [None]
    (unsure,) = relative_intervals(gains, np.array([[-0.1], [0.3]]))
    assert unsure.interval is None and unsure.value == pytest.approx(1.5)


def test_long_tables_are_whole_in_files_and_short_on_pages():
    made = Table("t", "T", (Column("n", "N", form="count"),), [{"n": n} for n in range(250)])

    assert (len(list(made.lines)), made.unseen) == (100, 150)
    assert comma_separated(made, "S").count("\n") == 251
