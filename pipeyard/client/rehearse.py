"""
One step once more, in this terminal.

In:       a connection, a job and a step.
Out:      the step's command, or a shell where it would run; its exit code.
Not here: what is put in place and how (`pipeyard/launcher/rehearse.py`, a process of its own,
          which needs nothing of ours but Python), words for people (`cli/job_run_step.py`).
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, TextIO

import pipeyard
from pipeyard.client.wire import error_of
from pipeyard.client.workspace import Workspace
from pipeyard.model.errors import OutsideError

_HELPER = Path(pipeyard.__file__).parent / "launcher" / "rehearse.py"
_LOCK = "lock"
_CONFLICT = 409
_WAIT_SECONDS = 1.0
# Ours stay; the shell or the command gets them from the terminal, or from the helper.
_LEFT_TO_HELPER = (signal.SIGINT, signal.SIGQUIT)


class StepStage:
    """A step that can be run here; it is gone when this is closed."""

    def __init__(self, plan: Mapping[str, Any], messages: Iterator[Any]) -> None:
        """Keep listening to *messages*: as long as somebody does, the token holds."""
        self.plan = plan
        self.folder = Path(plan["folder"])
        self._messages = messages
        _sweep(self.folder.parent)
        self.folder.mkdir(mode=0o700, parents=True)
        self._lock = _locked(self.folder / _LOCK)
        threading.Thread(target=self._listen, name="rehearsal", daemon=True).start()

    def run(self, *, rcfile: str | None, keep: bool) -> int:
        """Run the command once, or with *rcfile* a shell; return its exit code."""
        wish = {
            "order": self.plan["order"],
            "root": self.plan["root"],
            "folder": str(self.folder),
            "keep": keep,
            "rcfile": rcfile,
        }
        read, write = os.pipe()
        helper = subprocess.Popen(
            [sys.executable, "-I", "-S", "-X", "utf8", str(_HELPER), str(read), str(self._lock.fileno())],
            # With the lock: as long as one of us lives, nobody sweeps the folder.
            pass_fds=(read, self._lock.fileno()),
        )
        os.close(read)
        before = {number: signal.signal(number, signal.SIG_IGN) for number in _LEFT_TO_HELPER}
        before |= {number: signal.signal(number, _handing_on(helper)) for number in (signal.SIGTERM, signal.SIGHUP)}
        try:
            with os.fdopen(write, "wb") as file:
                file.write(json.dumps(wish).encode())
            code = _end_of(helper)
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
        return code if code >= 0 else 128 - code

    def close(self, *, keep: bool) -> None:
        """Remove what is left of it, unless it is kept."""
        if keep:
            # What has no lock is nobody's to sweep.
            with suppress(OSError):
                (self.folder / _LOCK).unlink()
        else:
            shutil.rmtree(self.folder, ignore_errors=True)
        self._lock.close()

    def _listen(self) -> None:
        with suppress(Exception):  # The server ended: the token did, too, and nothing else changes.
            for _ in self._messages:
                pass


def set_stage(workspace: Workspace, job: str, step: str, waiting: Callable[[], None]) -> StepStage:
    """Return the step, once its environment is there; *waiting* is called now and then until it is."""
    messages = workspace.rehearse(job, step)
    for message in messages:
        if message["type"] == "order":
            return StepStage(message, messages)
        if message["type"] == "error":
            raise error_of(_CONFLICT, message)
        waiting()
    raise OutsideError("the server stopped before the step was ready", code="server-unreachable", may_retry=True)


def _end_of(helper: subprocess.Popen[bytes]) -> int:
    while True:
        # Not for ever at a time: a signal that came just before would be handed on at the end only.
        with suppress(subprocess.TimeoutExpired):
            return helper.wait(timeout=_WAIT_SECONDS)


def _handing_on(helper: subprocess.Popen[bytes]) -> Callable[[int, Any], None]:
    def hand_on(number: int, _frame: Any) -> None:
        helper.send_signal(number)

    return hand_on


def _locked(path: Path) -> TextIO:
    file = path.open("w")
    fcntl.flock(file, fcntl.LOCK_EX)
    return file


def _sweep(folder: Path) -> None:
    """Remove what callers have left who were killed: their locks are free."""
    for lock in folder.glob(f"*/{_LOCK}"):
        with suppress(OSError), lock.open("r") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(lock.parent, ignore_errors=True)
