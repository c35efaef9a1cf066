"""What a worker weighs on its machine: memory of its processes, and of the graphics cards."""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from typing import Any

import psutil
import pynvml


def process_name(pid: int | None = None) -> str:
    """As work rows name who holds them."""
    return f"{socket.gethostname()}:{pid or os.getpid()}"


def processes() -> list[dict[str, Any]]:
    """This process and its pool: [{"name", "memory": resident bytes}], this one first."""
    me = psutil.Process()
    found = []
    for process in (me, *me.children(recursive=True)):
        with suppress(psutil.Error):  # it ended meanwhile
            found.append({"name": process_name(process.pid), "memory": process.memory_info().rss})
    return found


def graphics_memory() -> list[dict[str, Any]]:
    """NVIDIA's cards: [{"name", "used", "total"}] in bytes; none where there is no driver.

    By NVML: asking CUDA would open a context in a process that must still fork.
    """
    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError:
        return []
    try:
        cards = [pynvml.nvmlDeviceGetHandleByIndex(i) for i in range(pynvml.nvmlDeviceGetCount())]
        memory = [pynvml.nvmlDeviceGetMemoryInfo(card) for card in cards]
        names = [pynvml.nvmlDeviceGetName(card) for card in cards]
        return [{"name": n, "used": int(m.used), "total": int(m.total)} for n, m in zip(names, memory, strict=True)]
    except pynvml.NVMLError:
        return []
    finally:
        pynvml.nvmlShutdown()
