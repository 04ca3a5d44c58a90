"""
The runs of a step that repeats its body: iterations of a loop, items of a `parallel_for`.

In:       a job, and which of its steps is meant.
Out:      JSON with one entry for each run, and for each item that has not begun.
Not here: running them (`engine/conduct/`), trials (`trials.py`), mini-batches (`parallel.py`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pipeyard.model.component import StepKind
from pipeyard.model.errors import Conflict, UserError
from pipeyard.model.record import JobRecord
from pipeyard.model.status import JobStatus
from pipeyard.service.again import unknown_step
from pipeyard.service.jobs import children_of, show_job
from pipeyard.service.outputs import outputs_of
from pipeyard.service.view import duration_seconds, job_label
from pipeyard.service.wire import plain, time_text
from pipeyard.service.world import World

_REPEATS = {StepKind.DO_WHILE.value: "iteration", StepKind.PARALLEL_FOR.value: "item"}


def runs_of(world: World, workspace: str, name: str, step: str | None = None) -> dict[str, Any]:
    """
    Return the runs of a loop or of items, in their order; of a step that was tried again, those of its last try.

    The step is the job itself, or one inside it by its path; without a path, the only one that repeats.
    """
    found = _find(world, show_job(world, workspace, name), step)
    children = list(_newest(children_of(world, workspace, found.name)))
    of, detail = _REPEATS[found.kind], found.detail
    rows = [_run(world, child, of) for child in children]
    if of == "item":
        begun = {row["key"] for row in rows}
        rows += [_to_come(label) for label in detail.get("items") or () if label not in begun]
        rows = _in_order(rows, detail.get("items"))
    progress: Mapping[str, Any] = detail.get("progress") or {}
    counts = Counter(row["status"] for row in rows)
    return {
        "job": found.root_name,
        "step": found.node_id,
        "name": found.name,
        "of": of,
        "status": found.status.value,
        "label": job_label(found),
        "total": progress.get("total", len(detail["items"]) if detail.get("items") else _most(detail)),
        "done": sum(1 for child in children if child.status.is_terminal),
        "completed": counts[JobStatus.COMPLETED.value],
        "failed": counts[JobStatus.FAILED.value],
        # Of a loop: the output that says whether it goes on.
        "condition": detail.get("condition"),
        "value": rows,
    }


def _find(world: World, job: JobRecord, step: str | None) -> JobRecord:
    wanted = (step or "").strip("/")
    tree = [job] if not job.is_root else list(world.store.load_tree(job.workspace, job.root_name))
    if wanted:
        row = next((one for one in tree if wanted in (one.node_id, one.name)), None)
        if row is None:
            raise unknown_step(job, wanted, [one.node_id for one in tree])
        if row.kind not in _REPEATS:
            raise _none(f"step `{row.node_id}`", row)
        return row
    found = [one for one in tree if one.kind in _REPEATS]
    if not found:
        raise _none(f"job `{job.name}`", job)
    if len(found) > 1:
        names = ", ".join(f"`{one.node_id}`" for one in found)
        raise Conflict(
            f"job `{job.name}` has several steps that repeat something: {names}",
            code="which-step",
            hint="name one with --step",
        )
    return found[0]


def _none(what: str, job: JobRecord) -> UserError:
    hint = {
        "sweep": f"its trials: pipeyard job trials {job.name}",
        "pipeline": f"to see which steps it has: pipeyard job list --parent-job-name {job.name}",
    }.get(job.kind)
    return UserError(f"{what} repeats nothing: it is no `do_while` and no `parallel_for`", code="no-runs", hint=hint)


def _newest(children: Sequence[JobRecord]) -> Iterator[JobRecord]:
    last = max((child.detail["child"]["attempt"] for child in children), default=0)
    return (child for child in children if child.detail["child"]["attempt"] == last)


def _run(world: World, child: JobRecord, of: str) -> dict[str, Any]:
    own: Mapping[str, Any] = child.detail["child"]
    error: Mapping[str, Any] = child.error or {}
    return {
        "key": str(own.get(of, own["index"])),
        "name": child.name,
        "values": {name: value.get("value", value.get("path")) for name, value in plain(own["values"]).items()},
        "outputs": {
            row.output: str(row.uri) if row.value is None else row.value for row in outputs_of(world.store, child)
        },
        "status": child.status.value,
        "label": job_label(child),
        "error": error.get("message") if child.status is JobStatus.FAILED else None,
        "started_at": time_text(child.started_at_ms),
        "ended_at": time_text(child.ended_at_ms),
        "duration_seconds": duration_seconds(child, world.clock.now_ms()),
    }


def _to_come(label: str) -> dict[str, Any]:
    return {
        "key": label,
        "name": None,
        "values": {},
        "outputs": {},
        "status": JobStatus.NOT_STARTED.value,
        "label": JobStatus.NOT_STARTED.value,
        "error": None,
        "started_at": None,
        "ended_at": None,
        "duration_seconds": None,
    }


def _in_order(rows: list[dict[str, Any]], labels: Sequence[str] | None) -> list[dict[str, Any]]:
    """Return items as they are written, where that is known: they may have begun in another order."""
    places = {label: place for place, label in enumerate(labels or ())}
    return sorted(rows, key=lambda row: places.get(row["key"], len(places)))


def _most(detail: Mapping[str, Any]) -> int | None:
    most: int | None = (detail.get("limits") or {}).get("max_iteration_count")
    return most
