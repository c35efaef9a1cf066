"""Trains the sandbox's models from nothing, describes each, checks them against their bars, lists their files."""

from __future__ import annotations

import hashlib
import json
import platform
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from inference.sandbox import clap, clap_quality, quality, reports, rewriters

CHECKPOINTS = Path(__file__).parent / "checkpoints"
SEED = 0
LIBRARIES = ("torch", "transformers", "tokenizers", "numpy", "scipy")
GENERATED = ("manifest.json", "report.json", "report.md")
LIMIT = 15_000_000  # bytes of all checkpoints together

Progress = Callable[[int, int, float], None]  # step, steps, loss
Bars = Mapping[str, Callable[[Mapping[str, float]], bool]]


@dataclass(frozen=True)
class Model:
    """One checkpoint: how it is trained into a folder, how it is measured there, and what it must reach."""

    train: Callable[[Path, int, Progress], dict[str, float]]
    measure: Callable[[Path], dict[str, float]]
    bars: Bars


def _clap(name: str) -> Model:
    return Model(
        lambda folder, seed, progress: clap.train(name, folder, seed, progress=progress),
        clap_quality.clap_quality,
        clap_quality.BARS,
    )


def _rewriter(kind: str) -> Model:
    return Model(
        lambda folder, seed, progress: rewriters.train(kind, folder, seed, progress),
        lambda folder: quality.rewriter_quality(folder, "test"),
        quality.BARS,
    )


MODELS: dict[str, Model] = {
    "clap-teacher": _clap("clap-teacher"),
    "clap-judge": _clap("clap-judge"),
    "rewriter-t5": _rewriter("t5"),
    "rewriter-gpt2": _rewriter("gpt2"),
    "rewriter-t5-small": _rewriter("t5-small"),
    "rewriter-gpt2-small": _rewriter("gpt2-small"),
}


def build(names: Sequence[str], out: Path, seed: int, progress: Callable[[str], Progress]) -> dict[str, Any]:
    """Train and measure the named models into `out`, then renew its manifest and report. -> the report.

    progress: given a model's name, what to call with its steps. Models that are not named keep their entries.
    """
    out.mkdir(parents=True, exist_ok=True)
    trained = {name: {"seed": seed, **MODELS[name].train(out / name, seed, progress(name))} for name in names}
    return check(names, out, trained)


def check(names: Sequence[str], out: Path, trained: Mapping[str, Mapping[str, float]] | None = None) -> dict[str, Any]:
    """Measure the named models as they lie in `out`, and renew manifest and report. -> the report.

    trained: how they were made, by name; without it, what the last report says.
    """
    report = {"models": {}} | read(out / "report.json")
    for name in names:
        before = report["models"].get(name, {}).get("training", {})
        report["models"][name] = _examined(MODELS[name], out / name, (trained or {}).get(name, before))
        if name in reports.PURPOSES:
            reports.describe(name, out / name, report["models"][name])
    if {"clap-teacher", "clap-judge"} <= report["models"].keys():
        report["agreement"] = clap_quality.agreement(out / "clap-teacher", out / "clap-judge")
    write(out / "report.json", report)
    (out / "report.md").write_text(reports.report(report), "utf-8")
    write(out / "manifest.json", manifest(out, report))
    return report


def _examined(model: Model, folder: Path, training: Mapping[str, float]) -> dict[str, Any]:
    begun = time.monotonic()
    figures = model.measure(folder)
    bars = {name: bool(bar(figures)) for name, bar in model.bars.items()}
    return {"training": dict(training), "figures": figures, "bars": bars, "seconds_measuring": time.monotonic() - begun}


def manifest(out: Path, report: Mapping[str, Any]) -> dict[str, Any]:
    """Every file of the reported models with its size and sha256, and what made them."""
    paths = sorted(path for name in report["models"] for path in (out / name).rglob("*") if path.is_file())
    return {
        "files": {path.relative_to(out).as_posix(): entry(path) for path in paths},
        "models": {n: {k: m["training"].get(k) for k in ("seed", "seconds")} for n, m in report["models"].items()},
        "libraries": {name: version(name) for name in LIBRARIES} | {"python": platform.python_version()},
    }


def entry(path: Path) -> dict[str, Any]:
    """Size in bytes and sha256 of a file."""
    return {"bytes": path.stat().st_size, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}


def read(path: Path) -> dict[str, Any]:
    """A JSON file's content; empty where there is none."""
    return json.loads(path.read_text("utf-8")) if path.is_file() else {}


def write(path: Path, content: Mapping[str, Any]) -> None:
    """Content as JSON that diffs well."""
    path.write_text(json.dumps(content, indent=2, sort_keys=True) + "\n", "utf-8")
