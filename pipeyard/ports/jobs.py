"""Jobs, between the service and the engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Protocol

from pipeyard.graph.model import Data, Graph, Literal, Node
from pipeyard.model.asset_record import (
    AssetUse,
    AuditEntry,
    OutputUse,
)
from pipeyard.model.assets import Manifest
from pipeyard.model.instance import UNMEASURED, Instance, NodeUse, PoolUse
from pipeyard.model.record import (
    JobRecord,
    JsonObject,
    Submission,
)
from pipeyard.model.reuse import Forecast, ReusePlan
from pipeyard.model.value import dataclass


@dataclass(frozen=True, slots=True)
class AcceptedJob:
    """
    A job that was checked and resolved: nothing more has to be looked up to run it.

    Every `Data.path` in the graph is a `DataUri` in short datastore form; only a
    `direct` input may be an `http(s)` URL.
    """

    submission: Submission
    graph: Graph
    # The root first, then its groups and steps, parents before children. A record's
    # `node_id` ties it to the graph; a stand-alone command job is one record, whose node
    # is "". A step's `compute` is as written; `detail["pool"]` is where it runs.
    records: tuple[JobRecord, ...]
    # Stored in the same transaction as the job.
    uses: tuple[AssetUse, ...] = ()
    output_uses: tuple[OutputUse, ...] = ()
    audit: tuple[AuditEntry, ...] = ()
    # Of a job that goes on with, or repeats part of, an earlier one; its root record's
    # `detail["reuse_plan"]` says the same for a restart.
    reuse_plan: ReusePlan | None = None


@dataclass(frozen=True, slots=True)
class ChildOrder:
    """One run of a control node's body."""

    # Counted from 0 over all attempts of the node; part of the child's name.
    index: int
    # The attempt of the control node that asks for it.
    attempt: int
    # By the names of the body's `Given`s; data as datastore URIs.
    values: Mapping[str, Literal | Data]
    display_name: str
    properties: Mapping[str, str] = field(default_factory=dict)
    # More for the record's `detail["child"]`.
    detail: JsonObject = field(default_factory=dict)
    # Whether no earlier result may stand for anything in it.
    is_rerun: bool = False


class ChildJobs(Protocol):
    """Makes the jobs that control nodes run."""

    def make(self, root: JobRecord, step: JobRecord, node: Node, order: ChildOrder) -> AcceptedJob:
        """
        Return a child job of a control *node*, whose record is *step*, in the job *root*.

        Its name follows from the step and the index, so the same order twice is the same job. Raises `StoreError`.
        """


class Foreseer(Protocol):
    """Says what would become of a job."""

    def foresee(self, job: AcceptedJob, uploads: Mapping[str, Manifest]) -> Sequence[Forecast]:
        """
        Return what would become of each step, in the graph's order; nothing is written but memories of files.

        *uploads* are trees by digest that nobody has sent yet. Looks at outputs as the engine would, so it may
        take as long. Raises `StoreError`.
        """


class JobRunner(Protocol):
    """The engine as the service sees it. All calls may come from any thread but the loop's own."""

    def submit(self, job: AcceptedJob) -> None:
        """Return when the job is stored durably and will run. `Conflict` if its name is taken."""

    def cancel(self, workspace: str, root_name: str, by: str) -> None:
        """Return when the wish is stored; steps end in their own time."""

    def resize(self, compute: str, slots: int, instance: Instance = UNMEASURED) -> None:
        """Give a pool this many slots from now on, and say what each has; 0: nothing new starts in it."""

    def pool_use(self, compute: str) -> PoolUse | None:
        """Return how full a pool is, at once; None for one that nobody gave slots."""

    def nodes_of(self, compute: str) -> Sequence[NodeUse]:
        """Return the instances of a pool and who has each."""


class GraphSource(Protocol):
    """Builds the graph of a stored job again, for a restarted engine."""

    def graph_of(self, root: JobRecord, submission: Submission) -> Graph:
        """Return the same graph as was accepted, data resolved in the same way."""
