"""
Answers about what one step does many times: mini-batches, trials, iterations, items.

Not here: the step itself (`job.py`).
"""

from __future__ import annotations

from typing import Any, TypedDict


class MiniBatchCounts(TypedDict):
    """How many mini-batches are how; those taken over from an earlier run are among those done."""

    # None: not known yet.
    total: int | None
    done: int
    failed: int
    taken: int
    retries: int


class ItemCounts(TypedDict):
    """How many items of the mini-batches are how."""

    total: int
    done: int
    failed: int


class ParallelWorker(TypedDict):
    """One worker of a parallel step; a process that takes another one's place goes on with its numbers."""

    worker: int
    instance: int
    process: int
    pid: int | None
    # starting, working, idle or ended
    state: str
    # What it works on, and for how long.
    mini_batch: int | None
    seconds: float | None
    done: int
    failed: int
    items: int
    busy_seconds: float
    restarts: int
    # Files of the step's job.
    log: str
    error_log: str


class FailedMiniBatch(TypedDict):
    """A mini-batch that failed for good."""

    index: int
    items: int
    # The first of them.
    files: list[str]
    partition: dict[str, Any] | None
    tries: int
    error: str
    # A file of the step's job: how each try failed, and what it printed.
    log: str | None


class Parallel(TypedDict):
    """How far a parallel step is."""

    job: str
    step: str
    name: str
    status: str
    label: str
    format: int
    # waiting, running, completed, failed, canceled; interrupted when nobody could say how it ended
    state: str
    message: str | None
    started_at_ms: int | None
    last_result_at_ms: int | None
    updated_at_ms: int | None
    mini_batches: MiniBatchCounts
    items: ItemCounts
    items_per_second: float | None
    seconds_left: float | None
    workers: int
    crew: list[ParallelWorker]
    failed: list[FailedMiniBatch]


class Trial(TypedDict):
    """One trial of a sweep."""

    index: int
    name: str
    values: dict[str, str | int | float | bool]
    status: str
    label: str
    stop_reason: str | None
    error: str | None
    created_at: str | None
    started_at: str | None
    ended_at: str | None
    duration_seconds: float | None
    # The best value that it logged so far, and how often it logged any.
    metric: float | None
    points: int
    rank: int | None
    is_best: bool


class Trials(TypedDict):
    """The trials of a sweep, and how it stands."""

    name: str
    status: str
    goal: str
    primary_metric: str
    search_space: dict[str, Any]
    max_total_trials: int
    counts: dict[str, int]
    best_trial: int | None
    best_child_run_id: str | None
    value: list[Trial]


class Run(TypedDict):
    """One iteration of a loop, or one item of a `parallel_for`."""

    # The item as it is written, or the number of the iteration.
    key: str
    # None: it has not begun.
    name: str | None
    values: dict[str, Any]
    outputs: dict[str, Any]
    status: str
    label: str
    error: str | None
    started_at: str | None
    ended_at: str | None
    duration_seconds: float | None


class Runs(TypedDict):
    """The runs of a step that repeats its body."""

    job: str
    step: str
    name: str
    # iteration or item
    of: str
    status: str
    label: str
    # Of a loop: the most that there may be. None: not known yet.
    total: int | None
    done: int
    completed: int
    failed: int
    condition: str | None
    value: list[Run]
