"""
Work that nobody waits for: lines in execution logs, folders of ended attempts.

In:       lines and attempts, after the facts behind them are durable.
Out:      nothing; a chore that fails is logged and spoils nothing.

Gathered for a moment, because a thread that is woken for each line would cost more
than the line. Folders wait until nothing has ended for a while, because removing them
takes time of the disk and the processor, for which the next steps wait; but not for long,
because they may hold copies of large code.
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
SWEEPING_SECONDS = 0.5
SWEEPING_SECONDS_MAX = 5.0


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
        # When the first of them ended, and the last, in the loop's time.
        self._ended_first = self._ended_last = 0.0
        self._line_timer: asyncio.TimerHandle | None = None
        self._sweep_timer: asyncio.TimerHandle | None = None

    def write(self, workspace: str, root_name: str, lines: Sequence[str]) -> None:
        """Append lines to the execution log of a job."""
        self._lines.setdefault((workspace, root_name), []).extend(lines)
        if self._line_timer is None:
            self._line_timer = asyncio.get_running_loop().call_later(GATHERING_SECONDS, self.begin)

    def forget(self, keys: Sequence[AttemptKey]) -> None:
        """Remove the staging folders of attempts."""
        if not keys:
            return
        loop = asyncio.get_running_loop()
        self._ended_last = loop.time()
        if not self._ended:
            self._ended_first = self._ended_last
        self._ended.extend(keys)
        if self._sweep_timer is None:
            self._sweep_timer = loop.call_later(SWEEPING_SECONDS, self._sweep_if_quiet)

    def begin(self) -> None:
        """Write every line gathered so far."""
        if self._line_timer is not None:
            self._line_timer.cancel()
            self._line_timer = None
        lines, self._lines = self._lines, {}
        if lines:
            self._threads.sweeper.submit(self._write_all, lines)

    def finish(self) -> None:
        """Begin with everything gathered so far: there will be no later."""
        self.begin()
        self._sweep()

    def _sweep_if_quiet(self) -> None:
        loop = asyncio.get_running_loop()
        due = min(self._ended_last + SWEEPING_SECONDS, self._ended_first + SWEEPING_SECONDS_MAX)
        if loop.time() < due:
            self._sweep_timer = loop.call_at(due, self._sweep_if_quiet)
        else:
            self._sweep()

    def _sweep(self) -> None:
        if self._sweep_timer is not None:
            self._sweep_timer.cancel()
            self._sweep_timer = None
        ended, self._ended = self._ended, []
        if ended:
            self._threads.sweeper.submit(self._forget_all, ended)

    def _write_all(self, lines: dict[tuple[str, str], list[str]]) -> None:
        for (workspace, root_name), some in lines.items():
            self._diary.write(workspace, root_name, some)

    def _forget_all(self, ended: Sequence[AttemptKey]) -> None:
        for key in ended:
            self._forget(key)

    def _forget(self, key: AttemptKey) -> None:
        try:
            self._compute_of(key.pool).forget(key.attempt_id)
        except (OutsideError, OSError) as problem:
            _log.warning("cannot remove the folder of attempt %s: %s", key.attempt_id, problem)
