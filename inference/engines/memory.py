"""Running out of memory, told apart from other errors. torch is asked only where somebody has imported it."""

from __future__ import annotations

import gc
import os
import sys
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
    """Bytes of all torch modules that the engine holds, shared tensors once; 0 for one without any."""
    torch = sys.modules.get("torch")
    if torch is None:
        return 0
    modules = [value for value in vars(engine).values() if isinstance(value, torch.nn.Module)]
    tensors = {tensor.data_ptr(): tensor.nbytes for m in modules for tensor in (*m.parameters(), *m.buffers())}
    return sum(tensors.values())


def room() -> int:
    """Bytes of the memory that weights go to: the GPU's where there is one, else this machine's."""
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available():
        return int(torch.cuda.get_device_properties(0).total_memory)
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
