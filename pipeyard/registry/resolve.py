"""
From a reference to the version that it means now.

In:       a reference, and the workspace that it is written in.
Out:      the version, or `AssetMissing` naming what is near.
"""

from __future__ import annotations

from pipeyard.model.asset_record import DEFAULT, AssetKey, AssetVersion, home_of
from pipeyard.model.assets import AssetRef
from pipeyard.ports import AssetStore
from pipeyard.registry.missing import missing


def resolve(store: AssetStore, workspace: str, reference: AssetRef) -> AssetVersion:
    """
    Return the version that a reference means; archived versions are found by their number.

    Without version and label it is the one labelled `default` (section 1.2).
    """
    found = find(store, workspace, reference)
    if found is None:
        raise missing(store, workspace, reference)
    return found


def find(store: AssetStore, workspace: str, reference: AssetRef) -> AssetVersion | None:
    """Return the version that a reference means, None if there is none."""
    home = home_of(reference, workspace)
    if reference.version is not None:
        return store.load_asset(AssetKey(home, reference.kind, reference.name, reference.version))
    return store.load_labeled(home, reference.kind, reference.name, reference.label or DEFAULT)
