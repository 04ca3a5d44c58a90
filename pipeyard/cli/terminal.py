"""
What a stream can show: colours, width, characters.

In:       a text stream and the environment.
Out:      answers, and text that is safe to print there.
Not here: what is printed.
"""

from __future__ import annotations

import os
import sys
from typing import TextIO

_STYLES = {
    "bold": "1",
    "dim": "2",
    "red": "31",
    "green": "32",
    "yellow": "33",
    "blue": "34",
    "magenta": "35",
    "cyan": "36",
}
# Colours that tell steps apart on light and on dark ground.
PREFIX_STYLES = ("cyan", "magenta", "green", "yellow", "blue")
_WIDTH_MIN = 20
_WIDTH_UNKNOWN = 80


def prepare_streams() -> None:
    """
    Make printing safe whatever the locale, and whatever was closed.

    A character that cannot be written is escaped. A stream that the caller closed
    (`>&-`) takes what is written and drops it; opening the null device also keeps its
    descriptor from becoming a socket's.
    """
    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "r" if name == "stdin" else "w"))  # noqa: PTH123, SIM115
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


def is_terminal(stream: TextIO) -> bool:
    """Return whether a person looks at the stream."""
    try:
        return stream.isatty()
    except ValueError:
        # Closed already.
        return False


def may_colour(stream: TextIO) -> bool:
    """Return whether escape sequences may be written (`NO_COLOR` and `TERM=dumb` say no)."""
    if os.environ.get("NO_COLOR"):
        return False
    return is_terminal(stream) and os.environ.get("TERM") != "dumb"


def width_of(stream: TextIO) -> int:
    """Return how many columns a line may have; wide when nobody looks."""
    if not is_terminal(stream):
        return 1000
    try:
        columns = int(os.environ.get("COLUMNS") or 0) or os.get_terminal_size(stream.fileno()).columns
    except (ValueError, OSError):
        columns = 0
    return max(_WIDTH_MIN, columns or _WIDTH_UNKNOWN)


def paint(text: str, *styles: str, colour: bool) -> str:
    """Return the text in some styles, or as it is."""
    if not colour or not styles:
        return text
    codes = ";".join(_STYLES[style] for style in styles)
    return f"\x1b[{codes}m{text}\x1b[0m"


def harmless(text: str) -> str:
    """
    Return the text with control characters spelled out.

    What a file or a step's name holds must not move the cursor or recolour the
    terminal. Tabs become four spaces.
    """
    if text.isprintable():
        return text
    return "".join(_spelled(character) for character in text)


def _spelled(character: str) -> str:
    if character == "\t":
        return "    "
    from unicodedata import category  # noqa: PLC0415 - most text is plain.

    if category(character) in {"Cc", "Cf", "Zl", "Zp"}:
        return character.encode("unicode_escape").decode("ascii")
    return character


def columns_of(text: str) -> int:
    """Return how many columns the text takes."""
    if text.isascii():
        return len(text)
    return sum(_columns(character) for character in text)


def _columns(character: str) -> int:
    from unicodedata import combining, east_asian_width  # noqa: PLC0415 - as above.

    if combining(character):
        return 0
    return 2 if east_asian_width(character) in {"W", "F"} else 1


def cropped(text: str, columns: int) -> str:
    """Return the text in at most so many columns, its end replaced by `...` when it was longer."""
    if columns_of(text) <= columns:
        return text
    kept, used = [], 0
    for character in text:
        used += _columns(character)
        if used > columns - 3:
            break
        kept.append(character)
    return "".join(kept) + "..."


def padded(text: str, columns: int) -> str:
    """Return the text filled up with blanks."""
    return text + " " * max(0, columns - columns_of(text))
