"""
The processes of a parallel step, as the master sees them: workers, and the one that reads a table.

In:       a task; mini-batches to hand out.
Out:      what they say, and that one is gone.
Not here: which mini-batch goes where, and what a failure means (`parallel.py`).

A worker runs one mini-batch and may hold another ready, so that short ones do not wait for
a word of ours. What it has not begun is given back when it dies.
"""

from __future__ import annotations

import collections
import contextlib
import json
import os
import selectors
import signal
import subprocess
import sys
import time
from typing import IO, Any, Iterator

from . import parallel_task
from .parallel_split import Batch

_READ_BYTES = 1 << 20


class Worker:
    """One process; `slot` numbers it from 0 and is taken over by the process that replaces it."""

    def __init__(self, task: parallel_task.Task, slot: int, program: str) -> None:
        """Start it."""
        self.slot = slot
        self.is_ready = False
        # What it was given, the one that it works on first.
        self.batches: collections.deque[Batch] = collections.deque()
        # When what it does now has to be over; None: no limit.
        self.deadline: float | None = None
        self.begun_at = time.monotonic()
        self.why_ended: str | None = None
        # How long its logs were when its last mini-batch had ended, or before it began.
        self.printed = [_size(place) for place in log_places(task, slot)]
        self._unread = bytearray()
        orders, self._orders = os.pipe()
        self.answers, answers = os.pipe()
        folders = log_places(task, slot)
        with contextlib.ExitStack() as stack:
            outs = [stack.enter_context(_opened(place)) for place in folders]
            argv = [sys.executable, "-u", program, "worker", os.path.join(task.root, "driver", "task.json")]
            self.process = subprocess.Popen(
                [*argv, str(orders), str(answers)],
                stdin=subprocess.DEVNULL,
                stdout=outs[0],
                stderr=outs[1],
                pass_fds=(orders, answers),
                env={**os.environ, "PIPEYARD_PARALLEL_WORKER": str(slot)},
            )
        os.close(orders)
        os.close(answers)

    @property
    def pid(self) -> int:
        """Return the process."""
        return self.process.pid

    def give(self, batch: Batch) -> None:
        """Hand it a mini-batch; a worker that is gone already is noticed where it is read from."""
        order = {"index": batch.index, "partition": batch.context, **batch.value}
        self.batches.append(batch)
        # A line is far shorter than what a pipe holds, so this never waits.
        with contextlib.suppress(BrokenPipeError):
            os.write(self._orders, (json.dumps(order) + "\n").encode())

    def messages(self) -> Iterator[dict[str, Any]] | None:
        """Return what it has said since; None once it has closed its end."""
        chunk = os.read(self.answers, _READ_BYTES)
        if not chunk:
            return None
        *lines, rest = chunk.split(b"\n")
        if not lines:
            self._unread += rest
            return iter(())
        lines[0] = bytes(self._unread) + lines[0]
        self._unread = bytearray(rest)
        return (json.loads(line) for line in lines)

    def let_go(self) -> None:
        """Give it nothing more: it shuts down by itself."""
        with contextlib.suppress(OSError):
            os.close(self._orders)
        self._orders = -1

    def kill(self, why: str) -> None:
        """End it at once, and what it has started."""
        self.why_ended = why
        below = _descendants(self.pid)
        # Itself first: it would take the end of what it waits for as an answer.
        for pid in (self.pid, *below):
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)

    def close(self) -> str:
        """Wait for its end, which is near, and return how it ended."""
        if self._orders >= 0:
            self.let_go()
        with contextlib.suppress(OSError):
            os.close(self.answers)
        code = self.process.wait()
        if self.why_ended is not None:
            return self.why_ended
        if code < 0:
            name = signal.Signals(-code).name if -code in {one.value for one in signal.Signals} else f"signal {-code}"
            hint = "; memory may have run out" if -code == signal.SIGKILL else ""
            return f"the worker process was ended by {name}{hint}"
        return f"the worker process ended with exit code {code}"


def log_places(task: parallel_task.Task, slot: int) -> tuple[str, str]:
    """Return where a worker's output and errors go, as Azure lays them out."""
    node, number = divmod(slot, task.concurrency)
    return (
        os.path.join(task.logs, "user", "stdout", str(node), f"process{number:03d}.stdout.txt"),
        os.path.join(task.logs, "user", "stderr", str(node), f"process{number:03d}.stderr.txt"),
    )


class Reader:
    """The process that reads a table and writes its mini-batches to files."""

    def __init__(self, task: parallel_task.Task, program: str) -> None:
        """Start it."""
        self.has_begun = False
        self.has_ended = False
        self.begun_at = time.monotonic()
        self._unread = b""
        argv = [sys.executable, "-u", program, "table", os.path.join(task.root, "driver", "task.json")]
        self._process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        assert self._process.stdout is not None
        self.descriptor = self._process.stdout.fileno()

    def messages(self) -> list[dict[str, Any]]:
        """Return what it has said since."""
        chunk = os.read(self.descriptor, _READ_BYTES)
        self.has_begun = True
        self.has_ended = not chunk
        *lines, self._unread = (self._unread + chunk).split(b"\n")
        return [json.loads(line) for line in lines]

    def close(self) -> None:
        """End it."""
        self._process.kill()
        self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()


class Listener:
    """Waits for several pipes at once."""

    def __init__(self) -> None:
        """Listen to nobody yet."""
        self._selector = selectors.DefaultSelector()

    def add(self, descriptor: int, who: Any) -> None:
        """Listen to a pipe."""
        self._selector.register(descriptor, selectors.EVENT_READ, who)

    def drop(self, descriptor: int) -> None:
        """Listen to it no more."""
        self._selector.unregister(descriptor)

    def wait(self, seconds: float) -> list[Any]:
        """Return who has something to say."""
        if not self._selector.get_map():
            time.sleep(min(seconds, 0.01))
            return []
        return [key.data for key, _ in self._selector.select(seconds)]


def _size(place: str) -> int:
    return os.path.getsize(place) if os.path.exists(place) else 0


def _opened(place: str) -> IO[bytes]:
    os.makedirs(os.path.dirname(place), exist_ok=True)
    return open(place, "ab")


def _descendants(pid: int) -> list[int]:
    """Return the processes below one; none where the system does not tell."""
    found: list[int] = []
    waiting = [pid]
    while waiting:
        parent = waiting.pop()
        with contextlib.suppress(OSError, ValueError):
            with open(f"/proc/{parent}/task/{parent}/children", encoding="ascii") as file:
                inner = [int(word) for word in file.read().split()]
            found += inner
            waiting += inner
    return found
