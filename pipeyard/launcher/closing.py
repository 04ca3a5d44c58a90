"""
What is left to do with files when a command has ended, in a forked child of its own.

In:       a staging folder with its guard file, a log with its limit, a container that left no exit code.
Out:      one object: the range dropped from the log, the read-only input that was changed, how the container ended.
Not here: deciding whether it is needed (`endings.py`).

A child, because a look at a million files or a copy of a gigabyte would hold up the loop.
"""

from __future__ import annotations

import contextlib
import json
import os

from pipeyard.launcher import container as containers
from pipeyard.launcher import guard, log_cap
from pipeyard.launcher.order import GUARD_FILE, Order


def is_needed(order: Order, root: str, ways: object) -> bool:
    """Tell whether there is anything to do."""
    if order.container is not None and containers.exit_code_of(root) is None:
        return True
    if isinstance(ways, dict) and "permissions" in ways.values():
        return True
    return any(_size(log) > order.log_bytes_max for log in order.logs)


def _size(path: str) -> int:
    try:
        return os.stat(path).st_size
    except OSError:
        return 0


def run_closing(
    order: Order, root: str, holes: dict[str, tuple[int, int]], result_fd: int, *, is_stopping: bool
) -> None:
    """Do it and say what came of it. Does not return."""
    result: dict[str, object] = {}
    try:
        found = {log: _compact(log, order.log_bytes_max, holes.get(log)) for log in order.logs}
        result["log_dropped"] = {log: hole for log, hole in found.items() if hole is not None}
        if order.container is not None:
            result["container"] = containers.ask_end(order.container, root, order.log, is_stopping=is_stopping)
        guard_file = os.path.join(root, GUARD_FILE)
        if os.path.exists(guard_file):
            result["change"] = guard.find_change(guard_file)
    except BaseException as error:  # noqa: BLE001 - the child's edge: the parent decides what it means
        result["change"] = f"its read-only inputs could not be checked: {error}"
    finally:
        os.write(result_fd, json.dumps(result).encode()[:60_000])
        os._exit(0)


def _compact(log: str, limit: int, hole: tuple[int, int] | None) -> tuple[int, int] | None:
    try:
        return log_cap.compact(log, limit, hole)
    except OSError:
        with contextlib.suppress(OSError):
            os.unlink(log + ".new")
        return hole  # A full disk: the log stays as long as it is.
