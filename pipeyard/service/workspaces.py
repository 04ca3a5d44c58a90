"""
Workspaces and registries: create, look at, list, change, delete.

In:       a name (a registry's as `registry_workspace` writes it) and what somebody asked.
Out:      records; `NotFound`, `Conflict`.
Not here: what is in them; their folders' bytes, which stay when they are deleted.

A workspace has its five datastores from its creation on, a registry the default one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from pipeyard.model.asset_record import AuditEntry, WorkspaceRecord, registry_of
from pipeyard.model.errors import Conflict, UserError
from pipeyard.model.nearest import nearest
from pipeyard.model.record import BUILT_IN_DATASTORES, DEFAULT_DATASTORE, DEFAULT_WORKSPACE, DatastoreRecord
from pipeyard.service.asset_request import text_map
from pipeyard.service.image_policy import KEY as IMAGE_POLICY
from pipeyard.service.image_policy import policy_text
from pipeyard.service.placing import pool_of
from pipeyard.service.world import World

# It becomes the name of a folder and a part of addresses. Azure: 3 to 33 of these.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,62}\Z")
_CHANGES = ("display_name", "description", "tags", "image_policy")
# What Azure prints or takes of a workspace and that has no meaning here.
_IGNORED = frozenset(
    {"name", "id", "location", "resource_group", "resourceGroup", "creation_context", "$schema", "type", "properties"}
)


def list_workspaces(world: World) -> Sequence[WorkspaceRecord]:
    """Return every workspace, by name."""
    return [row for row in world.assets.list_workspaces() if registry_of(row.name) is None]


def list_registries(world: World) -> Sequence[WorkspaceRecord]:
    """Return every registry, by name."""
    return [row for row in world.assets.list_workspaces() if registry_of(row.name) is not None]


def show_workspace(world: World, workspace: str) -> WorkspaceRecord:
    """Return one workspace or registry."""
    found = world.assets.load_workspace(world.known_workspace(workspace))
    assert found is not None
    return found


def save_workspace(world: World, workspace: str, body: Any, by: str) -> tuple[WorkspaceRecord, bool]:
    """Return the workspace as created or changed, and whether it is new."""
    values = _values(body)
    earlier = world.assets.load_workspace(workspace)
    if earlier is None:
        _check_name(workspace)
        made = WorkspaceRecord(workspace, world.clock.now_ms(), by, **values)
        try:
            world.assets.create_workspace(made, _datastores(workspace), _entry(world, workspace, "create", by))
        except Conflict:
            # Somebody was faster by a moment; it is theirs, and this is a change of it.
            earlier = show_workspace(world, workspace)
        else:
            return made, True
    changed = {key: value for key, value in values.items() if value != getattr(earlier, key)}
    if changed:
        detail = {key: {"before": _plain(getattr(earlier, key)), "after": changed[key]} for key in changed}
        world.assets.change_workspace(workspace, changed, _entry(world, workspace, "update", by, detail))
    return show_workspace(world, workspace), False


def delete_workspace(world: World, workspace: str, by: str) -> None:
    """Forget a workspace and what is recorded in it; `Conflict` while it holds a job that has not ended."""
    if workspace == DEFAULT_WORKSPACE:
        raise Conflict(f"the workspace `{workspace}` always exists", code="built-in")
    show_workspace(world, workspace)
    computes, datastores = world.store.list_computes(workspace), world.store.list_datastores(workspace)
    world.assets.delete_workspace(workspace, _entry(world, workspace, "delete", by))
    for compute in computes:
        world.runner.resize(pool_of(workspace, compute.name), 0)
    for datastore in datastores:
        # A workspace of that name may come again, with other datastores.
        world.datastores.forget(workspace, datastore.name)
        if world.credentials is not None:
            world.credentials.save(workspace, datastore.name, {})
    if world.transfers is not None:
        world.transfers.forget(workspace)


def _values(body: Any) -> dict[str, Any]:
    if body is None:
        return {}
    if not isinstance(body, Mapping):
        raise UserError("the request has to be a JSON object", code="bad-request")
    return {key: _value(key, value) for key, value in body.items() if key not in _IGNORED}


def _value(key: str, value: Any) -> Any:
    if key not in _CHANGES:
        close = nearest(key, _CHANGES)
        raise UserError(
            f"a workspace has no field `{key}`",
            code="bad-request",
            hint=f"did you mean `{close}`?" if close else f"it has {', '.join(_CHANGES)}",
        )
    if key == "tags":
        return text_map(value or {}, "`tags`")
    if key == IMAGE_POLICY:
        return policy_text(value)
    if value is not None and not isinstance(value, str):
        raise UserError(f"`{key}` has to be text", code="bad-request")
    return value or None


def _check_name(workspace: str) -> None:
    registry = registry_of(workspace)
    name = workspace if registry is None else registry
    what = "workspace" if registry is None else "registry"
    if not _NAME.match(name):
        raise UserError(
            f"a {what} cannot be called `{name}`",
            code="bad-name",
            hint="use letters, digits, `_` and `-`, starting with a letter or digit, at most 63",
        )


def _datastores(workspace: str) -> list[DatastoreRecord]:
    registry = registry_of(workspace)
    folder = f"workspaces/{workspace}" if registry is None else f"registries/{registry}"
    names = BUILT_IN_DATASTORES if registry is None else (DEFAULT_DATASTORE,)
    return [DatastoreRecord(workspace, name, "local", {"path": f"{folder}/{name}"}) for name in names]


def _entry(world: World, workspace: str, action: str, by: str, detail: Mapping[str, Any] | None = None) -> AuditEntry:
    registry = registry_of(workspace)
    kind, name = ("workspace", workspace) if registry is None else ("registry", registry)
    return AuditEntry(workspace, world.clock.now_ms(), by, action, kind, name, detail=detail or {})


def _plain(value: Any) -> Any:
    return dict(value) if isinstance(value, Mapping) else value
