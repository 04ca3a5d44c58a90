"""
Try again what may go well in a moment, waiting longer each time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from pipeyard.datastore.remote.fault import is_passing

T = TypeVar("T")

# Waits between tries; one try more than there are waits.
WAITS_SECONDS = (0.2, 1.0, 3.0)


async def persistently(action: Callable[[], Awaitable[T]]) -> T:
    """Return what *action* returns; raise what it raised last."""
    for wait in WAITS_SECONDS:
        try:
            return await action()
        except Exception as problem:
            if not is_passing(problem):
                raise
        await asyncio.sleep(wait)
    return await action()
