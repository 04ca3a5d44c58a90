"""
One build as the one who carries it out sees it: where to write, how to run programs, what to say.

In:       made by `store.py`, for one build each.
Out:      lines in the build log; `EnvironmentFailed` when a program fails, nobody wants it any more, or time is up.
Not here: when to build, states, locks (`store.py`); what to run (`uv.py`, `conda.py`, `container*.py`).
"""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import field
from pathlib import Path
from typing import IO, Any, Protocol

from pipeyard.environment.strategy import Strategy
from pipeyard.model.errors import EnvironmentFailed
from pipeyard.model.value import dataclass
from pipeyard.ports import PreparedEnvironment

# How often a running program's build is asked whether anybody still wants it.
_LOOK_SECONDS = 0.2
_GRACE_SECONDS = 2.0
LAST_LINES = 20


@dataclass(frozen=True, slots=True)
class Built:
    """What a build made, beside the files in its folder."""

    # What is really there, one package a line.
    lock: str = ""
    # Plain data for whoever opens it later, such as the id of an image.
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Made:
    """An environment that was built earlier."""

    # The folder that was filled; it may be empty, for an image.
    place: Path
    built: Built


class Builder(Protocol):
    """Makes environments of one kind of strategy."""

    def build(self, strategy: Any, build: Build) -> Built:
        """Fill `build.place`, which does not exist yet. Raises `EnvironmentFailed`."""

    def open(self, strategy: Any, made: Made) -> PreparedEnvironment | None:
        """Return what was made, ready to run in; None when it is not there any more. In a millisecond or so."""

    def remove(self, strategy: Strategy | None, made: Made) -> None:
        """Remove what is elsewhere; the folder is removed by the caller. *strategy* is None after a restart."""


class ProgramFailed(EnvironmentFailed):
    """A program of a build ended badly."""

    def __init__(self, program: str, code: int, lines: Sequence[str]) -> None:
        said = next((line.strip() for line in reversed(lines) if line.strip()), f"ended with {code}")
        if code < 0:
            # A program that crashed says nothing of it.
            said = f"ended by {signal.Signals(-code).name}; the last it said: {said}"
        super().__init__(f"{program}: {said}", last_lines=lines)
        # What it wrote, as far as it is kept.
        self.lines = tuple(lines)


class Build:
    """A build under way."""

    def __init__(self, place: Path, log: IO[bytes], is_wanted: Callable[[], bool], deadline: float) -> None:
        """Build into *place*; say to *log*; end at the monotonic *deadline*."""
        # Its final and only place: what is installed there may know its own path. It does not exist yet.
        self.place = place
        self._log = log
        self._is_wanted = is_wanted
        self._deadline = deadline
        self.last_lines: deque[str] = deque(maxlen=LAST_LINES)
        # Looked at a few times a second while a program runs; what it raises ends the program.
        self.watch: Callable[[], None] | None = None

    def say(self, text: str) -> None:
        """Write lines for people into the log."""
        for line in text.splitlines() or [""]:
            self._write(line)

    def check(self) -> None:
        """Raise when nobody wants the build any more, or its time is up."""
        if not self._is_wanted():
            raise EnvironmentFailed("stopped: nobody waits for it any more", code="canceled")
        if time.monotonic() > self._deadline:
            raise EnvironmentFailed("it took longer than `environments.timeout_seconds` allows", code="build-timed-out")
        if self.watch is not None:
            self.watch()

    def run(
        self,
        argv: Sequence[str],
        *,
        environment: Mapping[str, str] | None = None,
        folder: Path | None = None,
        stdin: bytes | None = None,
        is_quiet: bool = False,
    ) -> str:
        """
        Run a program, its output into the log as it comes; return its standard output. Raises `ProgramFailed`.

        With *is_quiet* only its standard error is logged. It and what it started end with the build.
        """
        self.check()
        name = Path(argv[0]).name
        try:
            process = subprocess.Popen(
                argv,
                stdin=subprocess.DEVNULL if stdin is None else subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=None if environment is None else dict(environment),
                cwd=folder,
                start_new_session=True,
            )
        except OSError as problem:
            raise EnvironmentFailed(f"{name}: {problem.strerror or problem}", code="build-program") from problem
        output: list[bytes] = []
        errors: deque[str] = deque(maxlen=200)
        try:
            if stdin is not None and process.stdin is not None:
                with suppress(BrokenPipeError):
                    process.stdin.write(stdin)
                    process.stdin.close()
            self._follow(process, output, errors, is_quiet=is_quiet)
            code = process.wait()
        finally:
            _end(process)
        if code != 0:
            raise ProgramFailed(name, code, tuple(errors))
        return b"".join(output).decode("utf-8", "replace")

    def _follow(
        self, process: subprocess.Popen[bytes], output: list[bytes], errors: deque[str], *, is_quiet: bool
    ) -> None:
        rests: dict[int, bytes] = {}
        with selectors.DefaultSelector() as selector:
            for pipe in (process.stdout, process.stderr):
                assert pipe is not None
                os.set_blocking(pipe.fileno(), False)
                selector.register(pipe, selectors.EVENT_READ)
            while selector.get_map():
                for key, _ in selector.select(_LOOK_SECONDS):
                    data = os.read(key.fd, 65536)
                    is_output = key.fileobj is process.stdout
                    if is_output:
                        output.append(data)
                    if not data:
                        selector.unregister(key.fileobj)
                    *lines, rests[key.fd] = (rests.get(key.fd, b"") + data).split(b"\n")
                    if not data and rests[key.fd]:
                        lines.append(rests[key.fd])
                    for line in lines:
                        # What a progress bar drew before is not worth keeping.
                        text = line.decode("utf-8", "replace").rstrip("\r").rpartition("\r")[2]
                        errors.append(text)
                        if not (is_quiet and is_output):
                            self._write(text)
                self.check()

    def _write(self, line: str) -> None:
        self.last_lines.append(line)
        self._log.write(f"{line}\n".encode("utf-8", "replace"))
        self._log.flush()


def _end(process: subprocess.Popen[bytes]) -> None:
    """See that a program and its children are gone."""
    for pipe in (process.stdout, process.stderr, process.stdin):
        if pipe is not None:
            pipe.close()
    if process.poll() is not None:
        return
    for number in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with suppress(subprocess.TimeoutExpired):
            process.wait(_GRACE_SECONDS)
            return
