"""The clocks of the hosts: libfaketime under workers and web server, set by a file, forward and back."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

WHEEL = "vendor/libfaketime/src/libfaketime.so.1"  # in the Python package libfaketime
DEBIAN = "*-linux-gnu*/faketime/libfaketimeMT.so.1"  # of the package faketime
TRIAL = "import time; began = time.time(); time.sleep(0.01); assert 0 < time.time() - began"


class Clock:
    """Of the processes of one host. They count intervals by the counter that no clock moves, as on any machine."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.set(0)
        self.library = next(filter(self._works, _libraries()), None)

    @property
    def missing(self) -> str:
        return "" if self.library else "clocks cannot be set: pip install libfaketime"

    def environment(self) -> dict[str, str]:
        return self._under(self.library) if self.library else {}

    def set(self, seconds: int) -> None:
        """So many seconds ahead of the machine's clock, or behind it. Read within a second."""
        new = self.file.with_suffix(".new")
        new.write_text(f"{seconds:+d}\n")
        new.rename(self.file)

    def _under(self, library: Path) -> dict[str, str]:
        return {
            "LD_PRELOAD": str(library),
            "FAKETIME_TIMESTAMP_FILE": str(self.file),
            "FAKETIME_CACHE_DURATION": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "DONT_FAKE_MONOTONIC": "1",  # its name in older versions
        }

    def _works(self, library: Path) -> bool:
        """Some versions break Python's sleep."""
        environment = {**os.environ, **self._under(library)}
        return not subprocess.run([sys.executable, "-c", TRIAL], env=environment, capture_output=True).returncode  # noqa: S603


def _libraries() -> Iterator[Path]:
    spec = importlib.util.find_spec("libfaketime")
    if spec is not None and spec.origin is not None:
        yield Path(spec.origin).parent / WHEEL
    yield from Path("/usr/lib").glob(DEBIAN)
