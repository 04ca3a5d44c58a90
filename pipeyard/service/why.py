"""
Why each step of a job ran, or which earlier result stood for it: `job why`.

In:       a job, and what the engine noted on its steps.
Out:      one entry for each step, in plain data.
Not here: finding reasons (the engine did, when it decided), one step's place in the file (`view.py`).

What was decided then is told, not what would be decided now: that is `foresee.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pipeyard.model.errors import NotFound
from pipeyard.model.nearest import nearest
from pipeyard.model.record import JobRecord
from pipeyard.model.reuse import Decision, Forecast, Reason, ResultRecord
from pipeyard.model.status import JobStatus
from pipeyard.service.foresee import Foresight
from pipeyard.service.jobs import tree_of
from pipeyard.service.records import PIPELINE
from pipeyard.service.view import BYPASSED, SKIPPED, job_label
from pipeyard.service.wire import plain, time_text
from pipeyard.service.world import World

REUSED = "reused"
RAN = "ran"
# Nothing was decided, and nothing will be.
NEVER = "never"
# Nothing was decided yet.
OPEN = "open"

_LABELS = {
    "command": "command",
    "code": "code",
    "environment": "environment",
    "inputs": "inputs",
    "variables": "environment variables",
    "outputs": "output settings",
}


def why_job(world: World, workspace: str, name: str, step: str | None = None) -> Mapping[str, Any]:
    """Return what was decided about the steps of a job; with *step*, about that one or those in that pipeline."""
    tree = tree_of(world, workspace, name)
    job = tree[0]
    steps = [row for row in tree if row.kind != PIPELINE]
    if step is not None:
        steps = _named(job, tree, steps, step)
    sources = _Sources(world, workspace)
    return {
        "name": job.name,
        "display_name": job.display_name,
        "status": job.status.value,
        "steps": [_entry(row, sources) for row in steps],
    }


def foresight_json(found: Foresight) -> dict[str, Any]:
    """Return forecasts as plain data, in the form of `why_job`, with the time that steps took before."""
    return {
        "steps": [
            {
                "step": one.node,
                "decision": one.decision.value,
                "reasons": [reason.json() for reason in one.reasons],
                "source": _source_json(one.source) if _is_reused(one) and one.source is not None else None,
                "seconds": 0.0 if _is_reused(one) else found.seconds.get(one.node),
            }
            for one in found.forecasts
        ],
        "seconds": found.longest,
    }


def _is_reused(forecast: Forecast) -> bool:
    return forecast.decision is Decision.REUSE


class _Sources:
    """Earlier results, each looked up once."""

    def __init__(self, world: World, workspace: str) -> None:
        self._world = world
        self._workspace = workspace
        self._found: dict[str, ResultRecord | None] = {}

    def of(self, job_name: str) -> ResultRecord | None:
        if job_name not in self._found:
            self._found[job_name] = self._world.store.result_of(self._workspace, job_name)
        return self._found[job_name]


def _entry(row: JobRecord, sources: _Sources) -> dict[str, Any]:
    noted = row.detail.get("reuse")
    entry: dict[str, Any] = {
        "step": row.node_id,
        "name": row.name,
        "status": row.status.value,
        "label": job_label(row),
        "decision": OPEN,
        "reasons": [],
        "source": None,
    }
    if noted is None:
        decision, reason = _undecided(row)
        return {**entry, "decision": decision, "reasons": [reason.json()]}
    if noted.get("decision") != REUSED:
        return {**entry, "decision": RAN, "reasons": plain(noted.get("reasons") or []), "key": noted.get("key")}
    source_name = str(noted.get("source_job"))
    source = sources.of(source_name)
    # What it was compared by: its own parts are those of its source.
    parts = {} if source is None else source.parts
    return {
        **entry,
        "decision": REUSED,
        "key": noted.get("key"),
        "source": {"name": source_name} if source is None else _source_json(source),
        "equal": _equal(parts),
    }


def _equal(parts: Mapping[str, Any]) -> list[str]:
    """Return in words what was the same: everything that its key is made of and that it has."""
    inputs = ", ".join(f"`{name}`" for name in parts.get("inputs") or ())
    labels = {**_LABELS, "inputs": f"inputs {inputs}"}
    return [label for name, label in labels.items() if parts.get(name)]


def _source_json(source: ResultRecord) -> dict[str, Any]:
    return {
        "name": source.writer,
        "job": source.root_name,
        "step": source.node_id,
        "ended_at": time_text(source.ended_at_ms),
    }


def _undecided(row: JobRecord) -> tuple[str, Reason]:
    """Return why nothing is known of a step."""
    if job_label(row).lower() == SKIPPED:
        return NEVER, Reason("skipped", str((row.error or {}).get("message") or "a step that it reads from failed"))
    if job_label(row).lower() == BYPASSED:
        return NEVER, Reason("bypassed", str((row.error or {}).get("message")).removeprefix("not run: "))
    if row.status is JobStatus.CANCELED:
        return NEVER, Reason("canceled", "the job was canceled before it came to that")
    if row.status.is_terminal:
        return NEVER, Reason("not-kept", "nobody noted why it ran: that was before earlier results were reused")
    if row.status is JobStatus.NOT_STARTED:
        return OPEN, Reason("waiting", "not decided yet: steps before it have not ended, or it is being looked up")
    return OPEN, Reason("waiting", "not decided yet")


def _named(job: JobRecord, tree: Iterable[JobRecord], steps: Sequence[JobRecord], step: str) -> list[JobRecord]:
    # Below a pipeline that is itself a step, keys count from there or from the root.
    prefix = f"{job.node_id}/" if job.node_id else ""
    for wanted in (step.strip("/"), prefix + step.strip("/")):
        found = [row for row in steps if row.node_id == wanted or row.node_id.startswith(f"{wanted}/")]
        if found:
            return found
    names = [row.node_id for row in tree if row.node_id]
    close = nearest(step, names)
    raise NotFound(
        f"job `{job.name}` has no step `{step}`",
        code="unknown-step",
        hint=f"did you mean `{close}`?" if close else None,
    )
