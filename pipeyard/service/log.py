"""
Ranges and searches of a step's log, however long it is.

In:       a log file, which its step may still be writing.
Out:      numbered lines.
Not here: following a log as it grows (`follow.py`).

A sparse index remembers how many lines end before each block, so that line ten
million costs one block of reading. It is kept in memory and grows with the file.
"""

from __future__ import annotations

import os
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import BinaryIO

from pipeyard.service.log_gap import dropped_text, hole_end

BLOCK_BYTES = 1 << 18
# A longer line is cut: a page or a terminal cannot show it.
LINE_BYTES_MAX = 1 << 16
LINES_MAX = 5_000
_INDEXES_MAX = 64
# Where a hole may begin.
_ZEROS = bytes(512)


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line, counted from 1, without its end."""

    number: int
    text: str
    is_cut: bool = False


@dataclass(frozen=True, slots=True)
class LogPage:
    """Some lines of a log, and how many there are."""

    lines: tuple[LogLine, ...]
    line_count: int
    size: int
    # Where to go on reading or searching; None: at the end.
    next_line: int | None


@dataclass
class _Index:
    # (device, inode): another file under the same name starts anew.
    identity: tuple[int, int]
    # Bytes that were counted, and line ends among them.
    counted: int = 0
    ends: int = 0
    # At each block's start: its offset, and the number of line ends before it.
    offsets: list[int] = field(default_factory=list)
    ends_before: list[int] = field(default_factory=list)
    ends_with_newline: bool = True

    @property
    def line_count(self) -> int:
        return self.ends if self.ends_with_newline else self.ends + 1

    def grow(self, file: BinaryIO) -> None:
        file.seek(self.counted)
        while block := file.read(BLOCK_BYTES):
            self.offsets.append(self.counted)
            self.ends_before.append(self.ends)
            self.counted += len(block)
            self.ends += block.count(b"\n")
            self.ends_with_newline = block.endswith(b"\n")

    def start_of(self, line: int) -> tuple[int, int]:
        """Return (offset, line ends before it) of the last block that starts at or before *line*."""
        block = bisect_right(self.ends_before, line - 2) - 1
        return (self.offsets[block], self.ends_before[block]) if block >= 0 else (0, 0)


class LogReader:
    """Reads logs, and remembers the indexes of the last few. May be used by several threads."""

    def __init__(self) -> None:
        """Start without any index."""
        self._indexes: OrderedDict[Path, _Index] = OrderedDict()
        self._lock = Lock()

    def page(self, path: Path, *, from_line: int = 1, count: int = 1_000, search: str | None = None) -> LogPage:
        """
        Return up to *count* lines from *from_line* on; with *search*, only lines that hold it (any case).

        A negative *from_line* counts from the end: -100 is the last hundred lines.
        """
        count = max(1, min(count, LINES_MAX))
        try:
            file = path.open("rb")
        except (FileNotFoundError, NotADirectoryError):
            return LogPage((), 0, 0, None)
        with file:
            index = self._index_of(path, file)
            first = max(1, index.line_count + 1 + from_line if from_line < 0 else from_line)
            number = _go_to(file, index, first)
            lines = _lines_holding(file, number, search.casefold()) if search else _lines(file, number)
            taken: list[LogLine] = []
            for line in lines:
                if len(taken) == count:
                    return LogPage(tuple(taken), index.line_count, index.counted, line.number)
                taken.append(line)
            return LogPage(tuple(taken), index.line_count, index.counted, None)

    def _index_of(self, path: Path, file: BinaryIO) -> _Index:
        with self._lock:
            size, identity = _facts(file)
            index = self._indexes.get(path)
            if index is None or index.identity != identity or size < index.counted:
                index = _Index(identity)
            self._indexes[path] = index
            self._indexes.move_to_end(path)
            while len(self._indexes) > _INDEXES_MAX:
                self._indexes.popitem(last=False)
            index.grow(file)
            return index


def _facts(file: BinaryIO) -> tuple[int, tuple[int, int]]:
    status = os.fstat(file.fileno())
    return status.st_size, (status.st_dev, status.st_ino)


def _go_to(file: BinaryIO, index: _Index, first: int) -> int:
    """Move to the beginning of line *first*, and return its number; the end of the file if it has no such line."""
    offset, ends = index.start_of(first)
    file.seek(offset)
    number = ends + 1
    # A block may start inside a line that began before it; that line is not wanted.
    while number < first and _skip_line(file):
        number += 1
    return number


def _lines(file: BinaryIO, number: int) -> Iterator[LogLine]:
    while raw := file.readline(LINE_BYTES_MAX):
        is_cut = not raw.endswith(b"\n") and len(raw) == LINE_BYTES_MAX
        text = raw.rstrip(b"\r\n").decode("utf-8", "replace")
        zeros = raw.find(_ZEROS)
        if zeros >= 0:
            start = file.tell() - len(raw) + zeros
            end = hole_end(file.fileno(), start)
            if end > start:
                text = raw[:zeros].decode("utf-8", "replace") + dropped_text(end - start)
                file.seek(max(end, file.tell()))
        if is_cut:
            _skip_line(file)
        yield LogLine(number, text, is_cut)
        number += 1


def _lines_holding(file: BinaryIO, number: int, wanted: str) -> Iterator[LogLine]:
    """Yield the lines that hold *wanted*; whole blocks without it are passed over, for a log may have a gigabyte."""
    start = file.tell()
    while block := file.read(BLOCK_BYTES):
        # Behind the last whole line; a block inside one long line has none.
        end = start + block.rfind(b"\n") + 1
        if end > start and wanted not in block[: end - start].decode("utf-8", "replace").casefold():
            number += block.count(b"\n")
            file.seek(end)
        else:
            file.seek(start)
            for line in _lines(file, number):
                number = line.number + 1
                if wanted in line.text.casefold():
                    yield line
                if file.tell() >= end:
                    break
        start = file.tell()


def _skip_line(file: BinaryIO) -> bool:
    while piece := file.readline(LINE_BYTES_MAX):
        if piece.endswith(b"\n"):
            return True
    return False
