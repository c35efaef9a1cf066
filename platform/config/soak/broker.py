"""The broker of the soak: Redis where it is installed, else a folder. Stopped, it has forgotten everything."""

from __future__ import annotations

import shutil
from pathlib import Path

from config.processes import Processes


class Redis:
    name = "Redis"

    def __init__(self, processes: Processes, folder: Path, port: int) -> None:
        self.processes, self.folder, self.port = processes, folder, port

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        kept_nowhere = ("--save", "", "--appendonly", "no", "--dir", str(self.folder))
        self.processes.run("redis", "redis-server", "--bind", "127.0.0.1", "--port", str(self.port), *kept_nowhere)

    def stop(self) -> None:
        self.processes.kill("redis")


class Folder:
    """The filesystem broker. While it is stopped nothing can be written to it, nor read."""

    name, url = "folder", "filesystem://localhost//"

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def start(self) -> None:
        if self.folder.is_file():
            self.folder.unlink()
        for name in ("messages", "control"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)

    def stop(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.touch()


def chosen(wanted: str, processes: Processes, data: Path, port: int) -> Redis | Folder:
    if wanted == "redis" or (wanted == "any" and shutil.which("redis-server")):
        return Redis(processes, data / "redis", port)
    return Folder(data / "broker")
