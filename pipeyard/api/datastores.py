"""
Routes of datastores.

Invariant: credentials come in and never go out.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from pathlib import PurePosixPath
from typing import Any

from fastapi import APIRouter, Request, Response

from pipeyard.api import files as _files  # noqa: F401 - gives addresses the word `anything`.
from pipeyard.api.address import exact_path
from pipeyard.api.allow import Body, TheDesk, UserOnly
from pipeyard.api.answer import Answer
from pipeyard.api.bytes import send_bytes, send_file
from pipeyard.api.desk import Desk
from pipeyard.api.query import text_place, token_of_place
from pipeyard.model.record import DEFAULT_DATASTORE, DatastoreRecord
from pipeyard.ports import FolderPage
from pipeyard.service import datastores as service
from pipeyard.service.datastore_files import ENTRIES_MAX, FileElsewhere, find_file, list_folder
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


@router.post(_DATASTORES + "/{name}/test")
def test(workspace: str, name: str, desk: TheDesk) -> Answer:
    """Reach a datastore with the credentials that are kept; the error says why it is not possible."""
    service.reach_datastore(desk.world, workspace, name)
    return Answer({"name": name, "is_reached": True})


@router.get(_DATASTORES + "/{name}/files")
def files(workspace: str, name: str, desk: TheDesk, limit: int = ENTRIES_MAX, *, before: str | None = None) -> Answer:
    """List what is directly in a datastore, by pages."""
    return _page(list_folder(desk.world, workspace, name, "", limit=limit, before=text_place(before)), "")


@router.get(_DATASTORES + "/{name}/files/{path:anything}")
def file(
    request: Request,
    workspace: str,
    name: str,
    *,
    path: str,
    desk: TheDesk,
    limit: int = ENTRIES_MAX,
    before: str | None = None,
) -> Response:
    """Send one file of a datastore, or list what is directly in a folder of it; a slash at the end means the folder."""
    path = exact_path(request, path)
    found = None if path.endswith("/") else find_file(desk.world, workspace, name, path)
    if found is None:
        return _page(list_folder(desk.world, workspace, name, path, limit=limit, before=text_place(before)), path)
    return _send_elsewhere(request, found) if isinstance(found, FileElsewhere) else send_file(request, found)


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


def _page(found: FolderPage, path: str) -> Answer:
    return Answer(
        {
            "path": path.strip("/"),
            "value": [{"name": entry.name, "size": entry.size} for entry in found.entries],
            "next": token_of_place(found.next),
            "left_out": found.left_out,
        }
    )


def _send_elsewhere(request: Request, found: FileElsewhere) -> Response:
    def pieces(first: int, count: int) -> Iterator[bytes]:
        rest = found.pieces(first, count)
        # Fetched before anything is announced: a store that fails is an answer of its own.
        return chain([next(rest, b"")], rest)

    return send_bytes(request, PurePosixPath(found.name), found.file.size, pieces)


def _json(desk: Desk, row: DatastoreRecord) -> dict[str, Any]:
    kept = service.credentials_type(desk.world, row)
    return datastore_json(row, is_default=row.name == DEFAULT_DATASTORE, credentials=kept)
