"""
Registered assets that a job names, each looked up once and from then on fixed.

In:       references as they are written, and the assets of the workspace.
Out:      the exact versions that they mean; their specs, to be stored with the job.
Not here: what is said of a version that is missing (`registry/missing.py`), data (`resolve.py`).

Invariant: a stored job holds the spec of every component and environment that it runs.
Labels may move and versions may go: its graph stays what it was.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from pipeyard.model.asset_record import AssetVersion
from pipeyard.model.assets import ANONYMOUS, AssetKind, AssetRef
from pipeyard.model.record import JsonObject
from pipeyard.ports import AssetStore
from pipeyard.registry.missing import NOUNS, AssetMissing, missing
from pipeyard.registry.qualify import document_in, uri_in
from pipeyard.registry.resolve import find
from pipeyard.spec.registered import registered_references
from pipeyard.spec.render import replace_leaves

# A reference to bytes may name either; a port takes both kinds.
_TWINS = {AssetKind.DATA: AssetKind.MODEL, AssetKind.MODEL: AssetKind.DATA}


def pin_key(reference: AssetRef) -> str:
    """Return the name of a reference among a submission's components; no digest looks like it."""
    return f"{reference.kind.value} {reference}"


def is_pin_key(key: str) -> bool:
    """Return whether a name among a submission's components is that of a reference, and not a digest."""
    return " " in key


def stored_trees(components: Mapping[str, JsonObject]) -> Callable[[AssetRef], JsonObject]:
    """Return what finds the specs that were stored with a job."""

    def find(reference: AssetRef) -> JsonObject:
        tree = components.get(pin_key(reference))
        if tree is None:
            raise AssetMissing(f"{NOUNS[reference.kind]} `{reference}` was not stored with the job")
        return tree

    return find


def pinned_tree(tree: Mapping[str, Any], components: Mapping[str, JsonObject]) -> Any:
    """Return a job's or component's tree in which every reference that was pinned names its version."""
    exact = {
        path: str(replace(reference, version=str(components[key]["version"]), label=None))
        for path, reference in registered_references(tree)
        # The version of an anonymous component is its digest, which stands there already.
        if reference.name != ANONYMOUS and (key := pin_key(reference)) in components
    }
    return replace_leaves(tree, exact)


class Pins:
    """What the references of one job mean."""

    def __init__(self, assets: AssetStore, workspace: str) -> None:
        """Look in *assets* for what is written in *workspace*."""
        self._assets = assets
        self._workspace = workspace
        self._found: dict[AssetRef, AssetVersion] = {}

    def find(self, reference: AssetRef) -> AssetVersion:
        """Return the version that a reference means; `AssetMissing` names what is near."""
        found = self._found.get(reference)
        if found is None:
            found = self._look(reference)
            if found is None:
                raise missing(self._assets, self._workspace, reference)
            self._found[reference] = found
        return found

    def found(self, reference: AssetRef) -> AssetVersion | None:
        """Return the version that was found earlier."""
        return self._found.get(reference)

    def exact(self, reference: AssetRef) -> AssetRef | None:
        """Return a reference that was found, with its version; None for one that was not."""
        found = self._found.get(reference)
        return None if found is None else found.key.reference(self._workspace)

    def tree(self, reference: AssetRef) -> dict[str, Any]:
        """Return the spec of what a reference means; `AssetMissing` names what is near."""
        return self.tree_of(self.find(reference))

    def tree_of(self, asset: AssetVersion) -> dict[str, Any]:
        """Return a version's spec as this workspace reads it."""
        return document_in(self._workspace, asset)

    def path_of(self, asset: AssetVersion) -> str:
        """Return where the bytes of data or of a model are."""
        uri = uri_in(self._workspace, asset)
        return str(asset.body.get("path", "")) if uri is None else str(uri)

    def shown(self) -> dict[str, str]:
        """Return the exact version of every reference, by `pin_key`."""
        return {pin_key(reference): str(self.exact(reference)) for reference in self._found}

    def kept(self) -> dict[str, dict[str, Any]]:
        """Return what has to be stored with the job, by `pin_key`."""
        return {pin_key(reference): self.tree_of(asset) for reference, asset in self._found.items()}

    def _look(self, reference: AssetRef) -> AssetVersion | None:
        found = find(self._assets, self._workspace, reference)
        twin = _TWINS.get(reference.kind)
        if found is None and twin is not None:
            return find(self._assets, self._workspace, replace(reference, kind=twin))
        return found
