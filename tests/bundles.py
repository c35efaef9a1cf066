"""Bundles as files, and what becomes of them."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Callable
from pathlib import Path


def changed(path: Path, to: Path, edit: dict[str, Callable[[bytes], bytes]]) -> Path:
    """A bundle with other members, whose manifest goes with them."""
    with zipfile.ZipFile(path) as old:
        manifest = json.loads(old.read("manifest.json"))
        return whole(to, manifest, {name: edit.get(name, bytes)(old.read(name)) for name in manifest["files"]})


def whole(to: Path, manifest: dict, files: dict[str, bytes]) -> Path:
    """A bundle of these files, whose manifest says so."""
    sums = {name: {"sha256": hashlib.sha256(one).hexdigest(), "bytes": len(one)} for name, one in files.items()}
    return packed(to, {**files, "manifest.json": json.dumps({**manifest, "files": sums}).encode()})


def packed(to: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(to, "w") as new:
        for name, content in files.items():
            new.writestr(name, content)
    return to
