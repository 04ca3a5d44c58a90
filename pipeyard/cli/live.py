"""
A job on a terminal: logs above, a table of the steps below that changes in place.

In:       messages of the server's stream.
Out:      drawing, by rich.
Not here: plain lines (`screen.py`). Imported only when there is a terminal.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any, TextIO

from rich.console import Console, ConsoleOptions, RenderResult
from rich.live import Live
from rich.table import Table
from rich.text import Text

from pipeyard.cli.duration import duration_text
from pipeyard.cli.screen import LogLines, next_try, prefix_of, prefix_style
from pipeyard.cli.terminal import harmless

_STYLES = {
    "Completed": "green",
    "Completed (reused)": "green",
    "Failed": "red",
    "Canceled": "yellow",
    "Skipped": "dim",
    "Bypassed": "dim",
    "Running": "cyan",
    "NotStarted": "dim",
}
_SYMBOLS = {
    "Completed": "+",
    "Completed (reused)": "=",
    "Failed": "x",
    "Canceled": "-",
    "Skipped": "-",
    "Bypassed": "-",
    "Running": ">",
}
_ENDED = ("Completed", "Completed (reused)", "Skipped", "Bypassed")
# Lines kept for the log above the table.
_ROWS_KEPT_FREE = 8


class LiveScreen:
    """Logs scroll by; the table stays at the bottom."""

    shows_passing = True

    def __init__(self, stream: TextIO) -> None:
        """Draw on *stream*, which is a terminal."""
        self._console = Console(file=stream, highlight=False, soft_wrap=True)
        self._steps: dict[str, Mapping[str, Any]] = {}
        self._lines = LogLines()
        self._clock = (time.monotonic(), datetime.now(timezone.utc))
        self._live = Live(
            self,
            console=self._console,
            refresh_per_second=4,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._is_open = False

    def step(self, step: Mapping[str, Any]) -> None:
        """Change a row."""
        key = str(step["key"])
        again = next_try(step)
        if again is not None and again != next_try(self._steps.get(key, {})):
            self._print_rest(key)
            self._print(key, f"[{again}]")
        if step.get("ended_at"):
            self._print_rest(key)
        self._steps[key] = step
        if not self._is_open:
            self._is_open = True
            self._live.start()

    def log(self, key: str, text: str) -> None:
        """Print lines above the table."""
        for line in self._lines.add(key, text):
            self._print(key, line)

    def beat(self) -> None:
        """Do nothing: the table moves by itself."""

    def notice(self, text: str) -> None:
        """Print it above the table."""
        self._print("", f"[{harmless(text)}]")

    def close(self) -> None:
        """Remove the table."""
        for key in self._lines.keys():  # noqa: SIM118 - no mapping.
            self._print_rest(key)
        if self._is_open:
            self._is_open = False
            self._live.stop()

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw the table, cut to the height of the terminal."""
        del options
        table = Table(box=None, show_header=False, pad_edge=False, expand=False)
        table.add_column(no_wrap=True)
        table.add_column(no_wrap=True, overflow="ellipsis", ratio=1)
        table.add_column(no_wrap=True)
        table.add_column(no_wrap=True, justify="right")
        rows = self._rows(max(1, console.height - _ROWS_KEPT_FREE))
        for step in rows:
            table.add_row(*self._cells(step))
        yield Text("-" * min(40, console.width), style="dim")
        yield table
        hidden = len(self._steps) - len(rows)
        if hidden:
            yield Text(f"... and {hidden} more steps", style="dim")

    def _rows(self, count: int) -> list[Mapping[str, Any]]:
        """Return the steps that fit, those that are not at their end first to stay."""
        steps = list(self._steps.values())
        spare = len(steps) - count
        kept = []
        for step in steps:
            if spare > 0 and _label(step) in _ENDED:
                spare -= 1
            else:
                kept.append(step)
        return kept[:count]

    def _cells(self, step: Mapping[str, Any]) -> tuple[Text, Text, Text, Text]:
        label = _label(step)
        style = _STYLES.get(label, "")
        return (
            Text(_SYMBOLS.get(label, "."), style=style),
            Text(harmless(str(step["key"] or step.get("display_name") or "job"))),
            Text(label, style=style),
            Text(str(step.get("waiting_for") or duration_text(self._seconds(step))), style="dim"),
        )

    def _seconds(self, step: Mapping[str, Any]) -> float | None:
        seconds = step.get("duration_seconds")
        if seconds is not None or not step.get("started_at") or step.get("ended_at"):
            return seconds
        # The server's clock is this machine's; the monotonic one keeps it from jumping.
        began, at = self._clock
        now = at.timestamp() + time.monotonic() - began
        started = datetime.fromisoformat(str(step["started_at"]).replace("Z", "+00:00"))
        return max(0.0, now - started.timestamp())

    def _print_rest(self, key: str) -> None:
        rest = self._lines.rest(key)
        if rest is not None:
            self._print(key, rest)

    def _print(self, key: str, line: str) -> None:
        # A program's own colours are kept; other escape sequences would break the table.
        text = Text.from_ansi(line)
        if key:
            text = Text.assemble((prefix_of(key), prefix_style(key)), " | ", text)
        self._console.print(text)


def _label(step: Mapping[str, Any]) -> str:
    return str(step.get("label") or step["status"])
