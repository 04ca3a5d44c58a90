"""
The route of a sweep's trials.

Not here: what they logged (`metrics.py`), their own jobs (`jobs.py`).
"""

from __future__ import annotations

from fastapi import APIRouter

from pipeyard.api.allow import AnyCaller, TheDesk
from pipeyard.api.answer import Answer
from pipeyard.api.gate import check_own
from pipeyard.service.jobs import show_job
from pipeyard.service.trials import trials_of

router = APIRouter()


@router.get("/api/v1/workspaces/{workspace}/jobs/{name}/trials")
def trials(workspace: str, name: str, desk: TheDesk, caller: AnyCaller) -> Answer:
    """List the trials of a sweep: values, status, what each reached, which is the best, and who was stopped why."""
    check_own(caller, show_job(desk.world, workspace, name))
    return Answer(trials_of(desk.world, workspace, name))
