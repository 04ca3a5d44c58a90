"""
What the main answers look like, field by field.

In:       nothing.
Out:      types of plain JSON; `document.py` makes OpenAPI's schemas of them, and from those come the Studio's types.
Not here: making the answers (`service/`). Tests compare real answers with these types, so that neither
          drifts from the other, and no request pays for it.

A field of a `total=False` part may be missing. `MORE` names the types that carry keys beside
those named here: what an asset's own file says, for one.
"""

from __future__ import annotations

from typing import Any, TypedDict


class Creation(TypedDict):
    """Who made something, and when."""

    created_at: str
    created_by: str
    created_by_type: str


class Change(Creation, total=False):
    """The same, and who changed it last."""

    last_modified_at: str
    last_modified_by: str
    last_modified_by_type: str


# --- jobs -----------------------------------------------------------------------------------


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


class Step(Card):
    """A step of a job's graph."""

    component: str | None
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


class FileRow(TypedDict):
    """One file."""

    path: str
    size: int


class FileList(TypedDict):
    """Files of a job or of an output."""

    value: list[FileRow]


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


class Comparison(TypedDict):
    """In what jobs differ from the first of them."""

    jobs: list[ComparedJob]
    inputs: list[Compared]
    settings: list[Compared]
    params: list[ComparedOfStep]
    metrics: list[ComparedOfStep]
    steps: list[ComparedStep]
    yaml: list[YamlDifference]
    code: list[CodeDifference]


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


# --- assets ---------------------------------------------------------------------------------


class _AssetName(TypedDict):
    id: str
    name: str
    latest_version: str | None
    next_version: str | None
    display_name: str | None
    description: str | None
    tags: dict[str, str]
    creation_context: Creation
    resourceGroup: str
    archived: bool


class AssetName(_AssetName, total=False):
    """A name, with what its newest version says."""

    type: str | None
    stage: str | None


class AssetNamePage(TypedDict):
    """Some names, by name."""

    value: list[AssetName]
    next: str | None


class Producer(TypedDict):
    """The step that wrote a version."""

    job: str
    output: str


class _AssetVersion(TypedDict):
    id: str
    name: str
    version: str
    display_name: str | None
    description: str | None
    tags: dict[str, str]
    properties: dict[str, str]
    creation_context: Change
    resourceGroup: str
    archived: bool
    digest: str
    content_digest: str | None
    produced_by: Producer | None


class AssetVersion(_AssetVersion, total=False):
    """A version, and whatever its own file says."""

    type: str
    stage: str | None
    path: str
    # Of an environment: how far it is on this machine.
    build: EnvironmentState


class AssetVersionPage(TypedDict):
    """Some versions of a name without their bodies, created last first."""

    value: list[AssetVersion]
    next: str | None


class Origin(TypedDict):
    """The step that wrote a version, and the job that it belongs to."""

    job: str
    root_job: str | None
    output: str


class Use(TypedDict):
    """A job that uses a version."""

    job: str
    root_job: str
    workspace: str
    role: str


class Need(TypedDict):
    """A version that a version needs."""

    role: str
    id: str


class Lineage(TypedDict):
    """Where a version comes from, and who uses it."""

    produced_by: Origin | None
    used_by: list[Use]
    needed_by: list[str]
    needs: list[Need]


class TreeFile(FileRow):
    """One file of a version."""

    sha256: str | None


class Tree(TypedDict):
    """The files behind one place of a version's body."""

    role: str
    component: str | None
    path: str
    place: list[str]
    name: str
    is_file: bool
    files: list[TreeFile]


class AssetFiles(TypedDict):
    """What a download of a version writes."""

    document: dict[str, Any]
    components: dict[str, Any]
    trees: list[Tree]


class Column(TypedDict):
    """A column of a table."""

    name: str
    type: str


class Preview(TypedDict):
    """The first rows of a table."""

    name: str
    version: str
    type: str
    columns: list[Column]
    rows: list[dict[str, Any]]
    is_complete: bool
    # Whether reading was ended before the rows were complete, because it took long.
    is_cut: bool
    file_count: int


# --- environments as this machine makes them ------------------------------------------------


