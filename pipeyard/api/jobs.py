"""
Routes of jobs: submit, check, list, show, change, cancel.

Not here: their files (`files.py`), following them (`stream.py`).
"""

from __future__ import annotations

import base64
import binascii
import json
from typing import Annotated, Any

from fastapi import APIRouter, Query

from pipeyard.api.allow import AnyCaller, Body, TheDesk, UserOnly
from pipeyard.api.answer import Answer
from pipeyard.api.desk import Desk
from pipeyard.api.gate import check_own
from pipeyard.api.query import archived_word, order_of, statuses_of, tags_of, time_of
from pipeyard.model.errors import UserError
from pipeyard.model.record import JobFilter, JobRecord
from pipeyard.service import jobs as service
from pipeyard.service.again import again_request, rerun_job, resume_job
from pipeyard.service.bulk import act_on_jobs, bulk_request
from pipeyard.service.foresee import foresee_job, trees_of
from pipeyard.service.outputs import outputs_of, versions_of, with_read_values
from pipeyard.service.parallel import show_parallel
from pipeyard.service.request import job_request
from pipeyard.service.resubmit import resubmit_job, resubmit_request
from pipeyard.service.runs import runs_of
from pipeyard.service.submit import check_job, submit_job
from pipeyard.service.tracking import latest_values
from pipeyard.service.view import environments_json, event_json, job_json
from pipeyard.service.waiting import waiting_for
from pipeyard.service.why import foresight_json, why_job
from pipeyard.service.wire import diagnostic_json

router = APIRouter()
_JOBS = "/api/v1/workspaces/{workspace}/jobs"


@router.post(_JOBS, dependencies=[UserOnly])
def submit(workspace: str, body: Body, desk: TheDesk, *, steps: bool = True) -> Answer:
    """Create a job. 201; 200 when the name existed and only its description or tags changed. Shown without `jobs` on wish."""
    job, is_new = submit_job(desk.world, workspace, job_request(body))
    return _shown(desk, job, status=201 if is_new else 200, steps=steps)


@router.post(_JOBS + ":check", dependencies=[UserOnly])
def check(workspace: str, body: Body, desk: TheDesk) -> Answer:
    """Say what a submit would say; nothing is written."""
    found = check_job(desk.world, workspace, job_request(body))
    return Answer({"diagnostics": [diagnostic_json(diagnostic) for diagnostic in found]})


@router.post(_JOBS + ":plan", dependencies=[UserOnly])
def plan(workspace: str, body: Body, desk: TheDesk) -> Answer:
    """Say which steps of a job would run, and why; nothing is written, and no file need have been sent."""
    found = foresee_job(desk.world, workspace, job_request(body), trees_of(body))
    diagnostics = [diagnostic_json(warning) for warning in found.warnings]
    return Answer({**foresight_json(found), "diagnostics": diagnostics})


@router.get(_JOBS, dependencies=[UserOnly])
def list_(
    workspace: str,
    desk: TheDesk,
    *,
    limit: int = 50,
    before: str | None = None,
    parent: str | None = None,
    status: Annotated[list[str] | None, Query()] = None,
    experiment: str | None = None,
    tag: Annotated[list[str] | None, Query()] = None,
    since: str | None = None,
    until: str | None = None,
    text: str | None = None,
    archived: str = "active",
    sort: str = "-created",
) -> Answer:
    """List jobs, newest first unless `sort` says otherwise; with `parent`, the jobs inside one."""
    which = JobFilter(
        parent_name=parent,
        roots_only=parent is None,
        status=statuses_of(status or ()),
        experiment_name=experiment,
        tags=tags_of(tag or ()),
        since_ms=time_of(since),
        until_ms=time_of(until),
        text=text or None,
        archived=archived_word(archived),
        order=order_of(sort),
    )
    found, following = service.list_jobs(desk.world, workspace, which, limit=limit, before=place_of(before))
    return Answer({"value": [_listed(desk, job) for job in found], "next": following and token_of(following)})


@router.get(_JOBS + ":counts", dependencies=[UserOnly])
def counts(workspace: str, desk: TheDesk, experiment: str | None = None, archived: str = "active") -> Answer:
    """Say how many jobs there are by status, and in the largest experiments."""
    which = JobFilter(experiment_name=experiment, archived=archived_word(archived))
    found = service.count_jobs(desk.world, workspace, which)
    return Answer(
        {
            "total": found.total,
            "status": {status.value: number for status, number in found.by_status.items()},
            "experiments": dict(found.by_experiment),
        }
    )


@router.post(_JOBS + ":act", dependencies=[UserOnly])
def act(workspace: str, body: Body, desk: TheDesk) -> Answer:
    """Cancel, archive or restore many jobs; says of each what became of it."""
    return Answer({"value": list(act_on_jobs(desk.world, workspace, bulk_request(body), desk.owner))})


@router.get(_JOBS + "/{name}")
def show(workspace: str, name: str, desk: TheDesk, caller: AnyCaller) -> Answer:
    """Show one job."""
    job = service.show_job(desk.world, workspace, name)
    check_own(caller, job)
    return _shown(desk, job)


@router.patch(_JOBS + "/{name}")
def update(workspace: str, name: str, body: Body, desk: TheDesk, caller: AnyCaller) -> Answer:
    """Change tags, properties, display name, description; a job itself only the first two."""
    check_own(caller, service.show_job(desk.world, workspace, name))
    may_change, by = (service.CHANGES, desk.owner)
    if caller.job is not None:
        may_change, by = service.OWN_CHANGES, f"job {caller.job}"
    return _shown(desk, service.update_job(desk.world, workspace, name, body, by=by, may_change=may_change))


