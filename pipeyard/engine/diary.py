"""
The execution log of a pipeline: one line for each move that people can see.

In:       moves, after they were stored.
Out:      lines in `logs/azureml/executionlogs.txt` and `user_logs/std_log.txt` of the root job,
          where Azure's client looks for them.
Not here: logs of steps, which their own processes write.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Iterable, Sequence
from datetime import datetime, timezone
from typing import Any

from pipeyard.engine.book import JobBook
from pipeyard.model.record import artifact_root, user_log
from pipeyard.ports import Datastores
from pipeyard.scheduler.state import Move, NodeMove, NodeState, public_status

_log = logging.getLogger(__name__)


def lines_of(book: JobBook, moves: Iterable[Move]) -> list[str]:
    """Return a line for each move that changes what users see."""
    return [f"[{_time(move.at_ms)}] {text}" for move in moves if (text := _text(book, move)) is not None]


def dated(at_ms: int, texts: Iterable[str]) -> list[str]:
    """Return lines of which all happened at one time."""
    return [f"[{_time(at_ms)}] {text}" for text in texts]


def _text(book: JobBook, move: Move) -> str | None:
    error: Any = move.error or {}
    words = error.get("next_try") or error.get("message")
    reason = f": {words}" if words else ""
    if not isinstance(move, NodeMove):
        return f"job {book.name} is {move.after.value}{reason}"
    never_began = {NodeState.SKIPPED: "Skipped", NodeState.BYPASSED: "Bypassed"}
    word = never_began.get(move.after) or public_status(move.after).value
    if word == public_status(move.before).value:
        return None
    attempt = f", attempt {move.attempt}" if move.attempt > 1 else ""
    return f"step {move.node} ({book.pages[move.node].job_name}{attempt}) is {word}{reason}"


def _time(at_ms: int) -> str:
    return f"{_second(at_ms // 1000)}.{at_ms % 1000:03d}Z"


@functools.lru_cache(maxsize=8)
def _second(at_seconds: int) -> str:
    # Many moves fall into one second, and formatting it takes longer than the rest of a line.
    return f"{datetime.fromtimestamp(at_seconds, timezone.utc):%Y-%m-%dT%H:%M:%S}"


class Diary:
    """Appends lines to the logs of pipelines."""

    def __init__(self, datastores: Datastores) -> None:
        """Write below *datastores*."""
        self._datastores = datastores

    def write(self, workspace: str, root_name: str, lines: Sequence[str]) -> None:
        """Append lines to both files. A failure is logged and spoils nothing: the history is in the store."""
        text = "".join(f"{line}\n" for line in lines)
        for uri in (artifact_root(root_name).child("logs", "azureml", "executionlogs.txt"), user_log(root_name)):
            path = self._datastores.local_path(workspace, uri)
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                with path.open("a", encoding="utf-8", errors="replace") as file:
                    file.write(text)
            except OSError as problem:
                _log.warning("cannot write %s: %s", path, problem)
