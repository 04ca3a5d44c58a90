"""
Routes of datastores.

Invariant: credentials come in and never go out.
"""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from pipeyard.api import files as _files  # noqa: F401 - gives addresses the word `anything`.
from pipeyard.api.address import exact_path
from pipeyard.api.allow import Body, TheDesk, UserOnly
from pipeyard.api.answer import Answer
from pipeyard.api.bytes import send_file
from pipeyard.api.desk import Desk
from pipeyard.model.record import DEFAULT_DATASTORE, DatastoreRecord
from pipeyard.service import datastores as service
from pipeyard.service.datastore_files import find_place, list_folder
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


@router.get(_DATASTORES + "/{name}/files")
def files(workspace: str, name: str, desk: TheDesk) -> Answer:
    """List what is directly in a datastore's folder."""
    return Answer(list_folder(desk.world, workspace, name, ""))


@router.get(_DATASTORES + "/{name}/files/{path:anything}")
def file(request: Request, workspace: str, name: str, *, path: str, desk: TheDesk) -> Response:
    """Send one file of a datastore, or list what is directly in a folder of it."""
    path = exact_path(request, path).strip("/")
    place = find_place(desk.world, workspace, name, path)
    return send_file(request, place) if place.is_file() else Answer(list_folder(desk.world, workspace, name, path))


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
