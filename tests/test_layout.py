"""The house itself: where code may stand and who may import whom."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PLATFORM_ROOMS = ["accounts", "config", "listening", "prompts", "results"]
ROOMS = [*(ROOT / "platform" / name for name in PLATFORM_ROOMS), ROOT / "studies", ROOT / "inference"]
TRACKED = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\n")
SOURCES = [ROOT / name for name in TRACKED if name.endswith(".py") and (ROOT / name).exists()]


def test_platform_is_a_source_root_and_never_a_package():
    assert sorted(p.name for p in (ROOT / "platform").iterdir() if p.name != "__pycache__") == PLATFORM_ROOMS
    assert not list((ROOT / "platform").glob("*.py"))


def test_the_standard_librarys_platform_is_not_shadowed():
    script = "import platform, accounts; print(platform.python_version())"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("3.")


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.name)
def test_each_room_says_what_belongs_there(room):
    docstring = ast.get_docstring(ast.parse((room / "__init__.py").read_text())) or ""
    assert len(docstring.splitlines()) >= 2, f"{room.name}/__init__.py needs a docstring: what belongs there, what not"


def test_tests_mirror_import_names():
    allowed = {"accounts", "browser", "client", "config", "inference", "listening", "prompts", "results", "studies"}
    folders = {p.name for p in (ROOT / "tests").iterdir() if p.is_dir() and p.name != "__pycache__"}
    assert folders <= allowed, "a tests/platform would shadow the standard library under pytest"


def test_no_drawer_for_odds_and_ends():
    forbidden = {"utils", "util", "helpers", "helper", "misc", "common", "manager", "data2"}
    assert not [path for path in SOURCES if path.stem in forbidden or forbidden & set(path.parts)]


def test_imports_go_downwards_only():
    lint = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run([lint, "--no-cache"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_web_processes_start_without_torch():
    script = (
        "import django, sys; django.setup(); import config.urls;"
        "assert not {'torch', 'transformers'} & set(sys.modules), 'a web room imported torch'"
    )
    subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script],
        check=True,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings"},
    )


def test_the_repository_stays_small():
    sizes = [(ROOT / name).stat().st_size for name in TRACKED if name and (ROOT / name).exists()]
    assert sum(sizes) < 40_000_000


def test_nothing_names_a_machine_or_a_registry_host():
    words = ["/work/" + "main", "pypi." + "org", "files.python" + "hosted", "/root/" + ".pyenv"]
    guilty = [
        name
        for name in TRACKED
        if name.endswith((".py", ".md", ".toml", ".txt", ".yaml", ".html", ".css", ".js", ".json"))
        and (ROOT / name).exists()
        and any(word in (ROOT / name).read_text(encoding="utf-8") for word in words)
    ]
    assert not guilty
