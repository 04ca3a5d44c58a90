"""
How far long work is: one line on a terminal, nothing anywhere else.

In:       bytes done, from any thread.
Out:      a line on stderr that replaces itself and vanishes at the end.
Not here: the work (`client/pack.py`, `client/upload.py`).

Nothing is drawn for work that is over at once.
"""

from __future__ import annotations

import sys
import threading
import time

from pipeyard.cli.notice import say, warn
from pipeyard.cli.terminal import cropped, harmless, is_terminal, width_of

_QUIET_SECONDS = 0.5
_REDRAW_SECONDS = 0.1
_BAR_COLUMNS = 20
_WIPE = "\r\x1b[K"


class ProgressLine:
    """A `Watcher` that draws."""

    def __init__(self, *, quiet: bool = False, verbose: bool = False) -> None:
        """Draw on stderr if it is a terminal and not *quiet*; *verbose* keeps a line for each piece of work."""
        self._is_verbose = verbose and not quiet
        self._is_on = not quiet and is_terminal(sys.stderr)
        self._lock = threading.Lock()
        self._label = ""
        self._total = 0
        self._done = 0
        self._drawn_at = 0.0
        self._is_drawn = False

    def begin(self, label: str, total_bytes: int) -> None:
        """Start a new line."""
        with self._lock:
            self._label, self._total, self._done = label, total_bytes, 0
            self._drawn_at = time.monotonic() + _QUIET_SECONDS - _REDRAW_SECONDS

    def advance(self, count: int) -> None:
        """Count bytes, and draw now and then."""
        with self._lock:
            self._done += count
            if self._is_on and time.monotonic() - self._drawn_at >= _REDRAW_SECONDS:
                self._drawn_at = time.monotonic()
                self._is_drawn = True
                line = progress_line(self._label, self._done, self._total)
                sys.stderr.write(_WIPE + cropped(line, width_of(sys.stderr) - 1))
                sys.stderr.flush()

    def end(self) -> None:
        """Remove the line."""
        with self._lock:
            if self._is_drawn:
                self._is_drawn = False
                sys.stderr.write(_WIPE)
                sys.stderr.flush()
        if self._is_verbose:
            say(f"{self._label}: {size_text(self._done)} of {size_text(self._total)}")

    def warn(self, text: str) -> None:
        """Print a warning."""
        warn(text)


def progress_line(label: str, done: int, total: int) -> str:
    """Return how far a piece of work is."""
    share = min(1.0, done / total) if total else 1.0
    filled = int(share * _BAR_COLUMNS)
    bar = "#" * filled + "." * (_BAR_COLUMNS - filled)
    return f"{harmless(label)} [{bar}] {share:4.0%} {size_text(done)} of {size_text(total)}"


def size_text(count: float) -> str:
    """Return a number of bytes as people read it."""
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000:  # noqa: PLR2004 - the step between units.
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} TB"
