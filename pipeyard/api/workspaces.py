"""
Routes of workspaces, registries, and the history of changes.
"""

from __future__ import annotations

from fastapi import APIRouter, Response

from pipeyard.api.address import HOME
from pipeyard.api.allow import Body, TheDesk, UserOnly
from pipeyard.api.answer import Answer
from pipeyard.api.desk import Desk
from pipeyard.api.query import number_place, token_of_place
from pipeyard.model.asset_record import AuditFilter
from pipeyard.service import workspaces as service
from pipeyard.service.asset_view import audit_json, workspace_json
from pipeyard.service.assets import history as history_of

router = APIRouter(dependencies=[UserOnly])


@router.get("/api/v1/workspaces")
def list_workspaces(desk: TheDesk) -> Answer:
    """List every workspace."""
    return Answer({"value": [workspace_json(row, desk.world.endpoint) for row in service.list_workspaces(desk.world)]})


@router.get("/api/v1/registries")
def list_registries(desk: TheDesk) -> Answer:
    """List every registry."""
    return Answer({"value": [workspace_json(row, desk.world.endpoint) for row in service.list_registries(desk.world)]})


@router.get(HOME)
def show(workspace: str, desk: TheDesk) -> Answer:
    """Show one workspace or registry."""
    return Answer(workspace_json(service.show_workspace(desk.world, workspace), desk.world.endpoint))


@router.put(HOME)
def save(workspace: str, body: Body, desk: TheDesk) -> Answer:
    """Create a workspace or registry (201) or change it (200)."""
    saved, is_new = service.save_workspace(desk.world, workspace, body, desk.owner)
    return Answer(workspace_json(saved, desk.world.endpoint), status_code=201 if is_new else 200)


@router.delete(HOME)
def delete(workspace: str, desk: TheDesk) -> Response:
    """Forget a workspace or registry; its files stay."""
    service.delete_workspace(desk.world, workspace, desk.owner)
    return Response(status_code=204)


@router.get("/api/v1/history")
def whole_history(
    desk: TheDesk, limit: int = 50, before: str | None = None, kind: str | None = None, name: str | None = None
) -> Answer:
    """List what was changed anywhere, newest first."""
    return _history(desk, AuditFilter(None, kind, name), limit, before)


@router.get(HOME + "/history")
def history(
    workspace: str,
    *,
    desk: TheDesk,
    limit: int = 50,
    before: str | None = None,
    kind: str | None = None,
    name: str | None = None,
) -> Answer:
    """List what was changed in a workspace, newest first; also of one that is deleted."""
    return _history(desk, AuditFilter(workspace, kind, name), limit, before)


def _history(desk: Desk, which: AuditFilter, limit: int, before: str | None) -> Answer:
    found, following = history_of(desk.world, which, limit=limit, before=number_place(before))
    return Answer({"value": [audit_json(entry) for entry in found], "next": token_of_place(following)})
