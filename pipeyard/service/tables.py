"""
The head of a table that is registered as data.

In:       which version, and how many rows.
Out:      columns and rows as plain values.
Not here: reading tables (`ports.Tables`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pipeyard.model.asset_record import AssetVersion
from pipeyard.model.assets import DatastoreUri
from pipeyard.model.errors import NotFound, UserError
from pipeyard.model.types import PortType
from pipeyard.service.assets import Wanted, show_asset
from pipeyard.service.world import World

ROWS_DEFAULT = 10
ROWS_MAX = 1000


def preview_data(world: World, workspace: str, wanted: Wanted, rows: int = ROWS_DEFAULT) -> dict[str, Any]:
    """Return the first rows of a version of data; `UserError` when it is no table."""
    if not 1 <= rows <= ROWS_MAX:
        raise UserError(f"`rows` has to be a number from 1 to {ROWS_MAX}, not {rows}", code="bad-request")
    asset = show_asset(world, workspace, wanted)
    shown = f"data `{asset.name}`, version {asset.version},"
    if asset.type == PortType.URI_FOLDER.value:
        raise UserError(
            f"{shown} is of type `{asset.type}`, which is no table",
            code="not-a-table",
            hint="register the folder as `mltable`, with a file `MLTable` in it",
        )
    if world.tables is None:
        raise UserError("this server reads no tables", code="no-table-reader")
    uri = _uri_of(world, asset)
    place = _place_of(world, asset.workspace, uri)
    if not place.exists():
        raise NotFound(f"nothing is at `{uri}` any more")
    found = world.tables.head(asset.workspace, uri, place, rows_max=rows)
    return {"name": asset.name, "version": asset.version, "type": asset.type, **found}


def _uri_of(world: World, asset: AssetVersion) -> DatastoreUri:
    if asset.uri is not None:
        return asset.uri
    path = str(asset.body.get("path") or "")
    if not path.lower().startswith(("http://", "https://")):
        raise UserError(f"`{path}` cannot be read here", code="unknown-scheme")
    return world.web.fetch(asset.workspace, path).uri


def _place_of(world: World, workspace: str, uri: DatastoreUri) -> Path:
    if world.transfers is not None and world.transfers.is_remote(workspace, uri.datastore):
        return world.transfers.bring(workspace, uri).path
    return world.datastores.local_path(workspace, uri)
