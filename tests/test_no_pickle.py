"""Nothing that runs code when it is read is read: weights are safetensors, or torch files by weights alone."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("platform", "studies", "inference", "client/src")
# What unpickles, or runs what it reads.
MODULES = {"dill", "cloudpickle", "joblib", "shelve", "marshal", "jsonpickle"}
CALLS = {"pickle.load", "pickle.loads", "pickle.Unpickler", "pandas.read_pickle", "pd.read_pickle", "yaml.load",
         "yaml.unsafe_load", "yaml.full_load", "eval", "exec"}  # fmt: skip


def faults(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""]
            yield from (f"{node.lineno}: imports {name}" for name in names if name.split(".")[0] in MODULES)
            of_pickle = isinstance(node, ast.ImportFrom) and node.module == "pickle"
            if of_pickle and {alias.name for alias in node.names} != {"UnpicklingError"}:
                yield f"{node.lineno}: imports from pickle"
        elif isinstance(node, ast.Call):
            yield from _call(node)


def _call(node: ast.Call) -> Iterator[str]:
    name = ast.unparse(node.func)
    given = {word.arg: ast.unparse(word.value) for word in node.keywords}
    if name == "yaml.load" and given.get("Loader") == "_Loader":
        return  # plain data: studies/recipes.py
    if name in CALLS:
        yield f"{node.lineno}: calls {name}"
    if name.endswith("torch.load") and "safetensors" not in name and given.get("weights_only") != "True":
        yield f"{node.lineno}: torch.load without weights_only=True"
    if given.get("allow_pickle", "False") != "False" or given.get("trust_remote_code", "False") != "False":
        yield f"{node.lineno}: {name} may run what it reads"
    if given.get("weights_only", "True") != "True":
        yield f"{node.lineno}: {name} with weights_only={given['weights_only']}"


def test_no_line_of_ours_unpickles():
    found = [
        f"{path.relative_to(ROOT)}:{fault}"
        for room in ROOMS
        for path in sorted((ROOT / room).rglob("*.py"))
        for fault in faults(path.read_text(encoding="utf-8"))
    ]
    assert found == []


@pytest.mark.parametrize(
    "line",
    [
        "torch.load(f)", "torch.load(f, weights_only=False)", "pickle.loads(b)", "import joblib", "yaml.load(t)",
        "numpy.load(f, allow_pickle=True)", "from pickle import loads", "M.from_pretrained(n, trust_remote_code=True)",
    ],
)  # fmt: skip
def test_the_search_finds_what_it_looks_for(line):
    assert list(faults(line))


def test_messages_and_sessions_are_json():
    from django.conf import settings

    from config.celery import app

    assert set(app.conf.accept_content) == {"json"} and app.conf.task_serializer == "json"
    assert settings.SESSION_SERIALIZER.endswith("JSONSerializer")
