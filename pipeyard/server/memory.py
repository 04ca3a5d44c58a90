"""
Memory that is not needed any more, given back to the system.

In:       nothing.
Out:      nothing; where the C library is another one than GNU's, nothing happens.
Not here: when (`engine/loop.py`).

A job of thousands of steps is read, checked and stored by several threads. The C library
keeps what each of them freed, for the next time, which may never come.
"""

from __future__ import annotations

import ctypes
import gc
import sys
from functools import cache
from typing import Any

# Of `mallopt`: how many threads may have memory of their own.
_ARENA_MAX = -8
_ARENAS = 2


def share_memory() -> None:
    """Let threads share what they free; before the first of them is started."""
    library = _library()
    if library is not None:
        library.mallopt(_ARENA_MAX, _ARENAS)


def give_back(*, is_idle: bool) -> None:
    """Give back what is free; *is_idle*: nobody waits for anything, so take the time to find all that is."""
    if is_idle:
        gc.collect()
    library = _library()
    if library is not None:
        library.malloc_trim(0)


@cache
def _library() -> Any:
    if sys.platform != "linux":
        return None
    library = ctypes.CDLL(None)
    return library if hasattr(library, "malloc_trim") and hasattr(library, "mallopt") else None
