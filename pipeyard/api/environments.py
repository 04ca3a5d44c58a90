"""
Routes of environments as this machine makes them.

Not here: versions of environments as assets (`assets.py`).
"""

from __future__ import annotations

from fastapi import APIRouter, Response

from pipeyard.api.allow import Body, TheDesk, UserOnly
from pipeyard.api.answer import Answer
from pipeyard.service import environment_build as service

router = APIRouter(dependencies=[UserOnly])
_BUILDS = "/api/v1/environment-builds"
_WORKSPACE = "/api/v1/workspaces/{workspace}"


@router.post(_WORKSPACE + "/environment-builds")
def begin(workspace: str, body: Body, desk: TheDesk) -> Answer:
    """Begin to make an environment. 202; 200 when it is there."""
    found = service.begin_build(desk.world, service.build_request(desk.world, workspace, body))
    return Answer(found, status_code=200 if found["state"] == "succeeded" else 202)


@router.post(_WORKSPACE + "/environment-builds:open")
def open_(workspace: str, body: Body, desk: TheDesk) -> Answer:
    """Say what a shell in an environment needs."""
    return Answer(service.open_environment(desk.world, service.build_request(desk.world, workspace, body)))


@router.get(_BUILDS)
def builds(desk: TheDesk) -> Answer:
    """List what was made on this machine."""
    return Answer({"value": [service.build_json(one) for one in service.list_builds(desk.world)]})


@router.get(_BUILDS + "/{digest}")
def build(digest: str, desk: TheDesk, log_from: int = 0) -> Answer:
    """Show one, with its log from a byte on."""
    found = service.find_build(desk.world, digest)
    text, following = service.read_log(found, log_from)
    return Answer({**service.build_json(found), "log": text, "log_next": following})


@router.delete(_BUILDS + "/{digest}")
def remove(digest: str, desk: TheDesk) -> Response:
    """Remove one; it is made again when it is needed."""
    service.remove_build(desk.world, digest)
    return Response(status_code=204)


@router.get("/api/v1/curated-environments")
def curated(desk: TheDesk) -> Answer:
    """List the table of curated names."""
    return Answer({"value": list(service.curated_names(desk.world))})
