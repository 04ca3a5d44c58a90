"""
Work that nobody waits for: lines in execution logs, folders of ended attempts.

In:       lines and attempts, after the facts behind them are durable.
Out:      nothing; a chore that fails is logged and spoils nothing.

Gathered for a moment, because a thread that is woken for each line would cost more
than the line.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence

from pipeyard.engine.diary import Diary
from pipeyard.engine.report import AttemptKey
from pipeyard.engine.threads import Threads
from pipeyard.model.errors import OutsideError
from pipeyard.ports import Compute

_log = logging.getLogger(__name__)

GATHERING_SECONDS = 0.2


class Chores:
    """Does later what can wait. All methods belong to the loop."""

    def __init__(self, threads: Threads, diary: Diary, compute_of: Callable[[str], Compute]) -> None:
        """Write to *diary*; ask the compute of a pool to forget."""
        self._threads = threads
        self._diary = diary
        self._compute_of = compute_of
        # By (workspace, root name).
        self._lines: dict[tuple[str, str], list[str]] = {}
        self._ended: list[AttemptKey] = []
        self._timer: asyncio.TimerHandle | None = None

    def write(self, workspace: str, root_name: str, lines: Sequence[str]) -> None:
        """Append lines to the execution log of a job."""
        self._lines.setdefault((workspace, root_name), []).extend(lines)
        self._wait()

    def forget(self, keys: Sequence[AttemptKey]) -> None:
        """Remove the staging folders of attempts."""
        self._ended.extend(keys)
        self._wait()

    def begin(self) -> None:
        """Begin with everything gathered so far."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        lines, self._lines = self._lines, {}
        ended, self._ended = self._ended, []
        if lines or ended:
            self._threads.sweeper.submit(self._do, lines, ended)

    def _wait(self) -> None:
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(GATHERING_SECONDS, self.begin)

    def _do(self, lines: dict[tuple[str, str], list[str]], ended: Sequence[AttemptKey]) -> None:
        for (workspace, root_name), some in lines.items():
            self._diary.write(workspace, root_name, some)
        for key in ended:
            self._forget(key)

    def _forget(self, key: AttemptKey) -> None:
        try:
            self._compute_of(key.pool).forget(key.attempt_id)
        except (OutsideError, OSError) as problem:
            _log.warning("cannot remove the folder of attempt %s: %s", key.attempt_id, problem)
