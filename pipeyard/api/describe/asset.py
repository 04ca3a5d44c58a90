"""
Answers about versioned assets, and about environments as this machine makes them.

Not here: whoever made a version (`creation.py`).
"""

from __future__ import annotations

from typing import Any, TypedDict

from pipeyard.api.describe.creation import Change, Creation
from pipeyard.api.describe.job import FileRow


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


class LineageNode(TypedDict):
    """A version, a job, or an output that another job reads by its place."""

    # Such as `models/net/3`, `registries/team/data/rows/1`, `jobs/calm_fox`, `outputs/<job of the step>/<output>`.
    id: str
    kind: str
    name: str
    version: str | None
    # One of both.
    workspace: str | None
    registry: str | None
    # How many steps from where it began: less than 0 for what that was made of.
    level: int
    display_name: str | None
    type: str | None
    # Of a job: its status, as a list of jobs says it.
    label: str | None
    created_at: str | None
    # It was deleted.
    is_gone: bool
    has_more_above: bool
    has_more_below: bool


# `from` is a keyword in Python.
LineageEdge = TypedDict("LineageEdge", {"from": str, "to": str, "names": list[str]})


class LineageGraph(TypedDict):
    """What a version or a job was made of, and what was made of it."""

    of: str
    depth: int
    nodes: list[LineageNode]
    edges: list[LineageEdge]
    # As many nodes are in one answer, and whether some were left out for that.
    limit: int
    truncated: bool


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
