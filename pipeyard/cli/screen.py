"""
What is printed while a job runs, line by line.

In:       messages of the server's stream.
Out:      lines, each behind the step that it is about.
Not here: the live table of a terminal (`live.py`).

A step's lines are whole: a piece of a line waits for the rest of it, or for the step's end.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol, TextIO

from pipeyard.cli.duration import duration_text
from pipeyard.cli.terminal import PREFIX_STYLES, harmless, paint

# Longer prefixes would push the text off the screen.
_PREFIX_COLUMNS_MAX = 30
# States that a step only passes through; a line for each would bury the logs.
_PASSING = frozenset({"NotStarted", "Queued", "Preparing", "Starting", "Finalizing"})


class Screen(Protocol):
    """Whoever shows a job that runs."""

    # Whether it wants to know of steps that wait, are prepared or are finalized.
    shows_passing: bool

    def step(self, step: Mapping[str, Any]) -> None:
        """A step moved."""

    def log(self, key: str, text: str) -> None:
        """A step wrote something."""

    def beat(self) -> None:
        """Nothing happened for a while; the server is there."""

    def notice(self, text: str) -> None:
        """Something is to be said that is about no step."""

    def close(self) -> None:
        """Nothing more comes. May be called twice."""


class LogLines:
    """Pieces of text by step, given out as whole lines."""

    def __init__(self) -> None:
        """Begin with no text."""
        self._rests: dict[str, str] = {}

    def add(self, key: str, text: str) -> Iterator[str]:
        """Yield the lines that *text* completes."""
        whole = self._rests.get(key, "") + text
        *lines, rest = whole.split("\n")
        self._rests[key] = rest
        for line in lines:
            yield last_of_overwritten(line)

    def rest(self, key: str) -> str | None:
        """Return what a step wrote without ending the line, None for nothing."""
        return last_of_overwritten(self._rests.pop(key, "")) or None

    def keys(self) -> list[str]:
        """Return the steps that have begun a line."""
        return [key for key, rest in self._rests.items() if rest]


def last_of_overwritten(line: str) -> str:
    """Return what a terminal shows in the end of a line with carriage returns in it."""
    line = line.rstrip("\r")
    return line.rpartition("\r")[2]


def prefix_style(key: str) -> str:
    """Return the colour of a step: the same in each run."""
    return PREFIX_STYLES[zlib.crc32(key.encode("utf-8", "replace")) % len(PREFIX_STYLES)]


def prefix_of(key: str) -> str:
    """Return what stands before a step's lines."""
    shown = harmless(key)
    return shown if len(shown) <= _PREFIX_COLUMNS_MAX else "..." + shown[3 - _PREFIX_COLUMNS_MAX :]


def step_text(step: Mapping[str, Any]) -> str | None:
    """Return one sentence about a step's move, None when it is not worth a line."""
    label = str(step.get("label") or step["status"])
    if label in _PASSING:
        return None
    error = step.get("error") or {}
    took = duration_text(step.get("duration_seconds")) if step.get("ended_at") else ""
    text = label + (f" after {took}" if took else "")
    # Of an earlier try all was said (`next_try`).
    has_reason = error.get("message") and not error.get("will_retry")
    return text + (f": {harmless(str(error['message']).splitlines()[0])}" if has_reason else "")


def next_try(step: Mapping[str, Any]) -> str | None:
    """Return what is said of a try that failed and is followed by another; None while there was none."""
    text = (step.get("error") or {}).get("next_try")
    return None if text is None else harmless(str(text))


class PlainScreen:
    """Lines only: for pipes, files and terminals that cannot do more."""

    shows_passing = False

    def __init__(self, stream: TextIO, *, colour: bool) -> None:
        """Write on *stream*."""
        self._stream = stream
        self._colour = colour
        self._lines = LogLines()
        self._told: dict[str, str] = {}
        # What was said last of a step's next try.
        self._tries: dict[str, str] = {}

    def step(self, step: Mapping[str, Any]) -> None:
        """Print that a step moved."""
        key = str(step["key"])
        again = next_try(step)
        if again is not None and self._tries.get(key) != again:
            self._tries[key] = again
            self._told.pop(key, None)
            self._print_rest(key)
            self._print(key, f"[{again}]")
        text = step_text(step)
        if step.get("ended_at"):
            self._print_rest(key)
        if text is not None and self._told.get(key) != text:
            self._told[key] = text
            self._print(key, f"[{text}]")

    def log(self, key: str, text: str) -> None:
        """Print the lines that are whole, all at once: a log may have millions."""
        lines = [prefixed(key, line, paint_prefix=self._painted) + "\n" for line in self._lines.add(key, text)]
        if lines:
            self._stream.write("".join(lines))
            self._stream.flush()

    def beat(self) -> None:
        """Do nothing."""

    def notice(self, text: str) -> None:
        """Print it on a line of its own."""
        self._print("", f"[{harmless(text)}]")

    def close(self) -> None:
        """Print what was begun."""
        for key in self._lines.keys():  # noqa: SIM118 - no mapping.
            self._print_rest(key)

    def _print_rest(self, key: str) -> None:
        rest = self._lines.rest(key)
        if rest is not None:
            self._print(key, rest)

    def _print(self, key: str, line: str) -> None:
        self._stream.write(prefixed(key, line, paint_prefix=self._painted) + "\n")
        # Whoever reads a pipe wants to see it now.
        self._stream.flush()

    def _painted(self, prefix: str, key: str) -> str:
        return paint(prefix, prefix_style(key), colour=self._colour)


def prefixed(key: str, line: str, *, paint_prefix: Callable[[str, str], str]) -> str:
    """Return a line behind its step; a job that is a single command has no step to name."""
    if not key:
        return line
    return f"{paint_prefix(prefix_of(key), key)} | {line}".rstrip()
