"""
Asset versions, workspaces and the history as the JSON that users see.

In:       records of `model/asset_record.py`.
Out:      plain mappings in Azure's words, with our additions under names that Azure lacks.
Not here: routes (`api/assets.py`), rules (`registry/`).

The routes, where `<home>` is `/api/v1/workspaces/<workspace>` or `/api/v1/registries/<registry>`
and `<kind>` is `components`, `data`, `environments` or `models`:

    POST   <home>/<kind>                         create; 201, or 200 when the version was there with an equal body
           {"body": {...}, "name"?, "version"?: text|null, "display_name"?, "description"?, "tags"?, "properties"?,
            "stage"?, "components"?: {digest: tree}, "file"?: text, "user"?: text}
           `body` is the file's tree, local things replaced as in a submission; members beside it win over what
           it says. `components` are the anonymous components that a pipeline component holds.
           Answer: the version, and "warnings": [text]. 422 as for jobs when the body has problems,
           409 `version-exists` naming the fields that differ, 409 `version-deleted`.
    POST   <home>/<kind>:check                   the same body; {"diagnostics": [...]}; nothing is written
    GET    <home>/<kind>?limit&before&archived=active|archived|all&type&stage&text
           {"value": [container...], "next": token|null}
    GET    <home>/<kind>/<name>/versions?limit&before&archived&type&stage
           {"value": [version without its body...], "next": token|null}, created last first
    GET    <home>/<kind>/<name>                  the version labelled `default`
    GET    <home>/<kind>/<name>/versions/<version>
    GET    <home>/<kind>/<name>/labels/<label>   `latest`, `default`, or one that was set
    PUT    <home>/<kind>/<name>/labels/<label>   {"version": text}; the version
    PATCH  <home>/<kind>/<name>/versions/<version> (or /labels/<label>)
           {"display_name"?, "description"?, "tags"?, "properties"?, "stage"?}: new values; tags as a whole
    DELETE <home>/<kind>/<name>/versions/<version>          204; 409 `asset-in-use`
    POST   <home>/<kind>/<name>/archive|restore             the whole name; the container
    POST   <home>/<kind>/<name>/versions/<version>/archive|restore   (or /labels/<label>/...); the version
    POST   <home>/<kind>/<name>/versions/<version>/share    {"registry": text, "name"?: text, "version"?: text};
           the version in the registry; what it needs is shared with it
    GET    <home>/<kind>/<name>/versions/<version>/jobs     lineage:
           {"produced_by": {"job", "root_job", "output"}|null, "used_by": [{"job", "root_job", "role"}...],
            "needed_by": [id...], "needs": [{"role", "id"}...]}
    GET    <home>/<kind>/<name>/versions/<version>/files    what `download` writes beside the YAML:
           {"document": {...}, "components": {digest: tree},
            "trees": [{"role": "code"|"path"|"build", "component": digest|null, "path": <URI in the document>,
                       "place": [key...], "name": text, "is_file": bool,
                       "files": [{"path", "size", "sha256"|null}...]}...]}
    GET    <home>/<kind>/<name>/versions/<version>/files/<index of the tree>/<path of the file>   bytes, with Range
    GET    /api/v1/workspaces/<workspace>/jobs/<job>/assets
           {"uses": [{"job", "role", "id"}...], "produced": [version without its body...]}
    GET    <home>/history?limit&before&kind&name, GET /api/v1/history
           {"value": [entry...], "next": token|null}, newest first
    GET    /api/v1/workspaces, /api/v1/registries           {"value": [...]}
    GET    /api/v1/workspaces/<name>, /api/v1/registries/<name>
    PUT    same; {"display_name"?, "description"?, "tags"?}: created (201) or changed (200)
    DELETE same; 204; 409 `in-use` while it holds unfinished jobs

`<version>/...` may be written `/labels/<label>/...` wherever it is read or changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipeyard.model.asset_record import (
    AssetContainer,
    AssetKey,
    AssetUse,
    AssetVersion,
    AuditEntry,
    WorkspaceRecord,
    registry_of,
)
from pipeyard.model.assets import AssetKind
from pipeyard.model.tracking import tracking_uri
from pipeyard.service.asset_files import TreeFiles
from pipeyard.service.view import GROUP, resource_id
from pipeyard.service.wire import plain, time_text


def asset_id(key: AssetKey) -> str:
    """Return a version's id as Azure prints it: a resource id, or a registry's URI."""
    return f"{container_id(key.workspace, key.kind, key.name)}/versions/{key.version}"


def container_id(workspace: str, kind: AssetKind, name: str) -> str:
    """Return the id of a name."""
    registry = registry_of(workspace)
    if registry is not None:
        return f"azureml://registries/{registry}/{kind.plural}/{name}"
    return "azureml:" + resource_id(workspace, kind.plural, name)


def asset_json(asset: AssetVersion) -> dict[str, Any]:
    """Return a version as `show` prints it; in a list it comes without its body."""
    shown: dict[str, Any] = {
        **plain(asset.body),
        "id": asset_id(asset.key),
        "name": asset.name,
        "version": asset.version,
        "type": asset.type,
        "display_name": asset.display_name,
        "description": asset.description,
        "tags": dict(asset.tags),
        "properties": dict(asset.properties),
        "creation_context": _creation(asset),
        "resourceGroup": GROUP,
        # Not Azure's:
        "archived": asset.is_archived,
        "digest": asset.digest,
        "content_digest": asset.content,
        "produced_by": _producer(asset),
    }
    if asset.kind is AssetKind.MODEL:
        shown["stage"] = asset.stage
    if asset.kind is AssetKind.ENVIRONMENT:
        del shown["type"]
    if asset.uri is not None:
        shown["path"] = str(asset.uri)
    return shown


def container_json(container: AssetContainer) -> dict[str, Any]:
    """Return a name as a list of assets prints it."""
    latest = container.latest
    shown: dict[str, Any] = {
        "id": container_id(container.workspace, container.kind, container.name),
        "name": container.name,
        "latest_version": None if latest is None else latest.version,
        "next_version": container.next_version,
        "display_name": None if latest is None else latest.display_name,
        "description": None if latest is None else latest.description,
        "tags": {} if latest is None else dict(latest.tags),
        "creation_context": {
            "created_at": time_text(container.created_at_ms),
            "created_by": container.created_by,
            "created_by_type": "User",
        },
        "resourceGroup": GROUP,
        "archived": container.is_archived,
    }
    if container.kind is not AssetKind.ENVIRONMENT:
        shown["type"] = None if latest is None else latest.type
    if container.kind is AssetKind.MODEL:
        shown["stage"] = None if latest is None else latest.stage
    return shown


def use_json(use: AssetUse) -> dict[str, Any]:
    """Return a job that uses a version, for the version's lineage."""
    return {"job": use.job_name, "root_job": use.root_name, "workspace": use.workspace, "role": use.role}


