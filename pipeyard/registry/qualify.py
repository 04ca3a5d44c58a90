"""
A registry's version as a workspace reads it.

In:       a version, the workspace that uses it.
Out:      its spec, in which every reference and place says which registry it is in.

Inside a registry, `azureml:train:1` and `azureml://datastores/workspaceblobstore/...`
speak of the registry's own; taken out of it they would speak of the workspace's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pipeyard.model.asset_record import AssetVersion, registry_of, shared_datastore
from pipeyard.model.assets import DatastoreUri
from pipeyard.model.record import DEFAULT_DATASTORE
from pipeyard.spec.reference import parse_datastore_uri
from pipeyard.spec.registered import registered_references
from pipeyard.spec.render import replace_leaves


def document_in(workspace: str, asset: AssetVersion) -> dict[str, Any]:
    """Return the spec of a version as *workspace* reads it; its own is unchanged."""
    registry = registry_of(asset.workspace)
    document = asset.document
    if registry is None or asset.workspace == workspace:
        return document
    qualified = {
        path: str(replace(reference, registry=registry))
        for path, reference in registered_references(document)
        if reference.registry is None
    }
    tree: dict[str, Any] = _with_places(replace_leaves(document, qualified), registry)
    return tree


def uri_in(workspace: str, asset: AssetVersion) -> DatastoreUri | None:
    """Return where the bytes of data or a model are, as *workspace* says it."""
    registry = registry_of(asset.workspace)
    if asset.uri is None or registry is None or asset.workspace == workspace:
        return asset.uri
    return replace(asset.uri, datastore=shared_datastore(registry))


def _with_places(value: Any, registry: str) -> Any:
    if isinstance(value, Mapping):
        return {key: _with_places(item, registry) for key, item in value.items()}
    if isinstance(value, list):
        return [_with_places(item, registry) for item in value]
    uri = parse_datastore_uri(value) if isinstance(value, str) and value.startswith("azureml:") else None
    if uri is None or uri.datastore != DEFAULT_DATASTORE:
        return value
    return str(replace(uri, datastore=shared_datastore(registry)))
