"""
Answers about what was found out of jobs: their code, counts, metrics, and in what they differ.

Not here: the jobs themselves (`job.py`).
"""

from __future__ import annotations

from typing import Any, TypedDict


class CodeFile(TypedDict):
    """One file of code, with what is in it."""

    path: str
    size: int
    sha256: str


class CodeFiles(TypedDict):
    """The code that a step ran."""

    name: str
    path: str
    value: list[CodeFile]


class JobCounts(TypedDict):
    """How many jobs there are, by status and in the largest experiments."""

    total: int
    status: dict[str, int]
    experiments: dict[str, int]


class JobRefusal(TypedDict):
    """Why a job was left as it was."""

    code: str
    message: str
    hint: str | None


class JobDone(TypedDict):
    """What became of one of many jobs."""

    name: str
    status: str | None
    label: str | None
    error: JobRefusal | None


class JobsDone(TypedDict):
    """What became of many jobs."""

    value: list[JobDone]


class MetricSummary(TypedDict):
    """What is known of a metric; NaN and infinities are texts."""

    key: str
    latest: float | str
    step: int
    at: str | None
    min: float | str | None
    max: float | str | None
    count: int


class MetricList(TypedDict):
    """The metrics of a job."""

    value: list[MetricSummary]


class StepMetrics(TypedDict):
    """The metrics of one step."""

    step: str
    job: str
    metrics: list[MetricSummary]


class StepMetricsList(TypedDict):
    """The metrics of all steps of a job that logged any."""

    value: list[StepMetrics]


class Compared(TypedDict):
    """A value in each of several jobs."""

    name: str
    values: list[Any]
    same: bool


class ComparedOfStep(Compared):
    """What a step logged, in each of several jobs."""

    step: str


class ComparedJob(TypedDict):
    """One of the jobs that are compared."""

    name: str
    display_name: str
    experiment_name: str
    label: str
    created_at: str
    created_by: str
    duration_seconds: float | None
    tags: dict[str, str]
    steps: int
    reused: int


class ComparedStep(TypedDict):
    """A step in each of several jobs."""

    step: str
    kind: str
    # `same`, `added`, `removed` or `changed`, as seen from the first job.
    change: str
    labels: list[str | None]
    durations: list[float | None]
    jobs: list[str | None]
    differences: list[Compared]


class YamlDifference(TypedDict):
    """Lines of a job's YAML that are not those of the first job."""

    job: str
    diff: str


class FileDifference(TypedDict):
    """A file that is not that of the first job; without lines when it is no text."""

    path: str
    # `changed`, `added` or `removed`.
    change: str
    diff: str | None


class CodeDifference(TypedDict):
    """Files of a step's code that are not those of the first job."""

    job: str
    step: str
    files: list[FileDifference]


class GraphStep(TypedDict):
    """A step of two graphs that lie over one another."""

    # What it is called in both: as in the first job; what only the second has, by where it would stand in the first.
    key: str
    # Where it stands in each; None: it is not in that one.
    before: str | None
    after: str | None
    kind: str
    # `same`, `added`, `removed` or `changed`, as seen from the first job.
    change: str
    differences: list[Compared]


# `from` is a keyword in Python.
GraphOrder = TypedDict("GraphOrder", {"from": str, "to": str, "change": str})
GraphEdge = TypedDict("GraphEdge", {"from": str, "output": str, "to": str, "input": str, "change": str})


class GraphPort(TypedDict):
    """An input or output of the whole jobs."""

    name: str
    values: list[Any]
    change: str


class GraphDifference(TypedDict):
    """Two jobs' graphs as one."""

    before: str
    after: str
    steps: list[GraphStep]
    edges: list[GraphEdge]
    order: list[GraphOrder]
    inputs: list[GraphPort]
    outputs: list[GraphPort]


class Comparison(TypedDict):
    """In what jobs differ from the first of them."""

    jobs: list[ComparedJob]
    inputs: list[Compared]
    settings: list[Compared]
    params: list[ComparedOfStep]
    metrics: list[ComparedOfStep]
    steps: list[ComparedStep]
    # One for each job but the first.
    graph: list[GraphDifference]
    yaml: list[YamlDifference]
    code: list[CodeDifference]
