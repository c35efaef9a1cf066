"""Running out of memory, told apart from other errors. torch is asked only where somebody has imported it."""

from __future__ import annotations

import gc
import math
import os
import sys
from pathlib import Path
from typing import Any


def ran_out(error: BaseException) -> bool:
    """Whether memory is what was lacking: torch has a type of its own for GPUs, its CPU allocator has only words."""
    torch = sys.modules.get("torch")
    of_torch = torch is not None and isinstance(error, torch.OutOfMemoryError)
    return of_torch or isinstance(error, MemoryError) or "can't allocate memory" in str(error)


def free() -> None:
    """Gives back what nobody refers to any more, the GPU's cached blocks as well."""
    gc.collect()
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available():
        torch.cuda.empty_cache()


def weight(engine: Any) -> int:
    """Bytes of all torch modules that the engine and its parts hold, shared tensors once; 0 for one without any."""
    torch = sys.modules.get("torch")
    if torch is None:
        return 0
    whole = [engine, *getattr(engine, "parts", ())]
    modules = [value for each in whole for value in vars(each).values() if isinstance(value, torch.nn.Module)]
    tensors = {tensor.data_ptr(): tensor.nbytes for m in modules for tensor in (*m.parameters(), *m.buffers())}
    return sum(tensors.values())


def room() -> int:
    """Bytes of the memory that weights go to: the GPU's where there is one, else this machine's."""
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available():
        return int(torch.cuda.get_device_properties(0).total_memory)
    return int(min(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"), _granted()))


def _granted(limit: Path = Path("/sys/fs/cgroup/memory.max")) -> float:
    """Bytes that this container may have; no end where nobody has set one."""
    try:
        words = limit.read_text().strip()
    except OSError:
        return math.inf
    return math.inf if words == "max" else int(words)
