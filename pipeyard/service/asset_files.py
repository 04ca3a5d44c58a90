"""
The files that belong to a version: code, data, a model, a build context.

In:       a version.
Out:      the places in its spec that hold files, and the files there.
Not here: sending bytes (`api/`), copying them into a registry (`asset_share.py`).

Invariant: no path leads out of the tree that it is relative to.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pipeyard.model.asset_record import AssetKey, AssetVersion
from pipeyard.model.assets import ANONYMOUS, AssetKind, DatastoreUri, FileEntry, Manifest
from pipeyard.model.diagnostic import YamlPath
from pipeyard.model.errors import NotFound, StoreError
from pipeyard.model.nearest import nearest
from pipeyard.model.record import JsonObject
from pipeyard.model.value import dataclass
from pipeyard.service.asset_bytes import upload_digest
from pipeyard.service.files import below, files_below
from pipeyard.service.world import World
from pipeyard.spec.reference import parse_datastore_uri
from pipeyard.spec.registered import registered_references


@dataclass(frozen=True, slots=True)
class Tree:
    """Files that one leaf of a spec names."""

    # `code`, `build` or `path`.
    role: str
    # The anonymous component that the leaf is in; None: the version's own spec.
    component: str | None
    path: YamlPath
    uri: DatastoreUri
    # What its bytes have to be, where the version says so.
    content: str | None = None


@dataclass(frozen=True, slots=True)
class TreeFiles:
    """A tree with what is in it now."""

    tree: Tree
    root: Path
    manifest: Manifest

    @property
    def name(self) -> str:
        """Return what the tree is called."""
        return self.tree.uri.path.rstrip("/").rpartition("/")[2] or self.tree.uri.datastore


def parts_of(world: World, asset: AssetVersion) -> dict[str, JsonObject]:
    """Return the anonymous components inside a version by digest, those inside them included."""
    found: dict[str, JsonObject] = {}
    waiting: list[Mapping[str, Any]] = [asset.body]
    for tree in waiting:
        for _, reference in registered_references(tree):
            digest = reference.version
            if reference.name != ANONYMOUS or reference.registry is not None or digest is None or digest in found:
                continue
            part = world.assets.load_asset(AssetKey(asset.workspace, AssetKind.COMPONENT, ANONYMOUS, digest))
            if part is not None:
                found[digest] = part.body
                waiting.append(part.body)
    return found


def trees_of(asset: AssetVersion, parts: Mapping[str, JsonObject]) -> tuple[Tree, ...]:
    """Return the trees of a version and of the components in it."""
    own = [] if asset.kind is AssetKind.COMPONENT else list(_trees_of_file(asset))
    if asset.kind is AssetKind.COMPONENT:
        own += _trees_in(asset.body, None)
    for digest, body in parts.items():
        own += _trees_in(body, digest)
    return tuple(own)


def sound_files_of(world: World, workspace: str, tree: Tree) -> TreeFiles:
    """Return what is in a tree; `StoreError` names a file that was changed since the version was made."""
    digest = upload_digest(world, workspace, tree.uri) or tree.content
    is_here = world.transfers is None or not world.transfers.is_remote(workspace, tree.uri.datastore)
    if digest is not None and world.originals is not None and is_here:
        difference = world.originals.changed(workspace, tree.uri, digest)
        if difference is not None:
            raise StoreError(
                f"{difference} since it was stored ({tree.uri})",
                code="asset-changed",
                hint="versions and uploads never change: put the file back, or register the data as a new version",
            )
    return files_of(world, workspace, tree)


def files_of(world: World, workspace: str, tree: Tree) -> TreeFiles:
    """Return what is in a tree; of an upload as it was sent, of any other place as it is now."""
    root = _root(world, workspace, tree)
    digest = upload_digest(world, workspace, tree.uri)
    manifest = None if digest is None else world.store.load_upload_manifest(workspace, digest)
    if manifest is None:
        if not root.exists():
            raise NotFound(f"nothing is at `{tree.uri}` any more")
        found = sorted(files_below(root), key=lambda file: file.path)
        manifest = Manifest(tuple(FileEntry(file.path, file.size, "") for file in found), root.is_file())
    return TreeFiles(tree, root, manifest)


def find_file(world: World, workspace: str, asset: AssetVersion, index: int, path: str) -> Path:
    """Return where a file of one of a version's trees is."""
    trees = trees_of(asset, parts_of(world, asset))
    if not 0 <= index < len(trees):
        raise NotFound(
            f"version {asset.version} of `{asset.name}` has {len(trees)} trees of files, none is number {index}"
        )
    held = files_of(world, workspace, trees[index])
    if held.root.is_file() and path in ("", held.root.name):
        return held.root
    place = below(held.root, path)
    if place is None or not place.is_file():
        close = nearest(path, [entry.path for entry in held.manifest.entries])
        raise NotFound(f"`{held.name}` has no file `{path}`", hint=f"did you mean `{close}`?" if close else None)
    return place


def _root(world: World, workspace: str, tree: Tree) -> Path:
    if world.transfers is not None and world.transfers.is_remote(workspace, tree.uri.datastore):
        return world.transfers.bring(workspace, tree.uri, digest=tree.content).path
    return world.datastores.local_path(workspace, tree.uri)


def _trees_of_file(asset: AssetVersion) -> Iterator[Tree]:
    """Yield the bytes of data or a model, or an environment's build context."""
    if asset.uri is not None:
        yield Tree("path", None, ("path",), asset.uri, asset.content)
    if asset.kind is AssetKind.ENVIRONMENT:
        yield from _build_tree(asset.body, None, ())


def _trees_in(body: Mapping[str, Any], component: str | None, path: YamlPath = ()) -> Iterator[Tree]:
    """Yield what a component names: its code, its environment's build context, and those of its steps."""
    code = body.get("code")
    uri = parse_datastore_uri(code) if isinstance(code, str) else None
    if uri is not None:
        yield Tree("code", component, (*path, "code"), uri)
    if isinstance(body.get("environment"), Mapping):
        yield from _build_tree(body["environment"], component, (*path, "environment"))
    inputs = body.get("inputs")
    for name, value in inputs.items() if isinstance(inputs, Mapping) else ():
        data = value.get("path") if isinstance(value, Mapping) else None
        uri = parse_datastore_uri(data) if isinstance(data, str) else None
        if uri is not None:
            yield Tree("path", component, (*path, "inputs", str(name), "path"), uri)
    for key in ("component", "trial"):
        if isinstance(body.get(key), Mapping):
            yield from _trees_in(body[key], component, (*path, key))
    jobs = body.get("jobs")
    for name, step in jobs.items() if isinstance(jobs, Mapping) else ():
        if isinstance(step, Mapping):
            yield from _trees_in(step, component, (*path, "jobs", str(name)))


def _build_tree(environment: Mapping[str, Any], component: str | None, path: YamlPath) -> Iterator[Tree]:
    build = environment.get("build")
    text = build.get("path") if isinstance(build, Mapping) else None
    uri = parse_datastore_uri(text) if isinstance(text, str) else None
    if uri is not None:
        yield Tree("build", component, (*path, "build", "path"), uri)
