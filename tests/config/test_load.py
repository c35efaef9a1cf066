"""script/load: the figures are there, and nothing is lost, twice or too much."""

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from config.load import counting, pages
from listening.actions.open_trials import open_trials
from listening.models import Presentation, Trial
from tests import factories
from tests.listening.raters import consented, take_and_vote
from tests.servers import free

ROOT = Path(__file__).resolve().parents[2]
FIELDS = ("raters", "votes", "votes_per_s", "p50_ms", "p95_ms", "p99_ms", "errors", "lost", "duplicates", "overfilled")


def test_raters_are_driven_and_counted(tmp_path):
    """Eight raters for a few seconds: no figure is asserted, but that none is wrong."""
    environment = {k: v for k, v in os.environ.items() if k != "DATABASE_URL"}
    environment |= {"AUDIONESE_DATA": str(tmp_path / "data"), "DJANGO_SETTINGS_MODULE": "config.settings"}
    command = [sys.executable, "-m", "config.load", "--raters", "8", "--flat-out-raters", "4", "--seconds", "6"]

    done = subprocess.run(
        [*command, "--port", str(free()), "--json", tmp_path / "load.json"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=400,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    report = json.loads((tmp_path / "load.json").read_text())
    assert set(FIELDS) <= set(report) and set(FIELDS) <= set(report["flat_out"])
    assert report["raters"] == 8
    assert report["flat_out"]["votes"] > 10
    for row in (report, report["flat_out"]):
        assert [row[name] for name in ("errors", "lost", "duplicates", "overfilled")] == [0, 0, 0, 0]
        assert {"next trial", "sound", "vote"} <= set(report["flat_out"]["requests"])
    assert report["machine"]["cores"] == os.cpu_count()


@pytest.mark.parametrize("arguments", [["--raters", "0"], ["--raters", "many"], ["--seconds", "-1"]])
def test_what_is_no_number_of_raters_is_refused(arguments):
    done = subprocess.run([sys.executable, "-m", "config.load", *arguments], capture_output=True, text=True, cwd=ROOT)

    assert done.returncode == 2
    assert "a whole number above 0" in done.stderr


@pytest.fixture
def study(db):
    made = factories.complete(factories.study(votes_per_trial=2, trials_per_session=3))
    open_trials(study=made)
    return made


def test_a_vote_that_was_acknowledged_and_is_not_there_is_lost(study):
    kept = take_and_vote(consented(study)).presentation.token

    assert counting.lost(study, [kept]) == 0
    assert counting.lost(study, [kept, "gone"]) == 1


def test_a_vote_that_was_acknowledged_twice_is_a_duplicate(study):
    token = take_and_vote(consented(study)).presentation.token

    assert counting.duplicates(study, [token]) == 0
    assert counting.duplicates(study, [token, token]) == 1


def test_a_trial_beyond_its_votes_is_overfilled_and_so_is_one_that_miscounts(study):
    session = consented(study)
    take_and_vote(session), take_and_vote(session)
    assert counting.overfilled(study) == 0

    Trial.objects.filter(pk=Presentation.objects.first().trial_id).update(votes_people=0)
    assert counting.overfilled(study) == 1
    Trial.objects.filter(study=study, votes_people=1).update(votes_needed=1)
    Presentation.objects.filter(trial__votes_people=1).update(state="voted")
    assert counting.overfilled(study) == 1


def test_times_are_of_the_steady_state_and_errors_of_the_whole_run(study):
    requests = [
        {"request": "vote", "ms": ms, "status": 302, "error": "", "at": at} for at, ms in ((1, 900), (5, 10), (6, 30))
    ]
    requests.append({"request": "sound", "ms": 5, "status": 500, "error": "", "at": 1})

    row = counting.summary(study, counting.Told(requests, [(5, "x"), (20, "y")]), 3, 4, 8)

    assert (row["p50_ms"], row["votes_per_s"], row["votes"], row["lost"]) == (20.0, 0.25, 2, 2)
    assert row["what_went_wrong"] == dict(Counter({"sound: 500": 1})) and row["errors"] == 1


def test_the_page_is_read_as_a_browser_does():
    page = '<input name="pair" value="tok"><section data-audio="/a"></section><section data-audio="/b"></section>'

    assert (pages.pair(page), pages.sounds(page), pages.csrf(page)) == ("tok", ["/a", "/b"], "")
