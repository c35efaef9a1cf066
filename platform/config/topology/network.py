"""A network of hosts: each a namespace of Linux with one address, all on a bridge that leads nowhere else."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from types import TracebackType

from config.processes import StartError

# The bridge has no address on this machine and no way out: two such networks may run beside each other.
NETWORK = "10.77.0"
ADDRESSES = {
    name: f"{NETWORK}.{number}"
    for name, number in {
        "db": 2, "broker": 3, "web": 4, "proxy": 5, "beat": 6, "migrate": 7,
        "worker": 11, "gpu-audiocraft": 12, "visitor": 20,
    }.items()
}  # fmt: skip


class Network:
    def __init__(self) -> None:
        self.prefix, self.bridge = f"audionese-{os.getpid()}-", f"aud{os.getpid()}"
        self.hosts: list[str] = []

    def __enter__(self) -> Network:
        _sweep()
        _ip("link", "add", self.bridge, "type", "bridge")
        _ip("link", "set", self.bridge, "up")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for host in self.hosts:
            with suppress(StartError):
                _ip("netns", "del", self.prefix + host)
        with suppress(StartError):
            _ip("link", "del", self.bridge)

    def add(self, host: str, reaches: Sequence[str] | None = None) -> None:
        """A host. reaches: the only others that it has a way to; None for all."""
        space, address, outer = self.prefix + host, ADDRESSES[host], f"v{os.getpid()}-{ADDRESSES[host].split('.')[3]}"
        _ip("netns", "add", space)
        self.hosts.append(host)
        _ip("link", "add", outer, "type", "veth", "peer", "name", "eth0", "netns", space)
        _ip("link", "set", outer, "master", self.bridge, "up")
        _ip("-n", space, "address", "add", f"{address}/{24 if reaches is None else 32}", "dev", "eth0")
        for device in ("lo", "eth0"):
            _ip("-n", space, "link", "set", device, "up")
        # As in Docker's containers, nobody needs a privilege to listen on port 443.
        _run([*self.inside(host), "sh", "-c", "echo 0 >/proc/sys/net/ipv4/ip_unprivileged_port_start"])
        for other in reaches or ():
            _ip("-n", space, "route", "add", ADDRESSES[other], "dev", "eth0")

    def inside(self, host: str) -> list[str]:
        """What a command begins with to run on that host."""
        return ["ip", "netns", "exec", self.prefix + host]


def _ip(*words: str) -> None:
    _run(["ip", *words])


def _run(words: list[str]) -> None:
    done = subprocess.run(words, capture_output=True, text=True)  # noqa: S603 - the system's own
    if done.returncode:
        raise StartError(f"{' '.join(words)}: {done.stderr.strip()}. It needs root, and a kernel with namespaces.")


def _sweep() -> None:
    """Takes away what a run that was killed has left."""
    done = subprocess.run(["ip", "netns", "list"], capture_output=True, text=True)  # noqa: S607
    for space in (line.split()[0] for line in done.stdout.splitlines() if line.startswith("audionese-")):
        pid = space.split("-")[1]
        if pid.isdigit() and not os.path.exists(f"/proc/{pid}"):  # noqa: PTH110
            with suppress(StartError):
                _ip("netns", "del", space)
                _ip("link", "del", f"aud{pid}")
