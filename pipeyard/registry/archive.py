"""
Hiding versions and names from lists, and showing them again (section 4.2).

In:       a version, or a name with all its versions.
Out:      it, hidden or shown.

What is hidden still runs when it is named by its version.
"""

from __future__ import annotations

from pipeyard.model.asset_record import AssetContainer, AssetVersion
from pipeyard.model.assets import AssetKind
from pipeyard.model.errors import Conflict
from pipeyard.ports import AssetStore
from pipeyard.registry.entry import Who, asset_entry, container_entry
from pipeyard.registry.missing import NOUNS, AssetMissing


def archive_version(store: AssetStore, asset: AssetVersion, who: Who) -> AssetVersion:
    """Hide one version; one that is hidden already is no error."""
    return _set_version(store, asset, "archive", who, is_archived=True)


def restore_version(store: AssetStore, asset: AssetVersion, who: Who) -> AssetVersion:
    """Show one version again; `Conflict` while its whole name is archived."""
    container = store.load_container(asset.workspace, asset.kind, asset.name)
    if container is not None and container.is_archived:
        noun = NOUNS[asset.kind]
        raise Conflict(
            f"{noun} `{asset.name}` is archived with all its versions",
            code="container-archived",
            hint=f"restore it first: pipeyard {asset.kind.value} restore -n {asset.name}",
        )
    return _set_version(store, asset, "restore", who, is_archived=False)


def archive_name(store: AssetStore, workspace: str, kind: AssetKind, name: str, who: Who) -> AssetContainer:
    """Hide a name and all its versions."""
    return _set_name(store, _container(store, workspace, kind, name), "archive", who, is_archived=True)


def restore_name(store: AssetStore, workspace: str, kind: AssetKind, name: str, who: Who) -> AssetContainer:
    """Show a name again, and those of its versions that were not archived by themselves."""
    return _set_name(store, _container(store, workspace, kind, name), "restore", who, is_archived=False)


def _set_version(store: AssetStore, asset: AssetVersion, action: str, who: Who, *, is_archived: bool) -> AssetVersion:
    if asset.is_archived is is_archived:
        return asset
    store.change_asset(asset.key, {"is_archived": is_archived}, asset_entry(asset, action, who))
    return asset.with_(is_archived=is_archived, changed_at_ms=who.at_ms, changed_by=who.name)


def _set_name(
    store: AssetStore, container: AssetContainer, action: str, who: Who, *, is_archived: bool
) -> AssetContainer:
    if container.is_archived is not is_archived:
        entry = container_entry(container, action, who)
        store.archive_container(container.workspace, container.kind, container.name, entry, is_archived=is_archived)
    return _container(store, container.workspace, container.kind, container.name)


def _container(store: AssetStore, workspace: str, kind: AssetKind, name: str) -> AssetContainer:
    found = store.load_container(workspace, kind, name)
    if found is None:
        raise AssetMissing(
            f"there is no {NOUNS[kind]} `{name}`", hint=f"`pipeyard {kind.value} list` shows those there are"
        )
    return found