class Refusal(TypedDict):
    """Why an environment cannot be had."""

    code: str
    message: str
    hint: str | None


class _EnvironmentState(TypedDict):
    digest: str
    resolved_by: str
    warning: str | None
    state: str


class EnvironmentState(_EnvironmentState, total=False):
    """What an environment will be on this machine, and how far it is."""

    label: str
    started_at: str | None
    ended_at: str | None
    last_used_at: str | None
    size: int | None
    error: Refusal | None
    lock: list[str]


class EnvironmentBuild(TypedDict):
    """An environment that was made here, or is being made; `log` are whole lines from `log_from` on."""

    digest: str
    state: str
    resolved_by: str
    label: str
    started_at: str | None
    ended_at: str | None
    last_used_at: str | None
    size: int | None
    error: Refusal | None
    lock: list[str]
    log: str
    log_next: int


# --- computes, datastores, workspaces -------------------------------------------------------


class Instance(TypedDict):
    """What one instance of a compute has."""

    cpus: int | None
    memory_gib: float | None
    gpus: int


class _Compute(TypedDict):
    id: str
    name: str
    type: str
    min_instances: int
    max_instances: int
    provisioning_state: str
    created_on: str | None
    # None: nothing is promised, and nobody is held to anything.
    instance: Instance | None
    slots: int
    slots_in_use: int


class Compute(_Compute, total=False):
    """Where steps run, and how full it is."""

    description: str
    size: str
    tags: dict[str, str]
    warnings: list[str]


class ComputeList(TypedDict):
    """Every compute, this machine first."""

    value: list[Compute]


class _Node(TypedDict):
    node_id: str
    node_state: str
    current_job_name: str | None
    run_id: str | None
    root_job_name: str | None
    step: str | None


class Node(_Node, total=False):
    """One instance of a compute, and who has it."""

    cpus: list[int]
    gpus: list[int]


class NodeList(TypedDict):
    """The instances of a compute."""

    value: list[Node]


class Waiting(TypedDict):
    """A step that waits for an instance."""

    job: str
    root_job: str
    step: str
    waits_for: str


class WaitingList(TypedDict):
    """The steps that wait for a compute."""

    value: list[Waiting]


class _Datastore(TypedDict):
    id: str
    name: str
    type: str
    is_default: bool
    credentials_type: str | None


class Datastore(_Datastore, total=False):
    """Where data is; never what lets one in."""

    description: str
    tags: dict[str, str]
    path: str


class DatastoreList(TypedDict):
    """Every datastore, those first that are always there."""

    value: list[Datastore]


class Entry(TypedDict):
    """A file of a folder; without a size, a folder in it."""

    name: str
    size: int | None


class Folder(TypedDict):
    """What is directly in a folder; `count` may be more than is listed."""

    path: str
    value: list[Entry]
    count: int


class Workspace(TypedDict):
    """A workspace or a registry."""

    id: str
    name: str
    display_name: str
    description: str | None
    tags: dict[str, str]
    image_policy: str | None
    creation_context: Birth
    resourceGroup: str
    # Of a registry none: nothing is logged to it.
    mlflow_tracking_uri: str | None


class Birth(TypedDict):
    """Who made a workspace; of the first one nobody knows when."""

    created_at: str | None
    created_by: str | None
    created_by_type: str


class WorkspaceList(TypedDict):
    """Every workspace, or every registry."""

    value: list[Workspace]


class _Hit(TypedDict):
    kind: str
    name: str
    display_name: str | None
    detail: str | None


class Hit(_Hit, total=False):
    """Something that a search found."""

    label: str


class HitList(TypedDict):
    """What a search found: names that begin with the words first."""

    value: list[Hit]


# --- errors ---------------------------------------------------------------------------------


class _ProblemText(TypedDict):
    code: str
    message: str
    hint: str | None


class Problem(_ProblemText, total=False):
    """What went wrong, and what to try."""

    diagnostics: list[dict[str, Any]]


class ErrorAnswer(TypedDict):
    """The one envelope of all errors."""

    error: Problem


# They carry keys beside those above.
MORE = frozenset({"Job", "JobError", "Port", "AssetVersion", "Compute", "Datastore"})
