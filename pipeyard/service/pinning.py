"""
References without a version, replaced by the versions that they mean now.

In:       the tree of a job or component, and the anonymous components that it holds.
Out:      the same trees with every registered reference pinned, what they need, and problems.
Not here: whether the whole makes sense (`graph`), where bytes are (`resolve.py`).

Invariant: an anonymous component is named by its digest, so one that holds a pinned
reference gets another name, and so does whatever holds it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pipeyard.model.asset_record import AssetNeed, AssetVersion
from pipeyard.model.assets import ANONYMOUS, AssetKind, AssetRef
from pipeyard.model.diagnostic import Diagnostic, Place, Severity, YamlPath
from pipeyard.model.errors import NotFound
from pipeyard.model.record import JsonObject
from pipeyard.registry.missing import AZURE_REGISTRIES
from pipeyard.service.shelf import found_version
from pipeyard.service.world import World
from pipeyard.spec.registered import registered_references
from pipeyard.spec.render import replace_leaves, tree_digest


@dataclass
class Pinned:
    """Trees in which every reference names a version."""

    tree: JsonObject = field(default_factory=dict)
    # Anonymous components by their digests as they are now.
    components: dict[str, JsonObject] = field(default_factory=dict)
    # What registered versions the tree needs, those inside its anonymous components included.
    needs: list[AssetNeed] = field(default_factory=list)
    problems: list[Diagnostic] = field(default_factory=list)


def pin(world: World, workspace: str, tree: JsonObject, components: Mapping[str, JsonObject]) -> Pinned:
    """Return *tree* with its references pinned; an environment that is not registered stays as it is."""
    pinner = _Pinner(world, workspace, components)
    pinner.pinned.tree = pinner.pin(tree, "", ())
    return pinner.pinned


class _Pinner:
    def __init__(self, world: World, workspace: str, components: Mapping[str, JsonObject]) -> None:
        self._world = world
        self._workspace = workspace
        self._components = components
        self._renamed: dict[str, str] = {}
        self._found: dict[AssetRef, AssetVersion] = {}
        self.pinned = Pinned()

    def pin(self, tree: JsonObject, source: str, role: YamlPath) -> dict[str, Any]:
        """Return a tree pinned; *role* is the way to it from the top."""
        replaced: dict[YamlPath, Any] = {}
        for path, reference in registered_references(tree):
            text = self._pinned_text(reference, Place(source, path), (*role, *path))
            if text is not None:
                replaced[path] = text
        return dict(replace_leaves(tree, replaced))

    def _pinned_text(self, reference: AssetRef, place: Place, role: YamlPath) -> str | None:
        if reference.name == ANONYMOUS and reference.registry is None and reference.version is not None:
            return f"azureml:{ANONYMOUS}:{self._part(reference.version, role)}"
        if reference.kind is AssetKind.ENVIRONMENT and reference.registry in AZURE_REGISTRIES:
            # Azure's curated environments have stand-ins here, registered or not.
            return self._text_of(reference, role) if self._is_registered(reference) else None
        try:
            return self._text_of(reference, role)
        except NotFound as error:
            self._report(reference, error, place)
            return None

    def _part(self, digest: str, role: YamlPath) -> str:
        tree = self._components.get(digest)
        if tree is None:
            # It is there already, or its absence was reported by whoever decoded the tree.
            return digest
        pinned = self.pin(tree, digest, role)
        renamed = tree_digest(pinned)
        self._renamed[digest] = renamed
        self.pinned.components[renamed] = pinned
        return renamed

    def _text_of(self, reference: AssetRef, role: YamlPath) -> str:
        version = self._version_of(reference)
        if not version.is_anonymous:
            self.pinned.needs.append(AssetNeed(version.key, ".".join(str(item) for item in role)))
        return str(version.key.reference(self._workspace))

    def _version_of(self, reference: AssetRef) -> AssetVersion:
        found = self._found.get(reference)
        if found is None:
            found = self._found[reference] = found_version(self._world, self._workspace, reference)
        return found

    def _is_registered(self, reference: AssetRef) -> bool:
        try:
            self._version_of(reference)
        except NotFound:
            return False
        return True

    def _report(self, reference: AssetRef, error: NotFound, place: Place) -> None:
        if reference.kind is not AssetKind.ENVIRONMENT:
            self.pinned.problems.append(Diagnostic(error.code, error.message, place, hint=error.hint))
            return
        # Such steps run in the server's own Python, as the job then says.
        message = f"{error.message}: steps that name it run in the server's Python"
        self.pinned.problems.append(Diagnostic(error.code, message, place, Severity.WARNING, hint=error.hint))
