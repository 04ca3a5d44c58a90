"""
How far a parallel step is, and which of its mini-batches failed.

In:       a job, and which of its steps is meant.
Out:      what the step's driver last said (`pipeyard/drivers/parallel_report.py`), as plain data.
Not here: running them again (`again.py`), drawing any of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipeyard.model.driver import ParallelTask
from pipeyard.model.errors import Conflict, NotFound
from pipeyard.model.record import JobRecord
from pipeyard.service.again import unknown_step
from pipeyard.service.batches import progress_of
from pipeyard.service.jobs import show_job
from pipeyard.service.view import job_label
from pipeyard.service.world import World

_NOT_BEGUN: Mapping[str, Any] = {
    "format": 1,
    "state": "waiting",
    "message": None,
    "started_at_ms": None,
    "last_result_at_ms": None,
    "updated_at_ms": None,
    "mini_batches": {"total": None, "done": 0, "failed": 0, "taken": 0, "retries": 0},
    "items": {"total": 0, "done": 0, "failed": 0},
    "items_per_second": None,
    "seconds_left": None,
}


def show_parallel(world: World, workspace: str, name: str, step: str | None = None) -> dict[str, Any]:
    """
    Return the progress of a parallel step.

    The step is the job itself, or one inside it by its path; without a path, the only parallel step that there is.
    """
    job = show_job(world, workspace, name)
    found, progress = _find(world, job, step)
    return {
        "job": job.root_name,
        "step": found.node_id,
        "name": found.name,
        "status": found.status.value,
        "label": job_label(found),
        **_told(progress, is_over=found.status.is_terminal),
    }


def _told(progress: Mapping[str, Any], *, is_over: bool) -> dict[str, Any]:
    """Return what a driver said, with what one before this version did not say, and true of one that was killed."""
    told = {"crew": [], "workers": 0, **progress}
    told["failed"] = [{"log": None, **failed} for failed in told.get("failed") or ()]
    if is_over and told.get("state") == "running":
        told |= {"state": "interrupted", "seconds_left": None, "workers": 0}
    if is_over:
        told["crew"] = [
            {**one, "pid": None, "state": "ended", "mini_batch": None, "seconds": None} for one in told["crew"]
        ]
    return told


def _find(world: World, job: JobRecord, step: str | None) -> tuple[JobRecord, Mapping[str, Any]]:
    wanted = (step or "").strip("/")
    tree = [job] if not job.is_root else list(world.store.load_tree(job.workspace, job.root_name))
    if wanted:
        row = next((one for one in tree if wanted in (one.node_id, one.name)), None)
        if row is None:
            raise unknown_step(job, wanted, [one.node_id for one in tree])
        tree = [row]
    found = [(one, progress) for one in tree if (progress := _progress(world, one)) is not None]
    if not found:
        raise _nothing(tree[0])
    if len(found) > 1:
        names = ", ".join(f"`{one.node_id}`" for one, _ in found)
        raise Conflict(
            f"job `{job.name}` has several parallel steps: {names}", code="which-step", hint="name one with --step"
        )
    return found[0]


def _progress(world: World, job: JobRecord) -> Mapping[str, Any] | None:
    """Return what a step's driver said, or that it said nothing yet; None for one that is no parallel step."""
    progress = progress_of(world, job)
    return _NOT_BEGUN if progress is None and job.detail.get("driver") == ParallelTask.word else progress


def _nothing(job: JobRecord) -> NotFound:
    what = f"step `{job.node_id}`" if job.node_id else f"job `{job.name}`"
    return NotFound(f"{what} has no progress of a parallel step", code="not-parallel")