@router.post(_JOBS + "/{name}/cancel", dependencies=[UserOnly])
def cancel(workspace: str, name: str, desk: TheDesk) -> Answer:
    """Ask a job to end."""
    return _shown(desk, service.cancel_job(desk.world, workspace, name, desk.owner))


@router.get(_JOBS + "/{name}/parallel", dependencies=[UserOnly])
def parallel(workspace: str, name: str, desk: TheDesk, step: str | None = None) -> Answer:
    """Say how far a parallel step is, and which of its mini-batches failed."""
    return Answer(show_parallel(desk.world, workspace, name, step))


@router.get(_JOBS + "/{name}/runs", dependencies=[UserOnly])
def runs(workspace: str, name: str, desk: TheDesk, step: str | None = None) -> Answer:
    """List the iterations of a loop, or the items of a `parallel_for`: what each was given, how it is, what it wrote."""
    return Answer(runs_of(desk.world, workspace, name, step))


@router.post(_JOBS + "/{name}/resume", dependencies=[UserOnly])
def resume(workspace: str, name: str, body: Body, desk: TheDesk) -> Answer:
    """Create a job that goes on where this one ended. 201; 200 with the job itself when nothing is left to do."""
    job, is_new = resume_job(desk.world, workspace, name, again_request(body))
    return _shown(desk, job, status=201 if is_new else 200)


@router.post(_JOBS + "/{name}/rerun", dependencies=[UserOnly])
def rerun(workspace: str, name: str, body: Body, desk: TheDesk) -> Answer:
    """Create a job in which some steps of this one run, and what depends on them."""
    return _shown(desk, rerun_job(desk.world, workspace, name, again_request(body)), status=201)


@router.post(_JOBS + "/{name}/resubmit", dependencies=[UserOnly])
def resubmit(workspace: str, name: str, body: Body, desk: TheDesk) -> Answer:
    """Create a job like this one, with other inputs."""
    return _shown(desk, resubmit_job(desk.world, workspace, name, resubmit_request(body)), status=201)


@router.post(_JOBS + "/{name}/archive", dependencies=[UserOnly])
def archive(workspace: str, name: str, desk: TheDesk) -> Answer:
    """Hide a job from lists."""
    return _shown(desk, service.archive_job(desk.world, workspace, name, desk.owner))


@router.post(_JOBS + "/{name}/restore", dependencies=[UserOnly])
def restore(workspace: str, name: str, desk: TheDesk) -> Answer:
    """Show an archived job in lists again."""
    return _shown(desk, service.restore_job(desk.world, workspace, name, desk.owner))


@router.get(_JOBS + "/{name}/children", dependencies=[UserOnly])
def children(workspace: str, name: str, desk: TheDesk) -> Answer:
    """List the jobs directly inside a pipeline."""
    found = service.children_of(desk.world, workspace, name)
    return Answer({"value": [_listed(desk, job) for job in found]})


@router.get(_JOBS + "/{name}/why", dependencies=[UserOnly])
def why(workspace: str, name: str, desk: TheDesk, step: str | None = None) -> Answer:
    """Say of each step why it ran, or which earlier result stood for it."""
    return Answer(why_job(desk.world, workspace, name, step))


@router.get(_JOBS + "/{name}/events", dependencies=[UserOnly])
def events(workspace: str, name: str, desk: TheDesk, after: int = 0) -> Answer:
    """List what happened, oldest first."""
    found = service.events_of(desk.world, workspace, name, after=after)
    return Answer({"value": [event_json(event) for event in found]})


def _shown(desk: Desk, job: JobRecord, status: int = 200, *, steps: bool = True) -> Answer:
    submission = service.submission_of(desk.world, job) if steps and job.kind == "pipeline" else None
    outputs = outputs_of(desk.world.store, job)
    registered = versions_of(desk.world.assets, job)
    job = with_read_values(desk.world.store, job)
    shown = job_json(job, desk.world.endpoint, submission, outputs, registered)
    logged = latest_values(desk.world, job)
    return Answer({**shown, **logged, **_environments(desk, job), **_waiting(desk, job)}, status_code=status)


def _environments(desk: Desk, job: JobRecord) -> dict[str, Any]:
    root = job if job.is_root else desk.world.store.load_job(job.workspace, job.root_name)
    return {} if root is None else environments_json(job, root)


def _listed(desk: Desk, job: JobRecord) -> dict[str, Any]:
    return {**job_json(job, desk.world.endpoint), **_waiting(desk, job)}


def _waiting(desk: Desk, job: JobRecord) -> dict[str, Any]:
    return {"waiting_for": waiting_for(job, desk.world.runner.pool_use)}


def token_of(place: tuple[int, str]) -> str:
    """Return a place in the list as one word."""
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode()


def place_of(token: str | None) -> tuple[int, str] | None:
    """Return the place that `token_of` wrote."""
    if not token:
        return None
    try:
        created_at_ms, name = json.loads(base64.urlsafe_b64decode(token.encode()))
        return int(created_at_ms), str(name)
    except (ValueError, TypeError, binascii.Error) as error:
        raise UserError("`before` has to be the `next` of an earlier answer", code="bad-request") from error
