"""
Asset versions, their lineage and the history to rows and back, by hand.

In:       records of `model/asset_record.py`; rows as a query returned them.
Out:      parameters by column name; records.
Not here: statements (`asset_statement.py`), queries (`asset_query.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Row

from pipeyard.model.asset_record import (
    AssetKey,
    AssetNeed,
    AssetUse,
    AssetVersion,
    AuditEntry,
    OutputUse,
    WorkspaceRecord,
)
from pipeyard.model.assets import AssetKind, DatastoreUri
from pipeyard.store.packing import pack_json, pack_tree, storable, unpack_json, unpack_tree
from pipeyard.store.rows import Params

# Larger whole numbers are versions like any other text: they do not count as numbers.
_NUMBER_DIGITS_MAX = 18


def _text(value: str | None) -> str | None:
    return None if value is None else storable(value)


# How each thing that may change becomes its column.
_CHANGES: Mapping[str, Callable[[Any], Any]] = {
    "display_name": _text,
    "description": _text,
    "tags": pack_json,
    "properties": pack_json,
    "stage": _text,
    "is_archived": bool,
    "image_policy": _text,
}


def container_params(workspace: str, kind: AssetKind, name: str) -> Params:
    """Return what a name is found by."""
    return {"workspace": workspace, "kind": kind.value, "name": name}


def key_params(key: AssetKey) -> Params:
    """Return what a version is found by."""
    return {**container_params(key.workspace, key.kind, key.name), "version": key.version}


def asset_params(asset: AssetVersion) -> Params:
    """Return a version's columns."""
    return {
        **key_params(asset.key),
        "serial": asset.serial,
        "type": asset.type,
        "is_archived": asset.is_archived,
        "created_at_ms": asset.created_at_ms,
        "created_by": storable(asset.created_by),
        "changed_at_ms": asset.changed_at_ms,
        "changed_by": _text(asset.changed_by),
        "digest": asset.digest,
        "datastore": None if asset.uri is None else asset.uri.datastore,
        "path": None if asset.uri is None else asset.uri.path,
        "content": asset.content,
        "display_name": _text(asset.display_name),
        "description": _text(asset.description),
        "tags": pack_json(asset.tags),
        "properties": pack_json(asset.properties),
        "stage": _text(asset.stage),
        "produced_by": asset.produced_by,
        "produced_output": asset.produced_output,
        "body": pack_tree(asset.body),
    }


def asset_of(row: Sequence[Any]) -> AssetVersion:
    """
    Return the version in a row of all columns of `asset_versions`, in their order; without the last its body is empty.

    By position and not by name: a list of thousands is read in half the time.
    """
    (workspace, kind, name, version, serial, type_, is_archived, created_at_ms, created_by, changed_at_ms) = row[:10]
    (changed_by, digest, datastore, path, content, display_name, description, tags, properties) = row[10:19]
    stage, produced_by, produced_output, *body = row[19:]
    return AssetVersion(
        workspace=workspace,
        kind=AssetKind(kind),
        name=name,
        version=version,
        type=type_,
        created_at_ms=created_at_ms,
        created_by=created_by,
        body=unpack_tree(body[0]) if body else {},
        digest=digest,
        uri=None if datastore is None else DatastoreUri(datastore, path),
        content=content,
        display_name=display_name,
        description=description,
        tags={} if tags == "{}" else unpack_json(tags),
        properties={} if properties == "{}" else unpack_json(properties),
        stage=stage,
        is_archived=bool(is_archived),
        changed_at_ms=changed_at_ms,
        changed_by=changed_by,
        produced_by=produced_by,
        produced_output=produced_output,
        serial=serial,
    )


def change_params(key: AssetKey, values: Mapping[str, Any], audit: AuditEntry) -> Params:
    """Return the changed columns, and the key under names of its own. KeyError for what may not change."""
    params = {column: _CHANGES[column](value) for column, value in values.items()}
    found = {f"of_{column}": value for column, value in key_params(key).items()}
    return {**params, **found, "changed_at_ms": audit.at_ms, "changed_by": storable(audit.by)}


