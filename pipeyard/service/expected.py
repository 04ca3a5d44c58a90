"""
How long steps took before, for saying how long a job will take.

In:       a graph, and whose job it will be.
Out:      seconds by step; the longest way through those that will run.
Not here: which will run (`engine/foresee.py`).

That is no promise: other inputs take other times, and slots may be taken. It is what a person would guess who
had watched the last run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pipeyard.graph.model import Graph, NodeId
from pipeyard.model.record import JobRecord
from pipeyard.model.reuse import Decision, Forecast
from pipeyard.ports import Store
from pipeyard.reuse.step import step_of

_RUNNING = (Decision.RUN, Decision.DEPENDS)


def seconds_of(store: Store, root: JobRecord, forecasts: Sequence[Forecast]) -> dict[NodeId, float]:
    """Return how long each step that may run took when it ran last; one that never did is missing."""
    file = root.detail.get("file")
    steps = {step_of(root.experiment_name, file, one.node): one.node for one in forecasts if one.decision in _RUNNING}
    found = store.newest_results(root.workspace, list(steps))
    seconds: dict[NodeId, float] = {}
    for step, result in found.items():
        # Of a step that was reused, the one that really ran.
        job = store.load_job(root.workspace, result.writer)
        if job is not None and job.started_at_ms is not None and job.ended_at_ms is not None:
            seconds[steps[step]] = max(0, job.ended_at_ms - job.started_at_ms) / 1000
    return seconds


def longest_way(graph: Graph, forecasts: Sequence[Forecast], seconds: Mapping[NodeId, float]) -> float | None:
    """Return the seconds of the longest way through the steps that may run; None when nothing is known of any."""
    running = {one.node for one in forecasts if one.decision in _RUNNING}
    if running and not any(node in seconds for node in running):
        return None
    ends: dict[NodeId, float] = {}
    # Every node comes after what it waits for.
    for node in graph.nodes.values():
        begins = max((ends.get(source, 0.0) for source in node.upstream), default=0.0)
        ends[node.id] = begins + (seconds.get(node.id, 0.0) if node.id in running else 0.0)
    return max(ends.values(), default=0.0)
