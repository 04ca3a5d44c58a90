"""
The jobs that control nodes run: trials, iterations, items.

In:       a control node's record and graph, and one run of its body.
Out:      a job as the engine accepts it.
Not here: when which child runs (`engine/conduct/`), its graph after a restart (`stored_graph.py`).

Invariant: everything follows from the order, but for the names of steps in a child pipeline and the
time, so that the same child is made twice only if the first was never stored.
"""

from __future__ import annotations

from dataclasses import replace

from pipeyard.graph.control import Repeated
from pipeyard.graph.derive import fill
from pipeyard.graph.model import Graph, Node
from pipeyard.model.component import Step
from pipeyard.model.diagnostic import Place
from pipeyard.model.errors import Bug
from pipeyard.model.job import CommandJob, JobHead, JobSpec, PipelineJob, PipelineSettings
from pipeyard.model.record import JobRecord, Submission
from pipeyard.ports import AcceptedJob, ChildOrder
from pipeyard.service.draft import Draft
from pipeyard.service.given import values_json
from pipeyard.service.kept_pins import KeptPins
from pipeyard.service.naming import step_names
from pipeyard.service.placing import Placing, place_nodes
from pipeyard.service.records import Birth, records_of
from pipeyard.service.request import JobRequest
from pipeyard.service.resolve import Resolution
from pipeyard.service.world import World

_NOWHERE = Place()
# A hundred trials that begin together ask the same of the store once.
_PLACED_SECONDS = 0.5


def child_name(step_job: str, index: int) -> str:
    """Return the name of a control node's child."""
    return f"{step_job}_{index}"


class Children:
    """`ports.ChildJobs`."""

    def __init__(self, world: World) -> None:
        """Place them as the service places any job."""
        self._world = world
        # Of whom and when computes were last looked up.
        self._last: tuple[tuple[str | None, ...], float, Placing] | None = None

    def make(self, root: JobRecord, step: JobRecord, node: Node, order: ChildOrder) -> AcceptedJob:
        """Return one child job of a control node."""
        if not isinstance(node.control, Repeated):
            raise Bug(f"`{node.id}` of job {root.name} runs no child jobs")
        graph = fill(node.control.body, order.values, is_rerun=order.is_rerun)
        name = child_name(step.name, order.index)
        birth = _birth(self._world, root, graph, name)
        draft = Draft(_spec(graph, order), graph)
        placing = self._placed(step, graph)
        records = records_of(draft, birth, _request(root), Resolution(self._pins(root)), placing)
        values = values_json(order.values)
        whose = {"of_root": root.name, "of_node": node.id, "index": order.index, "attempt": order.attempt}
        first = replace(
            records[0],
            parent_name=step.name,
            position=order.index,
            detail={**records[0].detail, "child": {**whose, "values": values, **order.detail}},
        )
        return AcceptedJob(
            submission=Submission(name, {"child": {**whose, "values": values, "is_rerun": order.is_rerun}}, {}),
            graph=graph,
            records=(first, *records[1:]),
        )

    def _placed(self, step: JobRecord, graph: Graph) -> Placing:
        """Return where a child's nodes run; what was found out for the last one counts for a moment."""
        key = (step.name, *(node.compute for node in graph.nodes.values()))
        now, known = self._world.clock.monotonic(), self._last
        if known is None or known[0] != key or now - known[1] > _PLACED_SECONDS:
            known = self._last = (key, now, place_nodes(self._world, step.workspace, graph, strict=False))
        return known[2]

    def _pins(self, root: JobRecord) -> KeptPins:
        # What is needed of them is what they pinned, which is in the record.
        return KeptPins(self._world.assets, root, Submission(root.name, {}, {}))


def _birth(world: World, root: JobRecord, graph: Graph, name: str) -> Birth:
    at_ms = world.clock.now_ms()
    names = step_names((*graph.groups, *graph.nodes), at_ms)
    if not graph.is_pipeline:
        names = dict.fromkeys(names, name)
    return Birth(root.workspace, name, root.experiment_name, root.created_by, at_ms, names)


def _spec(graph: Graph, order: ChildOrder) -> JobSpec:
    head = JobHead(_NOWHERE, display_name=order.display_name, properties=dict(order.properties))
    if graph.is_pipeline:
        return PipelineJob(head, PipelineSettings(), {}, {})
    return CommandJob(head, Step("", _NOWHERE, None, None))


def _request(root: JobRecord) -> JobRequest:
    detail = root.detail
    return JobRequest(
        document={},
        file=detail.get("file") or "",
        host=detail.get("host") or "",
        user=root.created_by,
        verify=bool(detail.get("verify")),
        python=detail.get("python"),
    )
