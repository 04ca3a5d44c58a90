"""
Routes of computes.
"""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Response

from pipeyard.api.allow import Body, TheDesk, UserOnly
from pipeyard.api.answer import Answer
from pipeyard.api.desk import Desk
from pipeyard.model.record import ComputeRecord
from pipeyard.service import computes as service
from pipeyard.service.view import compute_json

router = APIRouter(dependencies=[UserOnly])
_COMPUTES = "/api/v1/workspaces/{workspace}/computes"


@router.get(_COMPUTES)
def list_(workspace: str, desk: TheDesk) -> Answer:
    """List every compute."""
    return Answer({"value": [_json(desk, row) for row in service.list_computes(desk.world, workspace)]})


@router.get(_COMPUTES + "/{name}")
def show(workspace: str, name: str, desk: TheDesk) -> Answer:
    """Show one compute."""
    return Answer(_json(desk, service.show_compute(desk.world, workspace, name)))


@router.get(_COMPUTES + "/{name}/nodes")
def nodes(workspace: str, name: str, desk: TheDesk) -> Answer:
    """List the instances of a compute and the job that has each."""
    return Answer({"value": service.list_nodes(desk.world, workspace, name)})


@router.get(_COMPUTES + "/{name}/waiting")
def waiting(workspace: str, name: str, desk: TheDesk) -> Answer:
    """List the steps that wait for an instance of a compute."""
    return Answer({"value": service.list_waiting(desk.world, workspace, name)})


@router.put(_COMPUTES + "/{name}")
def save(workspace: str, name: str, body: Body, desk: TheDesk) -> Answer:
    """Create a compute or change it; `warnings` says what is worth knowing."""
    compute, remarks = service.save_compute(desk.world, workspace, name, body, desk.owner)
    return Answer({**_json(desk, compute), "warnings": list(remarks)})


@router.patch(_COMPUTES + "/{name}")
def update(workspace: str, name: str, body: Body, desk: TheDesk) -> Answer:
    """Change a compute that is there; `warnings` as above."""
    compute, remarks = service.update_compute(desk.world, workspace, name, body, desk.owner)
    return Answer({**_json(desk, compute), "warnings": list(remarks)})


@router.delete(_COMPUTES + "/{name}")
def delete(workspace: str, name: str, desk: TheDesk) -> Response:
    """Forget a compute."""
    service.delete_compute(desk.world, workspace, name, desk.owner)
    return Response(status_code=204)


def _json(desk: Desk, compute: ComputeRecord) -> dict[str, Any]:
    return {**compute_json(compute), **service.compute_facts(desk.world, compute)}
