"""
What can be asked of a job that exists.

Not here: making one (`submit.py`), its files (`files.py`), its JSON (`view.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pipeyard.model.asset_record import AuditEntry
from pipeyard.model.errors import Conflict, NotFound, UserError
from pipeyard.model.nearest import nearest
from pipeyard.model.record import (
    DEFAULT_WORKSPACE,
    Batch,
    EventRecord,
    JobChange,
    JobCounts,
    JobFilter,
    JobRecord,
    JsonObject,
    Submission,
)
from pipeyard.model.status import JobStatus
from pipeyard.model.tracking import RUN
from pipeyard.service.records import COMMAND, PIPELINE
from pipeyard.service.wire import plain
from pipeyard.service.world import World

# As many jobs as one answer may hold.
PAGE_MAX = 1000
# No control node starts more.
CHILDREN_MAX = 100_000
# Names to choose from; whoever looks for another one types it.
EXPERIMENTS_MAX = 200
# What a caller may change; a running step only the first two, of itself.
OWN_CHANGES = frozenset({"tags", "properties"})
CHANGES = OWN_CHANGES | {"display_name", "description"}


def show_job(world: World, workspace: str, name: str) -> JobRecord:
    """Return one job, root or child."""
    job = world.store.load_job(world.known_workspace(workspace), name)
    if job is None:
        recent = [row.name for row in world.store.list_jobs(workspace, JobFilter(archived="all"), limit=100)]
        close = nearest(name, recent)
        raise NotFound(f"there is no job `{name}`", hint=f"did you mean `{close}`?" if close else None)
    return job


def workspace_of(world: World, name: str) -> str:
    """Return the workspace that holds a job: names are unique among all; the first one for a name that none has."""
    names = [row.name for row in world.assets.list_workspaces()]
    return next((held for held in names if world.store.load_job(held, name) is not None), DEFAULT_WORKSPACE)


def submission_of(world: World, job: JobRecord) -> Submission | None:
    """Return what was submitted, word for word."""
    return world.store.load_submission(job.workspace, job.root_name)


def list_jobs(
    world: World, workspace: str, which: JobFilter, *, limit: int, before: tuple[int, str] | None = None
) -> tuple[Sequence[JobRecord], tuple[int, str] | None]:
    """Return a page of jobs in the order that was asked for, and where the next page begins."""
    limit = max(1, min(limit, PAGE_MAX))
    found = world.store.list_jobs(world.known_workspace(workspace), which, limit=limit + 1, before=before)
    if len(found) <= limit:
        return found, None
    return found[:limit], (found[limit - 1].created_at_ms, found[limit - 1].name)


def count_jobs(world: World, workspace: str, which: JobFilter) -> JobCounts:
    """Return how many jobs there are by status, and in the largest experiments."""
    return world.store.count_jobs(world.known_workspace(workspace), which, experiments=EXPERIMENTS_MAX)


def tree_of(world: World, workspace: str, name: str) -> Sequence[JobRecord]:
    """Return a job and everything below it, parents before children."""
    job = show_job(world, workspace, name)
    inside: dict[str | None, list[JobRecord]] = {}
    for row in world.store.load_tree(workspace, job.root_name):
        inside.setdefault(row.parent_name, []).append(row)
        # As it is now: the tree may be a moment younger than the first look.
        job = row if row.name == job.name else job
    found, waiting = [], [job]
    while waiting:
        row = waiting.pop()
        found.append(row)
        waiting += sorted(inside.get(row.name, ()), key=lambda child: child.position, reverse=True)
    return found


def children_of(world: World, workspace: str, name: str) -> Sequence[JobRecord]:
    """Return the jobs directly below a pipeline, in the order of its file; of a control node, the jobs it started."""
    job = show_job(world, workspace, name)
    if job.kind not in (PIPELINE, COMMAND):
        which = JobFilter(parent_name=name, archived="all")
        return world.store.list_jobs(workspace, which, limit=CHILDREN_MAX)
    return [row for row in world.store.load_tree(workspace, job.root_name) if row.parent_name == job.name]


def events_of(world: World, workspace: str, name: str, *, after: int = 0) -> Sequence[EventRecord]:
    """Return a job's history; of a step, the facts about it."""
    job = show_job(world, workspace, name)
    events = world.store.load_events(workspace, job.root_name, after=after)
    if job.is_root:
        return events
    inside = f"{job.node_id}/"
    return [event for event in events if event.node_id == job.node_id or (event.node_id or "").startswith(inside)]


