"""
A table as mini-batches of rows: by size, or by equal values in some columns.

In:       a task whose input is a table: its files, and what is done to get their rows.
Out:      one pickled DataFrame for each mini-batch, and a line of JSON about it; in the end their number.
Not here: which files the table has (the server listed them), giving rows to the script (`parallel_worker.py`).

A process of its own with pandas of the step's environment, so that the master stays small.
"""

from __future__ import annotations

import json
import math
import os
import sys
from typing import Any, Iterator

from . import parallel_task
from .parallel_rows import BadTable, frames

# Section 3.3: of a table that says nothing else.
_BATCH_BYTES = 1 << 20


def main(arguments: list[str]) -> int:
    """Write all mini-batches of a table."""
    # Libraries may print; only what is written here is for the master.
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as telling:
        os.dup2(2, 1)
        task = parallel_task.read_task(arguments[0])
        try:
            count = 0
            for message in _batches(task):
                telling.write(json.dumps({"index": count, **message}) + "\n")
                telling.flush()
                count += 1
            telling.write(json.dumps({"total": count}) + "\n")
        except (BadTable, ImportError) as problem:
            telling.write(json.dumps({"error": str(problem)}) + "\n")
            return 1
        except Exception as problem:  # noqa: BLE001 - pandas raises whatever it likes about a file
            said = str(problem).strip().splitlines()
            text = f"the table cannot be read: {type(problem).__name__}: {said[0] if said else ''}"
            telling.write(json.dumps({"error": text}) + "\n")
            return 1
    return 0


def _batches(task: parallel_task.Task) -> Iterator[dict[str, Any]]:
    try:
        import pandas  # noqa: F401 - asked for here, to say clearly that it is missing
    except ImportError:
        raise ImportError(
            "the step's environment has no pandas, which is needed to split a table; "
            "add `pandas` to its conda file or image (`pyarrow` too for Parquet)"
        ) from None
    folder = os.path.join(task.root, "driver", "rows")
    os.makedirs(folder, exist_ok=True)
    split = _by_keys(task) if task.partition_keys else _by_size(task)
    for number, (frame, label, partition, identity) in enumerate(split):
        file = os.path.join(folder, f"{number:08d}.pkl")
        frame.to_pickle(file, protocol=4)
        yield {"file": file, "rows": len(frame), "label": label, "partition": partition, "identity": identity}


def _by_size(task: parallel_task.Task) -> Iterator[tuple[Any, str, None, Any]]:
    import pandas as pd

    wanted = task.mini_batch_bytes or _BATCH_BYTES
    kept: list[Any] = []
    # Bytes of the files that the rows at hand come from, and their number so far.
    size, start = 0.0, 0
    for _, frame, bytes_of_row in frames(task.input["path"], task.input["files"], task.input["table"]):
        at = 0
        while at < len(frame):
            room = max(1, int((wanted - size) / bytes_of_row)) if bytes_of_row > 0 else len(frame)
            part = frame.iloc[at : at + room]
            kept.append(part)
            at += len(part)
            size += len(part) * bytes_of_row
            if size + bytes_of_row > wanted:
                yield _rows(pd, kept, start, wanted)
                start += sum(map(len, kept))
                kept, size = [], 0.0
    if kept:
        yield _rows(pd, kept, start, wanted)


def _rows(pd: Any, kept: list[Any], start: int, wanted: int) -> tuple[Any, str, None, Any]:
    frame = pd.concat(kept, ignore_index=True) if len(kept) > 1 else kept[0].reset_index(drop=True)
    stop = start + len(frame)
    return frame, f"rows {start} to {stop - 1}", None, ["rows", start, stop, wanted]


def _by_keys(task: parallel_task.Task) -> Iterator[tuple[Any, str, dict[str, Any], Any]]:
    import pandas as pd

    parts = [frame for _, frame, _ in frames(task.input["path"], task.input["files"], task.input["table"])]
    if not parts:
        return
    whole = pd.concat(parts, ignore_index=True)
    keys = task.partition_keys
    missing = [key for key in keys if key not in whole.columns]
    if missing:
        there = ", ".join(f"`{name}`" for name in list(whole.columns)[:20])
        raise BadTable(f"the partition key `{missing[0]}` is no column of the table, which has {there}")
    # A single key as a plain name: a list of one makes tuples of one in some versions of pandas only.
    for values, frame in whole.groupby(keys if len(keys) > 1 else keys[0], sort=True, dropna=False):
        listed = values if isinstance(values, tuple) else (values,)
        partition = {key: _plain(value) for key, value in zip(keys, listed)}
        label = ", ".join(f"{key}={value}" for key, value in partition.items())
        yield frame.reset_index(drop=True), label, partition, ["partition", partition, len(frame)]


def _plain(value: Any) -> Any:
    """Return a value as JSON has it."""
    if hasattr(value, "item"):
        value = value.item()
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        return None if math.isnan(value) else value
    return str(value)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
