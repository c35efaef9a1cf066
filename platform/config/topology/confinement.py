"""What Docker confines a service by, from bubblewrap: a root of its own, read-only; no capability; no other process.

Limits of memory and processors are not set here. The system's libraries are this machine's, and not the image's.
"""

from __future__ import annotations

from pathlib import Path

from config.topology.environments import BASE, SITE
from config.topology.network import ADDRESSES
from config.topology.services import ROOT, TMP, Service


class Confinement:
    """folder: where environments, secrets and what services write are kept."""

    def __init__(self, folder: Path, site_host: str) -> None:
        self.folder = folder
        self.hosts = folder / "hosts"
        names = {**ADDRESSES, site_host: ADDRESSES["proxy"]}
        self.hosts.write_text("127.0.0.1 localhost\n" + "".join(f"{ip} {name}\n" for name, ip in names.items()))

    def command(self, service: Service, *command: str) -> list[str]:
        """What runs a command as that service would: its own one where none is given."""
        words = ["bwrap", *self._system(), *self._files(service)]
        words += ["--unshare-user", "--uid", str(service.user[0]), "--gid", str(service.user[1])]
        words += ["--unshare-pid", "--unshare-ipc", "--unshare-uts", "--hostname", service.name]
        words += ["--cap-drop", "ALL", "--new-session", "--die-with-parent", "--clearenv"]
        for name, value in service.environment.items():
            words += ["--setenv", name, value]
        return [*words, "--remount-ro", "/", *(command or service.command)]

    def _system(self) -> list[str]:
        words = ["--ro-bind", "/usr", "/usr", "--ro-bind", "/etc", "/etc", "--ro-bind", str(self.hosts), "/etc/hosts"]
        for name in ("bin", "sbin", "lib", "lib64"):
            words += ["--symlink", f"usr/{name}", f"/{name}"]
        words += ["--proc", "/proc", "--dev", "/dev", "--tmpfs", TMP]
        for path in (BASE, SITE):
            words += ["--ro-bind", str(path), str(path)]
        return words

    def _files(self, service: Service) -> list[str]:
        words = []
        if service.image:
            words += ["--ro-bind", str(self.folder / "environments" / service.image), "/opt/venv", *_code()]
        for path, name in service.writable.items():
            kept = self.folder / "volumes" / name
            kept.mkdir(parents=True, exist_ok=True)
            words += ["--bind", str(kept), path]
        for path, source in service.given.items():
            words += ["--ro-bind", str(source), path]
        for name, path in service.secrets.items():
            words += ["--ro-bind", str(self.folder / "secrets" / name), path]
        return words


def _code() -> list[str]:
    """What .dockerignore lets into an image, under /app."""
    words = []
    for line in (ROOT / ".dockerignore").read_text().splitlines():
        if line.startswith("!"):
            words += ["--ro-bind", str(ROOT / line[1:]), f"/app/{line[1:]}"]
    return [*words, "--chdir", "/app"]