def used_json(use: AssetUse) -> dict[str, Any]:
    """Return a version that a job uses, for the job's lineage."""
    return {"job": use.job_name, "role": use.role, "id": asset_id(use.asset)}


def tree_json(held: TreeFiles) -> dict[str, Any]:
    """Return the files of one tree."""
    return {
        "role": held.tree.role,
        "component": held.tree.component,
        "path": str(held.tree.uri),
        "place": list(held.tree.path),
        "name": held.name,
        "is_file": held.manifest.is_file,
        "files": [
            {"path": entry.path, "size": entry.size, "sha256": entry.sha256 or None} for entry in held.manifest.entries
        ],
    }


def audit_json(entry: AuditEntry) -> dict[str, Any]:
    """Return one line of the history."""
    registry = registry_of(entry.workspace)
    return {
        "seq": entry.seq,
        "at": time_text(entry.at_ms),
        "by": entry.by,
        "workspace": None if registry is not None else entry.workspace,
        "registry": registry,
        "action": entry.action,
        "kind": entry.kind,
        "name": entry.name,
        "version": entry.version,
        "detail": plain(entry.detail),
    }


def workspace_json(workspace: WorkspaceRecord, endpoint: str) -> dict[str, Any]:
    """Return a workspace or registry as `show` prints it."""
    registry = registry_of(workspace.name)
    name = workspace.name if registry is None else registry
    kind = "workspaces" if registry is None else "registries"
    return {
        "id": resource_id(workspace.name, "", "").partition("/workspaces/")[0] + f"/{kind}/{name}",
        "name": name,
        "display_name": workspace.display_name or name,
        "description": workspace.description,
        "tags": dict(workspace.tags),
        "image_policy": workspace.image_policy,
        "creation_context": {
            "created_at": time_text(workspace.created_at_ms or None),
            "created_by": workspace.created_by,
            "created_by_type": "User",
        },
        "resourceGroup": GROUP,
        "mlflow_tracking_uri": tracking_uri(endpoint, workspace.name) if registry is None else None,
    }


def _creation(asset: AssetVersion) -> Mapping[str, Any]:
    created_at = time_text(asset.created_at_ms)
    return {
        "created_at": created_at,
        "created_by": asset.created_by,
        "created_by_type": "User",
        "last_modified_at": created_at if asset.changed_at_ms is None else time_text(asset.changed_at_ms),
        "last_modified_by": asset.changed_by or asset.created_by,
        "last_modified_by_type": "User",
    }


def _producer(asset: AssetVersion) -> Mapping[str, Any] | None:
    if asset.produced_by is None:
        return None
    return {"job": asset.produced_by, "output": asset.produced_output}
