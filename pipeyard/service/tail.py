"""
The new text of a growing log, cut where a reader expects it.

In:       a file that somebody appends to, and those that earlier tries of the step left beside it.
Out:      pieces of text: whole characters always, whole lines where that does not take too long.
Not here: which logs are followed, and when to look again (`follow.py`).
"""

from __future__ import annotations

import codecs
import os
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from pipeyard.service.log_gap import data_end, dropped_text, hole_end

PIECE_BYTES = 1 << 16
# A line that is not finished (a progress bar, a prompt) is handed out after so long.
HOLD_SECONDS = 0.5


class LogTail:
    """One log from its beginning, the logs of earlier tries before it."""

    def __init__(self, path: Path) -> None:
        """Begin at the start of the file, which need not exist yet."""
        self._path = path
        self._offset = 0
        # The file that was read last; another one of its name is that of the next try.
        self._identity: tuple[int, int] | None = None
        # Earlier tries that were read to their end.
        self._tries_read = 0
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._held = ""
        self._held_since = 0.0

    def read(self, now: float, *, is_last: bool = False) -> Iterator[str]:
        """
        Yield what was written since the last call; with *is_last*, without holding anything back.

        *now* is any clock in seconds that only grows.
        """
        for text in self._pieces():
            self._held_since = self._held_since if self._held else now
            whole, cut, rest = (self._held + text).rpartition("\n")
            if cut:
                yield whole + cut
                self._held_since = now
            self._held = rest
            if len(self._held) >= PIECE_BYTES:
                yield self._release()
        if is_last:
            self._held += self._decoder.decode(b"", final=True)
        if self._held and (is_last or now - self._held_since >= HOLD_SECONDS):
            yield self._release()

    def _release(self) -> str:
        text, self._held = self._held, ""
        return text

    def _pieces(self) -> Iterator[str]:
        try:
            file = self._path.open("rb")
        except (FileNotFoundError, NotADirectoryError):
            # Between two tries there is none.
            yield from self._earlier_tries()
            return
        with file:
            if self._is_another(file):
                yield from self._earlier_tries()
                self._begin(file)
            if os.fstat(file.fileno()).st_size < self._offset:
                # Somebody emptied it.
                self._offset = 0
            while text := self._piece(file):
                yield text

    def _is_another(self, file: BinaryIO) -> bool:
        return self._identity != _identity(file)

    def _begin(self, file: BinaryIO) -> None:
        self._identity, self._offset = _identity(file), 0

    def _earlier_tries(self) -> Iterator[str]:
        """Yield what is left of the tries whose logs lie beside this one now."""
        for number, path in _tries(self._path):
            if number <= self._tries_read:
                continue
            with suppress(FileNotFoundError), path.open("rb") as file:
                if self._is_another(file):
                    self._begin(file)
                while text := self._piece(file):
                    yield text
                # A try may end inside a line, or inside a character.
                rest = self._decoder.decode(b"", final=True)
                self._decoder.reset()
                yield rest + "\n" if rest or not _ends_a_line(file) else ""
            self._tries_read = number

    def _piece(self, file: BinaryIO) -> str:
        """Return the next text, the line that stands for a hole included; nothing at the end."""
        text = ""
        while not text:
            start = hole_end(file.fileno(), self._offset)
            if start > self._offset:
                text = f"\n{dropped_text(start - self._offset)}\n"
                self._offset = start
                continue
            file.seek(start)
            data = file.read(min(PIECE_BYTES, data_end(file.fileno(), start) - start))
            if not data:
                break
            self._offset += len(data)
            text = self._decoder.decode(data)
        return text


def _identity(file: BinaryIO) -> tuple[int, int]:
    found = os.fstat(file.fileno())
    return found.st_dev, found.st_ino


def _tries(path: Path) -> list[tuple[int, Path]]:
    """Return the logs of earlier tries, the first one first."""
    name = re.compile(re.escape(path.stem) + r"_try_(\d+)" + re.escape(path.suffix))
    try:
        found = [(name.fullmatch(other.name), other) for other in path.parent.iterdir()]
    except (FileNotFoundError, NotADirectoryError):
        return []
    return sorted((int(match[1]), other) for match, other in found if match)


def _ends_a_line(file: BinaryIO) -> bool:
    size = os.fstat(file.fileno()).st_size
    return size == 0 or os.pread(file.fileno(), 1, size - 1) == b"\n"
