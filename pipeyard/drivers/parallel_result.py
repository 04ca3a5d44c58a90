"""
The rows that mini-batches returned: kept as they come, put together in order at the end.

In:       texts of rows, in any order; those that an earlier run has kept.
Out:      `logs/parallel/finished.jsonl`, one line for each mini-batch; the file of `append_row_to`.
Not here: what counts as failed (`parallel.py`).

Invariant: what is in `finished.jsonl` need not run again. A line that was cut off by a crash counts as not there.
"""

from __future__ import annotations

import json
import os
import shutil
from typing import Any

from .parallel_split import Batch

FINISHED = "finished.jsonl"


class Results:
    """What has been returned so far."""

    def __init__(self, folder: str, earlier: str | None) -> None:
        """Keep in *folder*; *earlier* is the same folder of an earlier run."""
        self._path = os.path.join(folder, FINISHED)
        self._file = open(self._path, "w+b")
        self._size = 0
        # By index: where its line begins.
        self._lines: dict[int, int] = {}
        self._earlier: dict[str, dict[str, Any]] = {} if earlier is None else _finished_in(earlier)

    def taken(self, batch: Batch) -> bool:
        """Take a mini-batch over from the earlier run; False if it has to run."""
        kept = self._earlier.get(batch.key)
        if kept is None:
            return False
        self.keep(batch, kept["rows"], kept["text"], is_complete=True)
        return True

    def keep(self, batch: Batch, rows: int, text: str, *, is_complete: bool) -> None:
        """Keep what a mini-batch returned; the last word on it counts."""
        line = {"index": batch.index, "key": batch.key, "rows": rows, "complete": is_complete, "text": text}
        data = (json.dumps(line) + "\n").encode()
        self._file.write(data)
        self._lines[batch.index] = self._size
        self._size += len(data)

    def flush(self) -> None:
        """Let others see what was kept."""
        self._file.flush()

    def append_to(self, place: str) -> int:
        """Write every row that was returned to a file, in the order of the mini-batches; return how many."""
        self._file.flush()
        count = 0
        os.makedirs(os.path.dirname(place), exist_ok=True)
        with open(place, "w", encoding="utf-8", errors="surrogateescape") as out:
            for index in sorted(self._lines):
                self._file.seek(self._lines[index])
                line = json.loads(self._file.readline())
                out.write(line["text"])
                count += line["rows"]
        self._file.seek(0, os.SEEK_END)
        return count

    def close(self, *, is_needed: bool) -> None:
        """Close; when nobody can need them again the lines are removed."""
        self._file.close()
        if not is_needed:
            os.unlink(self._path)


def take_outputs(earlier: dict[str, str], outputs: dict[str, str], without: str | None) -> None:
    """Copy what an earlier run wrote into the outputs of this one, apart from the file of rows."""
    for name, source in earlier.items():
        target = outputs.get(name)
        if target is None or not os.path.exists(source) or (without is not None and _is_below(without, target)):
            continue
        if os.path.isdir(source):
            _copy_folder(source, target)
        else:
            shutil.copyfile(source, target)


def _copy_folder(source: str, target: str) -> None:
    for folder, _, names in os.walk(source):
        inner = os.path.normpath(os.path.join(target, os.path.relpath(folder, source)))
        os.makedirs(inner, exist_ok=True)
        for name in names:
            # Mode and times stay behind: what comes from a read-only place shall be writable.
            shutil.copyfile(os.path.join(folder, name), os.path.join(inner, name))


def _is_below(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def _finished_in(folder: str) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    path = os.path.join(folder, FINISHED)
    if not os.path.exists(path):
        return found
    with open(path, "rb") as file:
        for data in file:
            try:
                line = json.loads(data)
            except ValueError:
                continue
            if line.get("complete"):
                found[line["key"]] = line
            else:
                found.pop(line.get("key"), None)
    return found
