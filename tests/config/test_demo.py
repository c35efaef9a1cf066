"""`script/demo`, the main job: the shipped study from nothing to results, again, and stopped by Ctrl-C."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request

import psutil
import pytest

from tests.servers import free

PATIENCE = 900  # seconds; the study itself takes two to three minutes on two idle cores


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return tmp_path_factory.mktemp("demo") / "data"


def demo(data, *arguments, **options):
    environment = {k: v for k, v in os.environ.items() if k != "DATABASE_URL"} | {"AUDIONESE_DATA": str(data)}
    command = [sys.executable, "-m", "config.demo", "--port", str(free()), *arguments]
    return subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options
    )


def run(data, *arguments) -> str:
    process = demo(data, *arguments)
    output, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, output
    return output


@pytest.fixture(scope="module")
def finished(data, tmp_path_factory):
    """Output and results of the first run."""
    path = tmp_path_factory.mktemp("results") / "results.json"
    return run(data, "--no-serve", "--json", str(path)), json.loads(path.read_text())


def test_the_results_have_the_shape_that_scripts_rely_on(finished):
    _, results = finished
    assert {"study", "seconds", "scorers", "arms", "contrasts", "votes"} <= results.keys()
    assert set(results["scorers"]) == {"feedback", "evaluation"}
    assert results["scorers"]["feedback"] != results["scorers"]["evaluation"]
    keys = {"arm", "prompts", "clips", "clap", "clap_interval", "bleu", "chrf", "kept_terms", "oracle"}
    assert all(keys <= arm.keys() for arm in results["arms"])
    assert [arm["arm"] for arm in results["arms"]] == [
        "original",
        "instruct",
        "instruct_icl",
        "instruct_feedback",
        "best_of_n",
    ]
    contrast = {"arm", "versus", "measure", "difference", "interval", "prompts"}
    assert all(contrast <= row.keys() for row in results["contrasts"])
    assert all(arm["prompts"] >= 80 and arm["clips"] == 4 * arm["prompts"] for arm in results["arms"])


@pytest.mark.parametrize("measure", ["clap", "oracle"])
@pytest.mark.parametrize(
    ("arm", "versus"),
    [("instruct", "original"), ("instruct_feedback", "instruct"), ("instruct_feedback", "original")],
)
def test_each_step_of_the_method_helps_on_prompts_that_nothing_has_seen(finished, arm, versus, measure):
    _, results = finished
    (row,) = [c for c in results["contrasts"] if (c["arm"], c["versus"], c["measure"]) == (arm, versus, measure)]
    assert row["interval"][0] > 0, row


def test_it_says_what_the_workers_did_with_their_time(finished):
    output, results = finished
    assert results["work"]["processes"] == (os.cpu_count() or 1) and 0 < results["work"]["share"] <= 1
    assert "of their time inside engine calls" in output


def test_no_row_failed(finished):
    output, results = finished
    assert results["status"] == "complete"
    assert "failed" not in output


def test_the_terminal_shows_each_step_the_table_and_the_addresses(finished):
    output, _ = finished
    for words in ("Rewrite prompts", "Make audio", "Score audio", "Fine-tune rewriters", "Rater link", "/listen/"):
        assert words in output


def test_running_it_again_reports_at_once_the_same_results(finished, data, tmp_path):
    _, results = finished
    output = run(data, "--no-serve", "--json", str(tmp_path / "again.json"))
    assert "Going on with" in output
    assert json.loads((tmp_path / "again.json").read_text())["arms"] == results["arms"]


def test_ctrl_c_stops_everything_it_started(finished, data):
    with demo(data, start_new_session=True) as process:
        lines = []
        for line in process.stdout:
            lines.append(line)
            if "Ctrl-C stops everything" in line:
                break
        address = next(word for line in lines for word in line.split() if "/listen/" in word)
        with urllib.request.urlopen(address, timeout=120) as answer:  # noqa: S310 - our own server
            assert answer.status == 200
        family = psutil.Process(process.pid).children(recursive=True)
        assert len(family) >= 4
        os.killpg(process.pid, signal.SIGINT)
        process.wait(timeout=120)
    assert not psutil.wait_procs(family, timeout=60)[1]
    time.sleep(0.5)
    assert not [p for p in psutil.process_iter(["cmdline"]) if str(data) in " ".join(p.info["cmdline"] or [])]


def test_a_port_in_use_ends_in_one_line(data):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = subprocess.run(
            [sys.executable, "-m", "config.demo", "--port", str(port)],
            env={**os.environ, "AUDIONESE_DATA": str(data)},
            capture_output=True,
            text=True,
        )
    assert done.returncode == 1
    assert done.stderr.strip() == f"Port {port} is in use: stop what listens there, or choose another with --port."


def test_a_prompt_file_with_faults_names_each_line_and_stores_nothing(finished, data, tmp_path):
    path = tmp_path / "own.csv"
    path.write_text("text\ncorporate video for my startup\n=cmd|' /C calc'!A0\n")
    process = demo(data, "--no-serve", "--prompts", str(path))
    output, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    assert "line 3" in output
    assert "--keep-good" in output


def test_an_unknown_recipe_lists_those_there_are(finished, data):
    process = demo(data, "--no-serve", "--study", "nothing-like-it")
    output, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    assert "published, sandbox, or a file" in output
