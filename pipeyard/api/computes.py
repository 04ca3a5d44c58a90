"""
Routes of computes and datastores.
"""

from __future__ import annotations

from fastapi import APIRouter, Response

from pipeyard.api.allow import Body, TheDesk, UserOnly
from pipeyard.api.answer import Answer
from pipeyard.model.record import DEFAULT_DATASTORE
from pipeyard.service import computes as service
from pipeyard.service.view import compute_json, datastore_json

router = APIRouter(dependencies=[UserOnly])
_COMPUTES = "/api/v1/workspaces/{workspace}/computes"


@router.get(_COMPUTES)
def list_(workspace: str, desk: TheDesk) -> Answer:
    """List every compute."""
    return Answer({"value": [compute_json(row) for row in service.list_computes(desk.world, workspace)]})


@router.get(_COMPUTES + "/{name}")
def show(workspace: str, name: str, desk: TheDesk) -> Answer:
    """Show one compute."""
    return Answer(compute_json(service.show_compute(desk.world, workspace, name)))


@router.put(_COMPUTES + "/{name}")
def save(workspace: str, name: str, body: Body, desk: TheDesk) -> Answer:
    """Create a compute or change it; `warnings` says what is worth knowing."""
    compute, remarks = service.save_compute(desk.world, workspace, name, body)
    return Answer({**compute_json(compute), "warnings": list(remarks)})


@router.delete(_COMPUTES + "/{name}")
def delete(workspace: str, name: str, desk: TheDesk) -> Response:
    """Forget a compute."""
    service.delete_compute(desk.world, workspace, name)
    return Response(status_code=204)


@router.get("/api/v1/workspaces/{workspace}/datastores")
def datastores(workspace: str, desk: TheDesk) -> Answer:
    """List every datastore."""
    found = service.list_datastores(desk.world, workspace)
    return Answer({"value": [datastore_json(row, is_default=row.name == DEFAULT_DATASTORE) for row in found]})
