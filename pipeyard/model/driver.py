"""
What a step says that a program of ours runs for it: `parallel`, `spark`, `data_transfer`.

In:       nothing; these are the values that `spec/decode_driver.py` makes.
Out:      read by the checks, the launch planner (`launch/driver.py`) and reuse.
Not here: what such a step has in common with a command (`model/component.py`).

Such a step is one attempt on a compute, as any command is. None means "not written": what a step
says of a component's task wins field by field (`merged`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, fields, replace
from enum import Enum
from typing import TypeVar

from pipeyard.model.diagnostic import Place
from pipeyard.model.value import dataclass

# Section 3.3: what a parallel task has that does not say.
MINI_BATCH_FILES = 1
MINI_BATCH_BYTES = 1 << 20
MAX_RETRIES = 2
TRY_SECONDS = 60.0
TRY_SECONDS_MAX = 259_200.0
# Of a job in which only failed mini-batches run: under which name its record says, by step, the job that has the others.
BATCHES_FROM = "batches_from"


class CopyMode(str, Enum):
    """`data_copy_mode`: what becomes of files that two sources have under one name."""

    MERGE = "merge_with_overwrite"
    FAIL = "fail_if_conflict"


@dataclass(frozen=True, slots=True)
class ParallelTask:
    """`type: parallel`: an entry script that is given one mini-batch of an input after the other."""

    place: Place
    # The name of the input that is split; it stands as `${{inputs.<name>}}`.
    input_data: str | None = None
    input_place: Place | None = None
    # Relative to the code.
    entry_script: str | None = None
    # The name of the output whose file gets every returned row.
    append_row_to: str | None = None
    append_place: Place | None = None
    # Exactly one of these is set when `mini_batch_size` is written with a unit, or without.
    mini_batch_files: int | None = None
    mini_batch_bytes: int | None = None
    # Columns; empty: the table is split by size.
    partition_keys: tuple[str, ...] = ()
    # -1: any number may fail.
    mini_batch_error_threshold: int | None = None
    error_threshold: int | None = None
    logging_level: str | None = None
    # None: as many as an instance has CPUs; with GPUs, one.
    max_concurrency: int | None = None
    max_retries: int | None = None
    # Of one try of one mini-batch.
    timeout_seconds: float | None = None

    word = "parallel"


@dataclass(frozen=True, slots=True)
class SparkTask:
    """`type: spark`: a program for Spark, which runs on this machine with as many threads as it may."""

    place: Place
    # One of the two: a file of the code, or a class in one of the jars.
    entry_file: str | None = None
    entry_class: str | None = None
    # Paths relative to the code, or URIs that Spark itself can read.
    py_files: tuple[str, ...] = ()
    jars: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    archives: tuple[str, ...] = ()
    conf: Mapping[str, str] = field(default_factory=dict)
    conf_place: Place | None = None
    # `resources.runtime_version`: which Spark was meant.
    runtime_version: str | None = None

    word = "spark"


@dataclass(frozen=True, slots=True)
class CopyTask:
    """`type: data_transfer` with `task: copy_data`: all inputs, put together in one output."""

    place: Place
    mode: CopyMode | None = None

    word = "data_transfer"


Driver = ParallelTask | SparkTask | CopyTask
_D = TypeVar("_D", bound=ParallelTask | SparkTask | CopyTask)


def merged(step: _D | None, component: _D) -> _D:
    """Return a component's task with what a step says of it over it."""
    if step is None:
        return component
    written = {
        one.name: value
        for one in fields(step)
        if one.name != "place" and (value := getattr(step, one.name)) not in (None, (), {})
    }
    if isinstance(step, SparkTask) and isinstance(component, SparkTask) and step.conf:
        written["conf"] = {**component.conf, **step.conf}
    if isinstance(step, ParallelTask):
        # A size in files and one in bytes exclude each other.
        sizes = {"mini_batch_files", "mini_batch_bytes"}
        if sizes & written.keys():
            written |= dict.fromkeys(sizes - written.keys())
    return replace(component, **written)
