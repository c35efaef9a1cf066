"""script/soak: five faults leave studies and votes as they would have been; and what went wrong would be told."""

import json
import os
import subprocess
import sys
from io import StringIO
from pathlib import Path
from types import SimpleNamespace

import psycopg
import pytest
from rich.console import Console

from config.processes import StartError
from config.soak import cluster, contents, studies
from config.soak.__main__ import empty
from config.soak.cluster import Cluster
from config.soak.conducting import Run, Struck
from config.soak.raters import Taken, checksum
from config.soak.showing import Showing
from config.soak.verdict import verdict
from listening import sounds
from listening.actions.open_trials import open_trials
from listening.models import Playback, Trial
from studies.models import Rewrite
from tests import factories
from tests.listening.raters import consented, take_and_vote

ROOT = Path(__file__).resolve().parents[2]
SEED = 7  # worker, broker, web server and clock; and a disk so full that PostgreSQL goes down


@pytest.fixture
def environment(settings):
    """A data folder that its PostgreSQL can reach: pytest makes tmp_path private again whenever it starts somewhere."""
    without = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "CELERY_BROKER_URL")}
    return without | {"AUDIONESE_DATA": str(settings.DATA / "soak")}


def test_studies_survive_five_faults_with_nothing_lost_and_nothing_twice(environment, tmp_path):
    report = tmp_path / "soak.json"

    done = subprocess.run(
        [sys.executable, "-m", "config.soak", "--faults", "5", "--seed", str(SEED), "--json", report],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=1500,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    told = json.loads(report.read_text())
    assert told["held"] and len(told["faults"]) == 5
    assert all(one["seconds"] is not None for one in told["faults"])
    assert told["disturbed"]["studies"] >= 2 and told["disturbed"]["votes"] > 20
    struck = {one["fault"] for one in told["faults"]}
    assert len(struck) == 5, "five different ones"
    assert {"worker", "broker", "web server"} < struck


@pytest.mark.parametrize("arguments", [["--faults", "0"], ["--faults", "many"], ["--broker", "none"]])
def test_what_cannot_be_asked_for_is_refused(arguments):
    done = subprocess.run([sys.executable, "-m", "config.soak", *arguments], capture_output=True, text=True, cwd=ROOT)

    assert done.returncode == 2 and "error: argument" in done.stderr


def test_a_data_folder_that_holds_anything_else_is_left_alone(tmp_path):
    (tmp_path / "thesis.tex").touch()

    with pytest.raises(StartError, match="AUDIONESE_SOAK_DATA"):
        empty(tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["thesis.tex"]


def test_a_data_folder_of_an_earlier_soak_is_made_anew(tmp_path):
    empty(tmp_path / "data")
    (tmp_path / "data" / "postgres").mkdir()

    empty(tmp_path / "data")
    assert not (tmp_path / "data" / "postgres").exists()


def test_a_database_that_hangs_in_its_recovery_is_restarted(monkeypatch):
    stopped = []

    def execute(statement: str) -> None:
        if not stopped:
            raise psycopg.OperationalError("the database system is not yet accepting connections")

    hanging = Cluster.__new__(Cluster)
    hanging.server, hanging.log = SimpleNamespace(ensure_postgres_running=lambda: None), Path("log")
    hanging.execute, hanging.stop = execute, lambda: stopped.append(True)
    monkeypatch.setattr(cluster, "STUCK", 0.0)

    hanging.start()

    assert stopped == [True]
    stopped.clear()
    hanging.stop = lambda: None
    monkeypatch.setattr(cluster, "PATIENCE", 0.5)
    with pytest.raises(StartError, match="not yet accepting"):
        hanging.start()


def test_a_log_has_a_line_for_every_fault_and_each_part():
    log = Console(file=StringIO(), width=120)
    with Showing(log, 2) as showing:
        showing.turns("Workers start …")
        showing.struck(Struck("worker", "kill -9 of worker-1 and its pool", 12.0, 7.5))
        showing.struck(Struck("disk", "the disk filled", 30.0, None))

    assert log.file.getvalue().splitlines() == [
        "Workers start …",
        "1 of 2, at 12.0 s: kill -9 of worker-1 and its pool; whole again after: 7.5 s",
        "2 of 2, at 30.0 s: the disk filled; whole again after: never",
    ]


# What is counted afterwards


@pytest.fixture
def study(db):
    made = factories.complete(factories.study(votes_per_trial=2, trials_per_session=3))
    open_trials(study=made)
    return made


def taken(vote) -> Taken:
    """As the rater who gave this vote was told."""
    chosen = Playback.objects.get(presentation=vote.presentation, letter=vote.choice)
    return Taken("rater", vote.presentation.trial.study.slug, vote.presentation.token, checksum(sounds.wav(chosen)))


def test_votes_that_are_there_as_they_were_told_are_nothing_to_tell(study):
    told = taken(take_and_vote(consented(study)))

    assert not any(contents.told_and_there([told]).values())


def test_a_vote_that_was_told_and_is_not_there_is_lost(study):
    told = taken(take_and_vote(consented(study)))

    assert contents.told_and_there([told, told._replace(token="gone")])["lost"] == ["gone"]


def test_a_vote_that_nobody_was_told_of_or_twice_or_otherwise_is_found(study):
    told = taken(take_and_vote(consented(study)))

    assert contents.told_and_there([])["nobody was told of"] == [told.token]
    assert contents.told_and_there([told, told._replace(rater="x")])["told twice"] == [told.token]
    assert contents.told_and_there([told._replace(winner="other")])["with another answer"] == [told.token]


def test_a_trial_that_counts_wrongly_or_has_too_many_votes_is_found(study):
    take_and_vote(consented(study))
    assert contents.overfilled() == []

    Trial.objects.filter(votes_people=1).update(votes_people=0)
    assert len(contents.overfilled()) == 1


def test_a_row_that_failed_or_was_left_is_found(study):
    assert contents.unfinished() == []

    Rewrite.objects.filter(pk=Rewrite.objects.first().pk).update(state="failed", error="OperationalError: away")
    assert "OperationalError: away" in contents.unfinished()[0]


# The verdict

NOTHING: dict[str, list[str]] = {"lost": [], "nobody was told of": [], "told twice": [], "with another answer": []}


def run(**changes) -> Run:
    made = {"files": {("a.flac", "1")}, "scores": {("s", 0.5)}}
    names = {studies.name(n) for n in range(2)}
    left = {
        "made": made,
        "counts": {"clips": 1},
        "unfinished": [],
        "votes": {name: {("rater", "rain", "instruct", "original")} for name in names},
        "told": NOTHING,
        "overfilled": [],
        "results": [{"study": name, "votes": 1} for name in sorted(names)],
    }
    return Run(2, struck=[Struck("disk", "full", 1.0, 2.0)], left=left | changes)


def broken_promises(broken: Run, whole: Run) -> list[str]:
    return [line.promise for line in verdict(broken, whole) if line.wrong]


def test_two_equal_runs_keep_every_promise():
    assert broken_promises(run(), run()) == []


def test_a_recovery_that_did_not_come_is_no_recovery():
    broken = run()
    broken.struck.append(Struck("web server", "killed", 3.0, None))

    assert broken_promises(broken, run()) == ["everything works again after every fault"]


def test_an_error_that_a_rater_met_is_told():
    broken = run()
    broken.wrong["vote/: 500"] = 1

    assert broken_promises(broken, run()) == ["nobody met an error, but for 503 with Retry-After"]


LOST = {**NOTHING, "lost": ["token"]}
FEWER = {"soak-0": set(), "soak-1": {("rater", "rain", "instruct", "original")}}
OTHER = {"soak-0": {("rater", "rain", "instruct", "original")}, "soak-1": {("else", "rain", "original", "instruct")}}


@pytest.mark.parametrize(
    ("change", "promise"),
    [
        ({"made": {"files": {("a.flac", "2")}, "scores": {("s", 0.5)}}}, "the same files, byte for byte"),
        ({"made": {"files": {("a.flac", "1")}, "scores": set()}}, "the same scores, byte for byte"),
        ({"counts": {"clips": 2}}, "as many rows of everything: nothing is there twice"),
        ({"unfinished": ["clip 1: failed"]}, "no work failed, and none is left"),
        ({"told": LOST}, "no vote is lost"),
        ({"overfilled": ["trial 1"]}, "no trial has more votes than it needs"),
        ({"votes": FEWER}, "the same votes where everybody heard everything"),
        ({"results": [{"study": "soak-0", "votes": 2}, {"study": "soak-1", "votes": 1}]}, "the same results"),
    ],
)
def test_what_differs_breaks_its_promise(change, promise):
    assert broken_promises(run(**change), run()) == [promise]


def test_who_came_first_to_scarce_places_may_differ_and_how_many_may_not():
    assert broken_promises(run(votes=OTHER), run()) == []

    fewer = run(votes=OTHER | {"soak-1": set()})
    assert broken_promises(fewer, run()) == ["as many votes where raters contended for places"]
