"""
Answers about computes, datastores and workspaces, and about searching in one.
"""

from __future__ import annotations

from typing import TypedDict


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
    """Some of what is directly in a folder; `next` is the `before` of what follows."""

    path: str
    value: list[Entry]
    next: str | None
    # Names that no path can say.
    left_out: int


class Reached(TypedDict):
    """A datastore that answered and let us in."""

    name: str
    is_reached: bool


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