def update_job(
    world: World, workspace: str, name: str, body: Any, *, by: str, may_change: frozenset[str] = CHANGES
) -> JobRecord:
    """Return the job after its tags, properties, display name or description were changed."""
    job = show_job(world, workspace, name)
    if not isinstance(body, Mapping):
        raise UserError("the request has to be a JSON object", code="bad-request")
    for key in body:
        if key not in may_change:
            close = nearest(key, sorted(may_change))
            allowed = ", ".join(f"`{field}`" for field in sorted(may_change))
            raise UserError(
                f"`{key}` of a job cannot be changed",
                code="not-changeable",
                hint=f"did you mean `{close}`?" if close else f"{allowed} can",
            )
    changes = {key: _checked(key, value, job) for key, value in body.items()}
    return change_job(world, job, changes, by)


def change_job(world: World, job: JobRecord, changes: Mapping[str, Any], by: str) -> JobRecord:
    """Give fields of a job new values, and say so in the history."""
    if changes:
        entry = job_entry(job, "update", by, world.clock.now_ms(), _difference(job, changes))
        world.store.commit(Batch(changes=(JobChange(job.name, changes),), audit=(entry,)))
    return job.with_(**changes)


def cancel_job(world: World, workspace: str, name: str, by: str) -> JobRecord:
    """Ask a job to end. It does so in its own time."""
    job = show_job(world, workspace, name)
    if job.kind == RUN and not job.status.is_terminal:
        return _ended_run(world, job, by)
    if not job.is_root:
        raise Conflict(
            f"`{name}` is a step of `{job.root_name}` and cannot be canceled alone",
            code="not-a-root",
            hint=f"to cancel the whole job: pipeyard job cancel -n {job.root_name}",
        )
    if job.status.is_terminal:
        raise Conflict(f"job `{name}` has ended already: {job.status.value}", code="already-ended")
    world.runner.cancel(workspace, name, by)
    return show_job(world, workspace, name)


def _ended_run(world: World, run: JobRecord, by: str) -> JobRecord:
    """Call a run of somebody's script ended: nobody here runs it, and its script may be gone."""
    changes = {"status": JobStatus.CANCELED, "ended_at_ms": world.clock.now_ms()}
    entry = job_entry(run, "cancel", by, world.clock.now_ms())
    world.store.commit(Batch(changes=(JobChange(run.name, changes),), audit=(entry,)))
    return run.with_(**changes)


def archive_job(world: World, workspace: str, name: str, by: str) -> JobRecord:
    """Hide a job that has ended from lists."""
    job = show_job(world, workspace, name)
    if not job.is_root and job.kind != RUN:
        raise Conflict(
            f"`{name}` is a step of `{job.root_name}` and is archived with it",
            code="not-a-root",
            hint=f"to archive the whole job: pipeyard job archive -n {job.root_name}",
        )
    if not job.status.is_terminal:
        raise Conflict(
            f"job `{name}` has not ended: {job.status.value}",
            code="not-ended",
            hint=f"wait for it (pipeyard job stream -n {name}) or cancel it (pipeyard job cancel -n {name})",
        )
    return _set_archived(world, job, by, is_archived=True)


def restore_job(world: World, workspace: str, name: str, by: str) -> JobRecord:
    """Show an archived job in lists again."""
    return _set_archived(world, show_job(world, workspace, name), by, is_archived=False)


def job_entry(job: JobRecord, action: str, by: str, at_ms: int, detail: JsonObject | None = None) -> AuditEntry:
    """Return an entry of the history about a job."""
    return AuditEntry(job.workspace, at_ms, by, action, "job", job.name, detail=detail or {})


def _set_archived(world: World, job: JobRecord, by: str, *, is_archived: bool) -> JobRecord:
    if job.is_archived != is_archived:
        entry = job_entry(job, "archive" if is_archived else "restore", by, world.clock.now_ms())
        world.store.commit(Batch(changes=(JobChange(job.name, {"is_archived": is_archived}),), audit=(entry,)))
    return job.with_(is_archived=is_archived)


def _difference(job: JobRecord, changes: Mapping[str, Any]) -> dict[str, Any]:
    return {key: {"before": plain(getattr(job, key)), "after": plain(value)} for key, value in changes.items()}


def _checked(key: str, value: Any, job: JobRecord) -> Any:
    if key == "tags":
        return _texts(key, value)
    if key == "properties":
        # Properties are only added to (section 2); an earlier one stands.
        return {**_texts(key, value), **job.properties}
    if value is not None and not isinstance(value, str):
        raise UserError(f"`{key}` has to be text", code="bad-request")
    return job.display_name if key == "display_name" and not value else value


def _texts(key: str, value: Any) -> dict[str, str]:
    if not isinstance(value, Mapping):
        raise UserError(f"`{key}` has to be a mapping of texts", code="bad-request")
    return {str(name): _text(item) for name, item in value.items() if item is not None}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else str(value)
