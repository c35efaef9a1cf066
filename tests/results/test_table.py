"""Results in the terminal."""

import io

from rich.console import Console

from listening.actions.open_trials import open_trials
from listening.simulation import simulate
from results.summary import results_of
from results.table import render_table
from tests import factories


def printed(results: dict, width: int = 130) -> str:
    console = Console(width=width, file=io.StringIO())
    console.print(render_table(results))
    return console.file.getvalue()


def test_shows_arms_contrasts_preferences_and_notices(study):
    open_trials(study=study)
    simulate(study=study, raters=2, seed=1)

    shown = printed(results_of(study))

    assert "Instruct feedback" in shown
    assert "Instruct feedback − Original" in shown
    assert "+10.0" in shown
    assert "2 simulated" in shown
    assert "Simulated raters have voted" in shown


def test_shows_a_dash_for_what_was_not_measured(db):
    assert "–" in printed(results_of(factories.study()))


def test_names_with_brackets_are_names_and_not_styles(study):
    study.arms.filter(key="instruct").update(name="[bold]N[/]")

    assert "[bold]N[/]" in printed(results_of(study))
