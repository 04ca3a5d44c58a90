"""
Follow a job until it ends.

In:       a connection and a job's name.
Out:      logs and moves of steps on a stream, and the exit code: 0 only for a completed job.
Not here: how they are drawn (`screen.py`, `live.py`), the last words (`summary.py`).

A server that is replaced meanwhile tells everything from the start; what was shown is left out.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from typing import Any, TextIO

from pipeyard.cli.notice import say
from pipeyard.cli.screen import PlainScreen, Screen
from pipeyard.cli.summary import render_summary
from pipeyard.cli.terminal import is_terminal, may_colour, width_of
from pipeyard.client.home import home_path
from pipeyard.client.server import ensure_server, find_server, was_killed
from pipeyard.client.workspace import Workspace
from pipeyard.model.errors import OutsideError
from pipeyard.model.status import JobStatus

# What a shell shows for a program that was interrupted.
INTERRUPTED = 130
# A server that is replaced is back in a second or two.
_SILENCE_SECONDS_MAX = 15.0
_AGAIN_SECONDS = 0.2


def follow(workspace: Workspace, name: str, stream: TextIO, rank: int | None = None) -> int:
    """Show a job on *stream* until it has ended; of several processes the log of *rank*, or of the first."""
    screen = _screen_for(stream)
    try:
        end = _watch(workspace, name, screen, stream, rank)
    except KeyboardInterrupt:
        screen.close()
        say(f"\nThe job goes on. To see it again: pipeyard job stream -n {name}")
        say(f"To cancel it: pipeyard job cancel -n {name}")
        return INTERRUPTED
    job = end["job"]
    folder = home_path() / "workspaces" / workspace.name
    summary = render_summary(
        job, end.get("steps") or (), folder=folder, columns=width_of(stream), colour=may_colour(stream)
    )
    stream.write(summary)
    return 0 if job["status"] == JobStatus.COMPLETED.value else 1


def _watch(workspace: Workspace, name: str, screen: Screen, stream: TextIO, rank: int | None) -> Mapping[str, Any]:
    heard = _Heard(screen, stream)
    give_up_at = time.monotonic() + _SILENCE_SECONDS_MAX
    try:
        while True:
            try:
                for message in workspace.stream(name, passing=screen.shows_passing, steps=False, rank=rank):
                    give_up_at = time.monotonic() + _SILENCE_SECONDS_MAX
                    end = heard.take(message)
                    if end is not None:
                        return end
            except OutsideError as error:
                if not error.may_retry:
                    raise
            heard.begin_again()
            _reconnect(workspace, name, give_up_at)
    finally:
        screen.close()


class _Heard:
    """What was told of a job so far, over one connection or several."""

    def __init__(self, screen: Screen, stream: TextIO) -> None:
        self._screen = screen
        self._stream = stream
        self._is_announced = False
        # Per step the characters of its log that were shown, and those that are told once more.
        self._shown: dict[str, int] = {}
        self._repeated: dict[str, int] = {}
        self._ended: set[str] = set()
        # What was told of each step last.
        self._steps: dict[str, Mapping[str, Any]] = {}
        # What keeps the server from storing what happens, as it was shown.
        self._problem: str | None = None

    def begin_again(self) -> None:
        """Expect everything from the start."""
        self._repeated = dict(self._shown)

    def take(self, message: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Show what is new in a message; return it if it is the last."""
        kind = message.get("type")
        if kind == "end":
            self._trouble(None)
            return self._with_steps(message)
        if kind == "job" and not self._is_announced:
            self._is_announced = True
            self._stream.write(_head(message["job"]))
            self._stream.flush()
        elif kind == "step":
            self._step(message)
        elif kind == "log":
            self._log(str(message["key"]), str(message.get("name", message["key"])), str(message["text"]))
        elif kind == "beat":
            self._trouble(message.get("problem"))
            self._screen.beat()
        return None

    def _with_steps(self, end: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the last message with all steps: each was told when it ended, so they are not sent twice."""
        if "steps" in end:
            return end
        return {**end, "steps": [self._steps[name] for name in end.get("names") or () if name in self._steps]}

    def _trouble(self, problem: str | None) -> None:
        """Say once that the server cannot go on for now, and once that it can again."""
        if problem == self._problem:
            return
        self._problem = problem
        if problem is None:
            self._screen.notice("the server goes on")
        else:
            self._screen.notice(f"the server cannot store what happens and tries again: {problem}")

    def _step(self, step: Mapping[str, Any]) -> None:
        name = str(step.get("name", step["key"]))
        self._steps[name] = step
        if name in self._ended:
            return
        if step.get("ended_at"):
            self._ended.add(name)
        self._screen.step(step)

    def _log(self, key: str, name: str, text: str) -> None:
        known = self._repeated.get(name, 0)
        self._repeated[name] = max(0, known - len(text))
        new = text[known:]
        if new:
            self._shown[name] = self._shown.get(name, 0) + len(new)
            self._screen.log(key, new)


def _reconnect(workspace: Workspace, name: str, give_up_at: float) -> None:
    """Speak to whichever server answers now; one that was stopped on purpose is not started again."""
    while time.monotonic() < give_up_at:
        found = ensure_server(home_path(), say) if was_killed(home_path()) else find_server(home_path())
        if found is not None:
            # Whoever holds the workspace goes on with the new connection.
            workspace.http = found.http
            time.sleep(_AGAIN_SECONDS)
            return
        time.sleep(_AGAIN_SECONDS)
    raise OutsideError(
        f"the server stopped telling about `{name}`; the job goes on",
        code="server-unreachable",
        hint=f"to follow it again: pipeyard job stream -n {name}",
        may_retry=True,
    )


def _head(job: Mapping[str, Any]) -> str:
    # Azure's first lines, to the letter.
    return f"RunId: {job['name']}\nWeb View: {job['services']['Studio']['endpoint']}\n\n"


def _screen_for(stream: TextIO) -> Screen:
    if not is_terminal(stream) or os.environ.get("TERM") == "dumb":
        return PlainScreen(stream, colour=False)
    # Imported here: drawing a live table costs a library.
    from pipeyard.cli.live import LiveScreen  # noqa: PLC0415

    return LiveScreen(stream)
