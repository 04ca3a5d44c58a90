"""
Python's cycle collector, kept out of the way while a large file is read.

In:       nothing.
Out:      a context in which no collection starts.
Not here: anything else.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def no_cycle_collection() -> Iterator[None]:
    """
    Start no collection inside the block.

    The collector would look at every node of a large file again and again; three to
    seven times the time was measured. Two threads here at once leave it switched on.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
