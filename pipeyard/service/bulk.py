"""
One action on many jobs at once.

In:       names, and what is to be done to each.
Out:      of each job what it is now, or why it was not done; one that cannot be changed stops no other.
Not here: what each action means (`jobs.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pipeyard.model.errors import PipeyardError, UserError
from pipeyard.model.nearest import nearest
from pipeyard.model.record import JobRecord
from pipeyard.model.value import dataclass
from pipeyard.service.jobs import PAGE_MAX, archive_job, cancel_job, restore_job
from pipeyard.service.view import job_label
from pipeyard.service.world import World

_VERBS: Mapping[str, Callable[[World, str, str, str], JobRecord]] = {
    "cancel": cancel_job,
    "archive": archive_job,
    "restore": restore_job,
}


@dataclass(frozen=True, slots=True)
class BulkRequest:
    """What is to be done, and to which jobs."""

    verb: str
    names: tuple[str, ...]


def bulk_request(body: Any) -> BulkRequest:
    """Return the request in *body*, or raise `UserError` naming the member that is wrong."""
    if not isinstance(body, Mapping):
        raise UserError("the request has to be a JSON object", code="bad-request")
    verb, names = body.get("action"), body.get("names")
    if verb not in _VERBS:
        close = nearest(str(verb), list(_VERBS))
        hint = f"did you mean `{close}`?" if close else None
        raise UserError("`action` has to be `cancel`, `archive` or `restore`", code="bad-request", hint=hint)
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise UserError("`names` has to be a list of texts", code="bad-request")
    if len(names) > PAGE_MAX:
        raise UserError(
            f"at most {PAGE_MAX} jobs at once", code="bad-request", hint="send the others with another call"
        )
    return BulkRequest(str(verb), tuple(dict.fromkeys(names)))


def act_on_jobs(world: World, workspace: str, request: BulkRequest, by: str) -> Sequence[Mapping[str, Any]]:
    """Return for each job its name and status now, or the error that kept it as it was."""
    world.known_workspace(workspace)
    return [_act(world, workspace, request.verb, name, by) for name in request.names]


def _act(world: World, workspace: str, verb: str, name: str, by: str) -> Mapping[str, Any]:
    try:
        job = _VERBS[verb](world, workspace, name, by)
    except PipeyardError as error:
        problem = {"code": error.code, "message": error.message, "hint": error.hint}
        return {"name": name, "status": None, "label": None, "error": problem}
    return {"name": name, "status": job.status.value, "label": job_label(job), "error": None}
