"""The zip itself, read: every member against its checksum before anything is believed."""

from __future__ import annotations

import hashlib
import json
import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from results.bundles.errors import BundleError

FORMAT = "audionese-bundle/1"
MANIFEST = "manifest.json"
CHUNK = 1 << 20
# Rows pack to a tenth or a twentieth, sounds hardly at all: what claims to unpack to more is made to fill a disk.
RATIO, SMALL = 200, 1 << 20  # bytes a packed byte; of files below this size nothing is asked
LONGEST = 1 << 26  # bytes of the manifest, and of a row
# What a zip that is none, or not whole, or packed as nobody packs, or lacks a member, makes of whoever reads it.
BROKEN = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, OSError, KeyError, ValueError,
          OverflowError, RuntimeError)  # fmt: skip


class Archive:
    """Raises BundleError where the file is no bundle, is not whole, or was changed."""

    format, kind = FORMAT, "study bundle"
    advice = "download `bundle.zip` again; a download that was cut off goes on by Range."
    needs: dict[str, type] = {"files": dict, "study": str, "software": dict}  # of the manifest

    def __init__(self, path: Path) -> None:
        self.name = path.name
        try:
            self._zip = zipfile.ZipFile(path)
        except FileNotFoundError:
            raise BundleError(f"There is no file {path}.") from None
        except BROKEN as error:
            raise self._not_whole(error) from error
        with self._whole():
            self._refuse_bombs(path.name)
            self.manifest: dict[str, Any] = json.loads(self._zip.read(MANIFEST))
            self._refuse_strangers(path.name)

    @contextmanager
    def _whole(self) -> Iterator[None]:
        """While something is read: what shows that the file is broken becomes words."""
        try:
            yield
        except BROKEN as error:
            raise self._not_whole(error) from error

    def _not_whole(self, error: Exception) -> BundleError:
        said = str(error).partition("\n")[0][:200] or type(error).__name__
        return BundleError(f"{self.name} is no whole {self.kind} ({said}): {self.advice}")

    def _refuse_strangers(self, name: str) -> None:
        told = self.manifest if isinstance(self.manifest, dict) else {}
        if told.get("format") != self.format:
            raise BundleError(f"{name} is of format {told.get('format')!r}, and this version reads {self.format!r}.")
        wrong = [key for key, kind in self.needs.items() if not isinstance(told.get(key), kind)]
        if wrong or not all(isinstance(one, dict) for one in told["files"].values()):
            raise BundleError(f"{name} is no {self.kind}: its manifest does not say {', '.join(wrong) or 'files'}.")

    def _refuse_bombs(self, name: str) -> None:
        """By what the members claim; a member is never read beyond its claim."""
        for one in self._zip.infolist():
            if one.file_size > max(SMALL, RATIO * one.compress_size) or one.flag_bits & 1:
                raise BundleError(f"{name} is no {self.kind}: {one.filename} would unpack to {one.file_size:,} bytes.")
        if self._zip.getinfo(MANIFEST).file_size > LONGEST:
            raise BundleError(f"{name} is no {self.kind}: its manifest is larger than any.")

    def check(self) -> None:
        """Every file is there, as long as it was, and has its checksum."""
        held = set(self._zip.namelist()) - {MANIFEST}
        if wrong := held ^ set(self.manifest["files"]):
            raise BundleError(f"The manifest and the files do not agree about {', '.join(sorted(wrong)[:5])}.")
        for name, wanted in self.manifest["files"].items():
            there = self._zip.getinfo(name).file_size, self._sum(name)
            if there != (wanted.get("bytes"), wanted.get("sha256")):
                raise BundleError(
                    f"{name} is not what the manifest says it was: the {self.kind} was changed or damaged."
                )

    def _sum(self, name: str) -> str:
        digest = hashlib.sha256()
        with self._whole(), self._zip.open(name) as file:
            while chunk := file.read(CHUNK):
                digest.update(chunk)
        return digest.hexdigest()

    def has(self, name: str) -> bool:
        return name in self.manifest["files"]

    def names(self, folder: str) -> list[str]:
        return sorted(name for name in self.manifest["files"] if name.startswith(f"{folder}/"))

    def bytes(self, name: str) -> bytes:
        with self._whole():
            return self._zip.read(name)

    def open(self, name: str) -> Any:
        return self._zip.open(name)

    def json(self, name: str) -> Any:
        with self._whole():
            return json.loads(self.bytes(name))

    def lines(self, name: str) -> Iterator[Any]:
        """Of JSON lines, one at a time."""
        with self._whole(), self._zip.open(name) as file:
            while line := file.readline(LONGEST):
                if len(line) == LONGEST:
                    raise BundleError(f"{name} holds a row of more than {LONGEST:,} bytes.")
                yield json.loads(line)
