"""
A job as a picture: its steps, what flows between them, and how far each has come.

In:       the records of a job and everything below it.
Out:      one JSON object; enough to draw the job and to follow it from there on.
Not here: where boxes are put (the browser does that), values of the job in full (`view.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pipeyard.model.record import JobRecord
from pipeyard.service.records import PIPELINE
from pipeyard.service.view import duration_seconds, job_label, problem_text
from pipeyard.service.wire import plain, time_text

_SHORT_ERROR = ("code", "message", "exit_code", "signal", "failed_step")


def graph_json(tree: Sequence[JobRecord]) -> dict[str, Any]:
    """
    Return the graph of a root job.

    *tree* has the root first and parents before children. A stand-alone command job is
    a graph of one step, whose key is "".
    """
    root, *below = tree
    steps = below if root.kind == PIPELINE else [root]
    return {
        "job": card_json(root),
        "steps": [_step(record) for record in steps],
        "edges": [edge for record in steps for edge in edges_of(record)],
        # Who waits for whom without reading anything (`depends_on`, and the blocks of a choice).
        "order": [edge for record in steps for edge in order_of(record)],
        "inputs": [_port(name, port) for name, port in _ports(root, "inputs")] if root.kind == PIPELINE else [],
        "outputs": [_port(name, port) for name, port in _ports(root, "outputs")] if root.kind == PIPELINE else [],
    }


def card_json(record: JobRecord) -> dict[str, Any]:
    """Return what changes of a step or job while it runs: all that a card of the graph shows."""
    return {
        "key": record.node_id,
        "name": record.name,
        "root": record.root_name,
        "kind": record.kind,
        "display_name": record.display_name,
        "status": record.status.value,
        "label": job_label(record),
        "started_at": time_text(record.started_at_ms),
        "ended_at": time_text(record.ended_at_ms),
        "duration_seconds": duration_seconds(record),
        "error": _short(record),
        "attempt": record.detail.get("attempt"),
        "phases": {state: time_text(at_ms) for state, at_ms in (record.detail.get("phases") or {}).items()},
        "reused_from": record.properties.get("azureml.reusedrunid"),
    }


def _step(record: JobRecord) -> dict[str, Any]:
    return {
        **card_json(record),
        "component": record.detail.get("component"),
        # Which program of ours runs in its place: `parallel`, `spark`, `data_transfer`.
        "driver": record.detail.get("driver"),
        "compute": record.compute,
        "inputs": [_port(name, port) for name, port in _ports(record, "inputs")],
        "outputs": [_port(name, port) for name, port in _ports(record, "outputs")],
    }


def edges_of(record: JobRecord) -> Iterator[dict[str, Any]]:
    """Yield what a step reads of others."""
    for name, port in _ports(record, "inputs"):
        source = port.get("from")
        if source is not None:
            yield {"from": source["node"], "output": source["output"], "to": record.node_id, "input": name}


def order_of(record: JobRecord) -> Iterator[dict[str, Any]]:
    """Yield for whom a step waits without reading anything, and who waits so for it."""
    around = record.node_id.rpartition("/")[0]
    for name in record.detail.get("depends_on") or ():
        yield {"from": f"{around}/{name}" if around else name, "to": record.node_id}
    # What a choice may take waits for it.
    for block in ("true_block", "false_block"):
        for name in record.detail.get(block) or ():
            yield {"from": record.node_id, "to": f"{around}/{name}" if around else name}


def _ports(record: JobRecord, which: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    yield from (record.detail.get(which) or {}).items()


def _port(name: str, port: Mapping[str, Any]) -> dict[str, Any]:
    shown = {**plain(port), "name": name}
    if port.get("name"):
        # An output's own word `name` is that of the version that it becomes.
        shown["registers"] = port["name"]
    source = shown.pop("from", None)
    if source is not None:
        shown["source"] = source
    return shown


def _short(record: JobRecord) -> dict[str, Any] | None:
    if record.error is None:
        return None
    short = {key: plain(record.error[key]) for key in _SHORT_ERROR if record.error.get(key) is not None}
    # Of a step that is tried again: what comes next.
    text = problem_text(record)
    return short if text is None else {**short, "message": text}
