"""
Routes of the code that a step ran, and of what jobs differ in.

Not here: finding it (`service/code.py`, `service/compare.py`).
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from pipeyard.api.address import exact_path
from pipeyard.api.allow import TheDesk, UserOnly
from pipeyard.api.answer import Answer
from pipeyard.api.bytes import send_file
from pipeyard.service.code import code_file, code_of
from pipeyard.service.compare import compare_jobs

router = APIRouter()
_JOBS = "/api/v1/workspaces/{workspace}/jobs"


@router.get(_JOBS + ":compare", dependencies=[UserOnly])
def compare(workspace: str, desk: TheDesk, job: Annotated[list[str] | None, Query()] = None) -> Answer:
    """Say in what jobs differ; the first is what the others are compared with."""
    return Answer(compare_jobs(desk.world, workspace, job or ()))


@router.get(_JOBS + "/{name}/code", dependencies=[UserOnly])
def code(workspace: str, name: str, desk: TheDesk) -> Answer:
    """List the files of the code that a step ran."""
    held = code_of(desk.world, workspace, name)
    files = [{"path": one.path, "size": one.size, "sha256": one.sha256} for one in held.manifest.entries]
    return Answer({"name": held.name, "path": str(held.tree.uri), "value": files})


@router.get(_JOBS + "/{name}/code/{path:anything}", dependencies=[UserOnly])
def one_file(request: Request, workspace: str, name: str, *, path: str, desk: TheDesk) -> Response:
    """Send one of them."""
    return send_file(request, code_file(desk.world, workspace, name, exact_path(request, path)))
