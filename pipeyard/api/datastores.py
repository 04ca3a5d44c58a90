"""
Routes of datastores.

Invariant: credentials come in and never go out.
"""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Response

from pipeyard.api.allow import Body, TheDesk, UserOnly
from pipeyard.api.answer import Answer
from pipeyard.api.desk import Desk
from pipeyard.model.record import DEFAULT_DATASTORE, DatastoreRecord
from pipeyard.service import datastores as service
from pipeyard.service.view import datastore_json
from pipeyard.service.wire import diagnostic_json

router = APIRouter(dependencies=[UserOnly])
_DATASTORES = "/api/v1/workspaces/{workspace}/datastores"


@router.get(_DATASTORES)
def list_(workspace: str, desk: TheDesk) -> Answer:
    """List every datastore."""
    return Answer({"value": [_json(desk, row) for row in service.list_datastores(desk.world, workspace)]})


@router.get(_DATASTORES + "/{name}")
def show(workspace: str, name: str, desk: TheDesk) -> Answer:
    """Show one datastore."""
    return Answer(_json(desk, service.show_datastore(desk.world, workspace, name)))


@router.put(_DATASTORES + "/{name}")
def save(workspace: str, name: str, body: Body, desk: TheDesk, *, skip_validation: bool = False) -> Answer:
    """Create a datastore or change it; `warnings` says what is worth knowing."""
    probes = not skip_validation
    saved, remarks = service.save_datastore(desk.world, workspace, name, body, by=desk.owner, probes=probes)
    return Answer({**_json(desk, saved), "warnings": [diagnostic_json(remark) for remark in remarks]})


@router.delete(_DATASTORES + "/{name}")
def delete(workspace: str, name: str, desk: TheDesk) -> Response:
    """Forget a datastore, not what is in it."""
    service.delete_datastore(desk.world, workspace, name, desk.owner)
    return Response(status_code=204)


def _json(desk: Desk, row: DatastoreRecord) -> dict[str, Any]:
    kept = service.credentials_type(desk.world, row)
    return datastore_json(row, is_default=row.name == DEFAULT_DATASTORE, credentials=kept)
