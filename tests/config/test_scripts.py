"""The shell scripts of the README, where they must refuse in one clear line."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def clone(tmp_path):
    """Just what script/setup reads, in a folder of its own."""
    for name in ("script", "requirements"):
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def run(folder, **environment):
    return subprocess.run(
        ["sh", "script/setup"], cwd=folder, capture_output=True, text=True, env={**os.environ, **environment}
    )


def test_no_python_of_a_supported_version_is_said_in_one_line(clone, tmp_path):
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in ("sh", "dirname", "cat", "cksum", "printf"):
        (tools / name).symlink_to(shutil.which(name))
    done = run(clone, PATH=str(tools))
    assert done.returncode == 1
    assert done.stderr.strip().startswith("Audionese needs Python 3.11, 3.12 or 3.13")
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_failed_installation_names_its_log_and_can_be_run_again(clone):
    (clone / "requirements" / "base.txt").write_text("no-such-package-as-this-one==1.0\n")
    done = run(clone, PIP_NO_INDEX="1")
    assert done.returncode == 1
    assert "the whole log is .venv/install.log" in done.stderr.splitlines()[-1]
    assert not list(clone.glob(".venv/.installed-*"))


def test_a_half_made_environment_is_made_anew(clone):
    (clone / ".venv" / "bin").mkdir(parents=True)
    (clone / "requirements" / "base.txt").write_text("no-such-package-as-this-one==1.0\n")
    done = run(clone, PIP_NO_INDEX="1")
    assert "making it anew" in done.stderr
    assert (clone / ".venv" / "bin" / "pip").exists()


@pytest.mark.parametrize(
    ("want", "installs"),
    [
        ("run", ["-r requirements/web.txt -r requirements/inference.txt -e ."]),
        (
            "engines",
            ["-r requirements/web.txt -r requirements/audiocraft.txt -e .", "--no-deps -r requirements/no-deps.txt"],
        ),
        ("load", ["-r requirements/load.txt -e ."]),
        ("soak", ["-r requirements/soak.txt -e ."]),
        ("dev", ["-r requirements/dev.txt -e .", "--no-deps -r requirements/no-deps.txt"]),
    ],
)
def test_an_environment_is_installed_once_and_again_when_its_list_changes(clone, want, installs):
    python = recording_python(clone)

    for _ in range(2):
        subprocess.run(["sh", "script/setup", want], cwd=clone, check=True)
    assert python.read_text().splitlines() == installs

    (clone / "requirements" / "no-deps.txt").write_text("laion-clap==2\n")
    subprocess.run(["sh", "script/setup", want], cwd=clone, check=True)
    assert python.read_text().splitlines() == installs * 2


def test_packages_without_dependencies_that_fail_leave_no_stamp(clone):
    recording_python(clone, fails="--no-deps")

    done = subprocess.run(["sh", "script/setup", "engines"], cwd=clone, capture_output=True, text=True)

    assert done.returncode == 1 and "the whole log is .venv/install.log" in done.stderr
    assert not list(clone.glob(".venv/.installed-*"))


def test_an_environment_that_is_not_known_is_refused(clone):
    done = subprocess.run(["sh", "script/setup", "engine"], cwd=clone, capture_output=True, text=True)

    assert done.returncode == 1 and done.stderr == "Usage: script/setup [engines|load|soak|dev]\n"


def recording_python(folder: Path, fails: str = "nothing") -> Path:
    """An environment whose pip installs nothing; gives the file where its calls stand, a line each."""
    log = folder / "calls"
    python = folder / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(
        f"""#!/bin/sh
case "$*" in *--version*) exit 0 ;; esac
echo "${{*#-m pip install --quiet --disable-pip-version-check }}" >>{log}
case "$*" in *{fails}*) exit 1 ;; esac
"""
    )
    python.chmod(0o755)
    return log
