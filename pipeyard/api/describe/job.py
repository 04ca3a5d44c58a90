"""
Answers about jobs, their graphs, files and logs.

Not here: comparing, counting and measuring them (`finding.py`).
"""

from __future__ import annotations

from typing import Any, TypedDict

from pipeyard.api.describe.creation import Creation


class Job(TypedDict):
    """A job as `job show` prints it."""

    id: str
    name: str
    display_name: str
    experiment_name: str
    description: str | None
    type: str
    status: str
    # The word for people: the status, or what it leaves out.
    label: str
    tags: dict[str, str]
    properties: dict[str, str]
    creation_context: Creation
    services: dict[str, Any]
    resourceGroup: str
    inputs: dict[str, Any]
    outputs: dict[str, Any]
    compute: str | None
    start_time: str | None
    end_time: str | None
    duration_seconds: float | None
    error: JobError | None
    archived: bool
    parent_job_name: str | None
    root_job_name: str
    step: str | None


class _ErrorText(TypedDict):
    message: str


class JobError(_ErrorText, total=False):
    """Why a job failed, or what a step that is tried again waits for."""

    code: str
    hint: str | None
    exit_code: int
    signal: str
    failed_step: str
    failed_job: str
    last_lines: list[str]


class JobPage(TypedDict):
    """Some jobs, newest first."""

    value: list[Job]
    next: str | None


class Card(TypedDict):
    """What changes of a step or job while it runs."""

    key: str
    name: str
    root: str
    kind: str
    display_name: str
    status: str
    label: str
    started_at: str | None
    ended_at: str | None
    duration_seconds: float | None
    error: JobError | None
    attempt: int | None
    phases: dict[str, str]
    reused_from: str | None


class Source(TypedDict):
    """The output that an input reads."""

    job: str
    node: str
    output: str


class _PortName(TypedDict):
    name: str


class Port(_PortName, total=False):
    """An input or output of a step, and its value."""

    type: str
    mode: str
    value: str | int | float | bool
    path: str
    uri: str
    source: Source
    # Of an output: the data or model of which it becomes a version.
    registers: str


class Step(Card):
    """A step of a job's graph."""

    component: str | None
    # Which program of ours runs in its place, if any.
    driver: str | None
    compute: str | None
    inputs: list[Port]
    outputs: list[Port]


Edge = TypedDict("Edge", {"from": str, "output": str, "to": str, "input": str})
Order = TypedDict("Order", {"from": str, "to": str})


class JobGraph(TypedDict):
    """A job as a picture: its steps, and what flows between them."""

    job: Card
    steps: list[Step]
    edges: list[Edge]
    # Who waits for whom without reading anything.
    order: list[Order]
    inputs: list[Port]
    outputs: list[Port]
    # What a stream's beginning says too, if nothing was missed in between; null when the job has ended.
    mark: str | None


class _WhyReason(TypedDict):
    code: str
    message: str


class WhyReason(_WhyReason, total=False):
    """Why a step ran, in a word for programs and a sentence for people."""

    hint: str | None


class _WhySource(TypedDict):
    name: str


class WhySource(_WhySource, total=False):
    """Where the result of a reused step comes from; its name alone when that job is gone."""

    job: str
    step: str
    ended_at: str | None


class _WhyStep(TypedDict):
    step: str
    name: str
    status: str
    label: str
    decision: str
    reasons: list[WhyReason]
    source: WhySource | None


class WhyStep(_WhyStep, total=False):
    """What was decided about a step, and why."""

    key: str | None
    # Of a reused step: what was the same, in words.
    equal: list[str]


class Why(TypedDict):
    """Why each step of a job ran, or which earlier result stood for it."""

    name: str
    display_name: str
    status: str
    steps: list[WhyStep]


class FileRow(TypedDict):
    """One file."""

    path: str
    size: int


class FileList(TypedDict):
    """Files of a job or of an output."""

    value: list[FileRow]


class EventRow(TypedDict):
    """One fact of a job's history."""

    seq: int
    at: str
    kind: str
    step: str | None
    attempt: int | None
    data: dict[str, Any]


class EventList(TypedDict):
    """A job's history."""

    value: list[EventRow]


class _Line(TypedDict):
    line: int
    text: str


class LogLine(_Line, total=False):
    """One line of a log; of a very long one, its beginning."""

    is_cut: bool


class LogPage(TypedDict):
    """Some lines of a log."""

    value: list[LogLine]
    line_count: int
    size: int
    next: int | None
    is_complete: bool
    # Processes of a distributed step, each with a log of its own.
    process_count: int
