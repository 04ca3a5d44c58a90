"""
From a workspace into a registry, where every workspace can use it.

In:       a version, a registry, perhaps another name and version.
Out:      the version in the registry, with its files; what it needs went there first.
Not here: using it (`registry/qualify.py`).

Invariant: what is in a registry names nothing outside it, but other registries.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from pipeyard.model.asset_record import AssetKey, AssetNeed, AssetVersion, home_of, registry_workspace
from pipeyard.model.assets import ANONYMOUS, AssetKind, AssetRef, DatastoreUri, FileEntry, Manifest
from pipeyard.model.diagnostic import Place, YamlPath
from pipeyard.model.errors import Bug, UserError
from pipeyard.model.record import JsonObject
from pipeyard.registry.publish import publish
from pipeyard.service.asset_files import Tree, parts_of, sound_files_of, trees_of
from pipeyard.service.asset_request import ShareRequest
from pipeyard.service.assets import Wanted, show_asset
from pipeyard.service.world import World
from pipeyard.spec.decode_asset import check_asset_name, check_asset_version
from pipeyard.spec.document import document_of
from pipeyard.spec.reading import Reading
from pipeyard.spec.registered import registered_references
from pipeyard.spec.render import replace_leaves, tree_digest


def share_asset(
    world: World, workspace: str, wanted: Wanted, request: ShareRequest, by: str
) -> tuple[AssetVersion, bool]:
    """
    Return the version in the registry, and whether it is new there.

    The same again is no error; another body under that version is a `Conflict`.
    """
    asset = show_asset(world, workspace, wanted)
    target = world.known_workspace(registry_workspace(request.registry))
    if target == workspace:
        raise UserError(f"`{asset.name}` is in registry `{request.registry}` already", code="bad-request")
    name, version = request.name or asset.name, request.version or asset.version
    _check_identity(asset.kind, name, version)
    return _Sharing(world, target, by).share(asset, name, version)


class _Sharing:
    """One share; versions and trees that several others need go over once."""

    def __init__(self, world: World, target: str, by: str) -> None:
        self._world = world
        self._target = target
        self._by = by
        self._shared: dict[AssetKey, AssetVersion] = {}
        self._uris: dict[DatastoreUri, DatastoreUri] = {}

    def share(self, asset: AssetVersion, name: str, version: str) -> tuple[AssetVersion, bool]:
        needs = self._world.assets.needs_of(asset.key)
        for need in needs:
            if need.needed.workspace == asset.workspace:
                self._share_needed(need.needed)
        parts = parts_of(self._world, asset)
        uris = {tree.uri: self._copied(asset.workspace, tree) for tree in trees_of(asset, parts)}
        rewriting = _Rewriting(asset.workspace, self._target, uris, parts)
        body = rewriting.rewrite(asset.body)
        made = replace(
            asset,
            workspace=self._target,
            name=name,
            version=version,
            body=body,
            digest=tree_digest(body),
            uri=None if asset.uri is None else uris[asset.uri],
            created_at_ms=self._world.clock.now_ms(),
            created_by=self._by,
            changed_at_ms=None,
            changed_by=None,
            is_archived=False,
            serial=0,
            # Of the workspace that it was made in.
            produced_by=None,
            produced_output=None,
        )
        return publish(
            self._world.assets,
            made,
            needs=[self._need(need, asset.workspace) for need in needs],
            parts=[self._part(digest, tree, made) for digest, tree in sorted(rewriting.parts.items())],
            action="share",
            detail={"from": {"workspace": asset.workspace, "name": asset.name, "version": asset.version}},
        )

    def _share_needed(self, key: AssetKey) -> None:
        if key in self._shared:
            return
        found = self._world.assets.load_asset(key)
        if found is not None:
            self._shared[key] = self.share(found, found.name, found.version)[0]

    def _need(self, need: AssetNeed, workspace: str) -> AssetNeed:
        if need.needed.workspace != workspace:
            return need
        return replace(need, needed=replace(need.needed, workspace=self._target))

    def _part(self, digest: str, tree: JsonObject, made: AssetVersion) -> AssetVersion:
        return AssetVersion(
            workspace=self._target,
            kind=AssetKind.COMPONENT,
            name=ANONYMOUS,
            version=digest,
            type=str(tree.get("type") or ("pipeline" if "jobs" in tree else "command")),
            created_at_ms=made.created_at_ms,
            created_by=made.created_by,
            body=tree,
            digest=digest,
        )

    def _copied(self, workspace: str, tree: Tree) -> DatastoreUri:
        """Return where a tree is in the registry, sent there if it is not."""
        if tree.uri not in self._uris:
            held = sound_files_of(self._world, workspace, tree)
            manifest = held.manifest if _is_hashed(held.manifest) else self._described(held.root)
            ticket = self._world.uploads.begin(self._target, held.name, manifest)
            if ticket.id is not None:
                assert ticket.drop is not None  # Uploads of this server, which is on this machine.
                places = {entry.sha256: _place(held.root, entry) for entry in manifest.entries}
                for sha256 in ticket.missing:
                    # A worker process compares what is there with its name.
                    shutil.copyfile(places[sha256], ticket.drop / sha256)
                self._world.uploads.complete(ticket.id)
            self._uris[tree.uri] = ticket.uri
        return self._uris[tree.uri]

    def _described(self, root: Path) -> Manifest:
        if self._world.originals is None:
            raise Bug("nobody can read what is to be shared")
        return self._world.originals.describe(root)


class _Rewriting:
    """Trees as the registry keeps them: their files are its own, and so are what they need."""

    def __init__(
        self, source: str, target: str, uris: Mapping[DatastoreUri, DatastoreUri], parts: Mapping[str, JsonObject]
    ) -> None:
        self._source = source
        self._target = target
        self._uris = {str(before): str(after) for before, after in uris.items()}
        self._trees = parts
        self._digests: dict[str, str] = {}
        self.parts: dict[str, JsonObject] = {}

    def rewrite(self, tree: JsonObject) -> dict[str, Any]:
        replaced: dict[YamlPath, Any] = {}
        for path, reference in registered_references(tree):
            replaced[path] = self._reference(reference)
        rewritten: dict[str, Any] = self._with_places(replace_leaves(tree, replaced))
        return rewritten

    def _reference(self, reference: AssetRef) -> str:
        if reference.name == ANONYMOUS and reference.registry is None and reference.version in self._trees:
            assert reference.version is not None
            return str(replace(reference, version=self._part(reference.version)))
        if home_of(reference, self._source) == self._target:
            return str(replace(reference, registry=None))
        # What it needs of its own workspace has gone over before, under the same name and version.
        return str(reference)

    def _part(self, digest: str) -> str:
        if digest not in self._digests:
            tree = self.rewrite(self._trees[digest])
            self._digests[digest] = tree_digest(tree)
            self.parts[self._digests[digest]] = tree
        return self._digests[digest]

    def _with_places(self, value: Any) -> Any:
        if isinstance(value, Mapping):
            return {key: self._with_places(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self._with_places(item) for item in value]
        return self._uris.get(value, value) if isinstance(value, str) else value


def _check_identity(kind: AssetKind, name: str, version: str) -> None:
    reading = Reading(document_of({}, source=""))
    place = Place()
    check_asset_name(reading, name, place, kind)
    check_asset_version(reading, version, place)
    for problem in reading.problems:
        if problem.is_error:
            raise UserError(problem.message, code=problem.code, hint=problem.expected)


def _is_hashed(manifest: Manifest) -> bool:
    return all(entry.sha256 for entry in manifest.entries)


def _place(root: Path, entry: FileEntry) -> Path:
    return root if root.is_file() else root / entry.path
