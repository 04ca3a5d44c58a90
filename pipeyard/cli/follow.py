"""
Follow a job until it ends.

In:       a connection and a job's name.
Out:      logs and moves of steps on a stream, and the exit code: 0 only for a completed job.
Not here: how they are drawn (`screen.py`, `live.py`), the last words (`summary.py`).
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, TextIO

from pipeyard.cli.notice import say
from pipeyard.cli.screen import PlainScreen, Screen
from pipeyard.cli.summary import render_summary
from pipeyard.cli.terminal import is_terminal, may_colour, width_of
from pipeyard.client.home import home_path
from pipeyard.client.workspace import Workspace
from pipeyard.model.errors import OutsideError
from pipeyard.model.status import JobStatus

# What a shell shows for a program that was interrupted.
INTERRUPTED = 130


def follow(workspace: Workspace, name: str, stream: TextIO) -> int:
    """Show a job on *stream* until it has ended."""
    screen = _screen_for(stream)
    try:
        end = _watch(workspace, name, screen, stream)
    except KeyboardInterrupt:
        screen.close()
        say(f"\nThe job goes on. To see it again: pipeyard job stream -n {name}")
        say(f"To cancel it: pipeyard job cancel -n {name}")
        return INTERRUPTED
    job = end["job"]
    summary = render_summary(
        job, end.get("steps") or (), home=home_path(), columns=width_of(stream), colour=may_colour(stream)
    )
    stream.write(summary)
    return 0 if job["status"] == JobStatus.COMPLETED.value else 1


def _watch(workspace: Workspace, name: str, screen: Screen, stream: TextIO) -> Mapping[str, Any]:
    is_announced = False
    try:
        for message in workspace.stream(name):
            kind = message.get("type")
            if kind == "end":
                return dict(message)
            if kind == "job" and not is_announced:
                is_announced = True
                stream.write(_head(message["job"]))
                stream.flush()
            elif kind == "step":
                screen.step(message)
            elif kind == "log":
                screen.log(str(message["key"]), str(message["text"]))
            elif kind == "beat":
                screen.beat()
    finally:
        screen.close()
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
