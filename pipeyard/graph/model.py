"""
A pipeline as one flat graph of nodes, with every binding traced to its source.

In:       made by `graph/expand.py` only.
Out:      read by the checks, the scheduler (dependencies), the launch planner (inputs).
Not here: job names and paths, which exist only when the job is stored.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from pipeyard.model.assets import AssetRef, DataUri, LocalPath
from pipeyard.model.component import (
    CommandComponent,
    Distribution,
    EnvironmentValue,
    OutputSetting,
    Priority,
    Scalar,
    Step,
)
from pipeyard.model.diagnostic import Place
from pipeyard.model.driver import Driver
from pipeyard.model.expression import Template
from pipeyard.model.retry import Retry
from pipeyard.model.types import InputMode, OutputMode, PortType
from pipeyard.model.value import dataclass

# Step keys from the root down, joined by "/"; a stand-alone command job's only node is "".
NodeId = str


@dataclass(frozen=True, slots=True)
class Literal:
    """A literal of the port's type. Booleans render as Azure does: `True`, `False`."""

    value: Scalar

    @property
    def text(self) -> str:
        """Return the text that takes the expression's place in a command."""
        return str(self.value)


@dataclass(frozen=True, slots=True)
class Data:
    """Bytes that exist before the job starts."""

    path: LocalPath | DataUri | AssetRef
    type: PortType
    mode: InputMode
    # Where the path was written; for a pipeline input, there.
    place: Place
    datastore: str | None = None
    # Digest of the bytes of a registered version: they never change.
    content: str | None = None


@dataclass(frozen=True, slots=True)
class NodeOutput:
    """What another node writes. Output `artifacts` is the whole artifact root of that node's job."""

    node: NodeId
    output: str
    type: PortType
    mode: InputMode


@dataclass(frozen=True, slots=True)
class Given:
    """What a child job is given when it begins: only in the body of a control node (`graph/control.py`)."""

    # Under which name the control node has it.
    name: str
    type: PortType
    mode: InputMode


# An optional input without a value is absent from `Node.inputs`.
BoundInput = Literal | Data | NodeOutput | Given


@dataclass(frozen=True, slots=True)
class BoundOutput:
    """Where a node's output goes and how."""

    type: PortType
    mode: OutputMode
    # None: the default place of section 5.3.
    path: Template | None = None
    register_name: str | None = None
    register_version: str | None = None


@dataclass(frozen=True, slots=True)
class Control:
    """What a node does in place of one command; the kinds are in `graph/control.py`."""


@dataclass(frozen=True, slots=True)
class Node:
    """One command to run, or what stands in its place (`control`)."""

    id: NodeId
    step: Step
    component: CommandComponent
    # What `component:` was, for showing: a reference, a path, or None for an inline step.
    component_ref: AssetRef | LocalPath | None
    inputs: Mapping[str, BoundInput]
    outputs: Mapping[str, BoundOutput]
    # After defaults and expressions; None: none named anywhere.
    compute: str | None
    compute_place: Place | None
    environment: EnvironmentValue | None
    environment_variables: Mapping[str, str]
    instance_count: int
    instance_type: str | None
    shm_size: str | None
    docker_args: tuple[str, ...]
    distribution: Distribution | None
    timeout_seconds: float | None
    is_deterministic: bool
    # Nodes that have to complete first: those whose outputs this one reads, and those that its
    # `depends_on` means. Always nodes of the same graph.
    upstream: frozenset[NodeId]
    priority: Priority = Priority.MEDIUM
    # None: it is tried once.
    retry: Retry | None = None
    # False: an earlier result may never stand for it (`reuse: false`, on its step or a pipeline around it).
    reuse: bool = True
    # Whether it is (in) the step before all others, or the one after them: it runs every time.
    is_edge: bool = False
    # Whether it begins when all others have ended, whatever became of them.
    is_final: bool = False
    # Of a sweep, a loop, a choice: `component` then says what goes in and out, and is never run itself.
    control: Control | None = None
    # Of a trial: the inputs that its sweep chose.
    hyperparameters: frozenset[str] = frozenset()
    # Of a trial: the variables that hold some of them; all else in their texts has its value.
    swept_variables: Mapping[str, Template] = field(default_factory=dict)
    # The task of a step that a program of ours runs, with what the step says over its component's.
    driver: Driver | None = None

    @property
    def process_count(self) -> int:
        """Return how many processes run its command together. A program of ours sees to its own."""
        if self.distribution is None or self.driver is not None:
            return 1
        return self.distribution.process_count(self.instance_count)


@dataclass(frozen=True, slots=True)
class Group:
    """A pipeline inside the pipeline: a job record of its own, and no process."""

    id: NodeId
    step: Step
    component_ref: AssetRef | LocalPath | None
    # Ids of the nodes and groups directly in it, in file order.
    children: tuple[NodeId, ...]
    inputs: Mapping[str, BoundInput]
    outputs: Mapping[str, NodeOutput]


@dataclass(frozen=True, slots=True)
class Graph:
    """
    A whole job.

    `nodes` is in an order in which every node comes after what it waits for.
    """

    nodes: Mapping[NodeId, Node]
    groups: Mapping[NodeId, Group]
    # Ids at the top, in file order.
    children: tuple[NodeId, ...]
    # The job's own inputs after defaults, for showing; data as first written.
    inputs: Mapping[str, BoundInput]
    # The job's own outputs and the node output each of them is.
    outputs: Mapping[str, NodeOutput]
    output_settings: Mapping[str, OutputSetting]
    default_datastore: str
    continue_on_step_failure: bool = True
    force_rerun: bool = False
    is_pipeline: bool = True
    # Whether it is what a control node runs: a trial, an iteration, an item.
    is_child: bool = False
    # Of a child: whether its control node was asked to run again, and so all of it is.
    is_rerun: bool = False


@dataclass(frozen=True, slots=True)
class NeedAssets:
    """Expansion cannot go on before somebody fetches these and calls again."""

    wanted: frozenset[AssetRef | LocalPath]
    # Where each was asked for, to point at when it does not exist.
    places: Mapping[AssetRef | LocalPath, Place] = field(default_factory=dict)