def number_of(version: str) -> int:
    """Return the whole number that a version is, 0 for any other text."""
    is_number = version.isascii() and version.isdigit() and len(version) <= _NUMBER_DIGITS_MAX
    # `01` is another text than `1`, and nobody counts on from it.
    return int(version) if is_number and str(int(version)) == version else 0


def need_params(key: AssetKey, need: AssetNeed) -> Params:
    """Return the columns of something that a version needs."""
    return {
        **key_params(key),
        "role": need.role,
        **{f"needed_{column}": value for column, value in key_params(need.needed).items()},
    }


def need_of(row: Row[Any]) -> AssetNeed:
    """Return what is needed in a row."""
    key = AssetKey(row.needed_workspace, AssetKind(row.needed_kind), row.needed_name, row.needed_version)
    return AssetNeed(key, row.role)


def key_of(row: Row[Any]) -> AssetKey:
    """Return the version that a row is about."""
    return AssetKey(row.workspace, AssetKind(row.kind), row.name, row.version)


def use_params(use: AssetUse) -> Params:
    """Return a use's columns but for the workspace and the time, which are its job's."""
    asset = use.asset
    return {
        "job_name": use.job_name,
        "role": storable(use.role),
        "root_name": use.root_name,
        "asset_workspace": asset.workspace,
        "kind": asset.kind.value,
        "name": asset.name,
        "version": asset.version,
    }


def use_of(row: Row[Any]) -> AssetUse:
    """Return the use in a row."""
    asset = AssetKey(row.asset_workspace, AssetKind(row.kind), row.name, row.version)
    return AssetUse(row.workspace, row.job_name, row.root_name, asset, row.role)


def output_use_params(use: OutputUse) -> Params:
    """Return a use's columns but for the workspace and the time, which are its job's."""
    return {
        "job_name": use.job_name,
        "role": storable(use.role),
        "root_name": use.root_name,
        "maker": use.maker,
        "maker_root": use.maker_root,
        "output": storable(use.output),
    }


def output_use_of(row: Row[Any]) -> OutputUse:
    """Return the use in a row."""
    return OutputUse(row.workspace, row.job_name, row.root_name, row.role, row.maker, row.maker_root, row.output)


def audit_params(entry: AuditEntry) -> Params:
    """Return an entry's columns but for its number, which the database gives."""
    return {
        "workspace": entry.workspace,
        "at_ms": entry.at_ms,
        "changed_by": storable(entry.by),
        "action": entry.action,
        "kind": entry.kind,
        "name": storable(entry.name),
        "version": entry.version,
        "detail": pack_json(entry.detail),
    }


def audit_of(row: Row[Any]) -> AuditEntry:
    """Return the entry in a row."""
    return AuditEntry(
        workspace=row.workspace,
        at_ms=row.at_ms,
        by=row.changed_by,
        action=row.action,
        kind=row.kind,
        name=row.name,
        version=row.version,
        detail=unpack_json(row.detail),
        seq=row.seq,
    )


def workspace_params(workspace: WorkspaceRecord) -> Params:
    """Return a workspace's columns."""
    return {
        "name": workspace.name,
        "created_at_ms": workspace.created_at_ms,
        "created_by": storable(workspace.created_by),
        "display_name": _text(workspace.display_name),
        "description": _text(workspace.description),
        "tags": pack_json(workspace.tags),
        "image_policy": workspace.image_policy,
    }


def workspace_change_params(name: str, values: Mapping[str, Any]) -> Params:
    """Return the changed columns, and the name as `of_name`. KeyError for what may not change."""
    allowed = {column: _CHANGES[column] for column in ("display_name", "description", "tags", "image_policy")}
    return {**{column: allowed[column](value) for column, value in values.items()}, "of_name": name}


def workspace_of(row: Row[Any]) -> WorkspaceRecord:
    """Return the workspace in a row."""
    return WorkspaceRecord(
        row.name,
        row.created_at_ms,
        row.created_by,
        row.display_name,
        row.description,
        unpack_json(row.tags),
        row.image_policy,
    )
