"""What can go wrong when the processes of one machine start, each in one clear line."""

import socket
import subprocess
import sys
import time

import psutil
import pytest

from config.processes import Processes, StartError, free_port, wait_for_port, writable


def test_a_port_in_use_is_named_with_the_way_out():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(StartError, match=rf"Port {port} is in use.*--port"):
            free_port(port)


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(StartError, match="AUDIONESE_DATA"):
        writable(tmp_path / "file" / "data")


def test_a_process_that_ends_by_itself_is_reported_with_its_last_words(tmp_path):
    with Processes(tmp_path) as children:
        children.start("worker", "no_such_module_at_all")
        children.running["worker"].wait()
        with pytest.raises(StartError, match="No module named no_such_module_at_all"):
            children.check()


def test_waiting_for_a_port_ends_when_the_server_dies(tmp_path):
    with Processes(tmp_path) as children, pytest.raises(StartError, match="web process ended"):
        children.start("web", "no_such_module_at_all")
        wait_for_port(1, children, seconds=300)


def test_stopping_leaves_no_process_and_no_grandchild(tmp_path, monkeypatch):
    (tmp_path / "stubborn.py").write_text(
        "import signal, subprocess, sys, time\n"
        "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "print('up', flush=True)\n"
        "time.sleep(600)\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    children = Processes(tmp_path / "logs")
    children.start("stubborn", "stubborn")
    deadline = time.monotonic() + 120
    while "up" not in (tmp_path / "logs" / "stubborn.log").read_text() and time.monotonic() < deadline:
        time.sleep(0.05)
    family = psutil.Process(children.running["stubborn"].pid)
    members = [family, *family.children(recursive=True)]
    assert len(members) == 2
    children.stop()
    assert not psutil.wait_procs(members, timeout=60)[1]


IMPATIENT = """
import os, signal
from config.processes import heed_signals
heed_signals()
try:
    os.kill(os.getpid(), signal.SIGTERM)
except KeyboardInterrupt:
    os.kill(os.getpid(), signal.SIGINT)
    print("put away")
"""


def test_a_second_ctrl_c_keeps_nothing_from_being_put_away():
    done = subprocess.run([sys.executable, "-c", IMPATIENT], capture_output=True, text=True)

    assert (done.stdout, done.returncode) == ("put away\n", 0), done.stderr


def test_the_same_interpreter_runs_the_children(tmp_path):
    with Processes(tmp_path) as children:
        children.start("version", "platform")
        children.running["version"].wait()
    assert sys.platform.split("-")[0] in (tmp_path / "version.log").read_text().lower()
