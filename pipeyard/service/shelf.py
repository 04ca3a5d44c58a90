"""
The components that a job or a component names: sent along, or registered.

In:       the anonymous components of a request, and a way to registered ones.
Out:      decoded components by reference, and what is wrong with them.
Not here: the rounds in which they are asked for (`graph/expand.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from pipeyard.model.asset_record import AssetVersion
from pipeyard.model.assets import ANONYMOUS, AssetKind, AssetRef, LocalPath
from pipeyard.model.component import Component
from pipeyard.model.diagnostic import Diagnostic, Place
from pipeyard.model.errors import NotFound
from pipeyard.model.record import JsonObject
from pipeyard.registry.qualify import document_in
from pipeyard.registry.resolve import resolve
from pipeyard.service.world import World
from pipeyard.spec.decode import decode_component
from pipeyard.spec.document import document_of
from pipeyard.spec.render import tree_digest

Named = AssetRef | LocalPath


class Shelf:
    """Decodes each component once, when first asked for."""

    def __init__(self, trees: Mapping[str, JsonObject], find: Callable[[AssetRef], JsonObject]) -> None:
        """Take the trees of a request, and what returns a registered one's spec or raises `NotFound`."""
        self._trees = trees
        self._find_registered = find
        self._problems: list[Diagnostic] = []
        self.taken: dict[Named, Component] = {}

    def take(self, wanted: frozenset[Named], places: Mapping[Named, Place]) -> bool:
        """Decode what is wanted; return whether something cannot be had."""
        lacking = False
        for reference in sorted(wanted, key=str):
            component = self._find(reference, places.get(reference, Place()))
            if component is None:
                lacking = True
            else:
                self.taken[reference] = component
        return lacking

    def drain(self) -> list[Diagnostic]:
        """Return the problems found since the last call."""
        found, self._problems = self._problems, []
        return found

    def _find(self, reference: Named, place: Place) -> Component | None:
        if isinstance(reference, LocalPath):
            self._problems.append(local_path(reference.text, place))
            return None
        if reference.name == ANONYMOUS and reference.registry is None and reference.version is not None:
            return self._sent_along(reference.version, place)
        try:
            tree = self._find_registered(reference)
        except NotFound as error:
            self._problems.append(Diagnostic(error.code, error.message, place, hint=error.hint))
            return None
        component, found = decode_component(document_of(tree, source=str(reference)))
        # Nobody can do anything about the warnings of a version that never changes.
        self._problems += [problem for problem in found if problem.is_error]
        return component

    def _sent_along(self, digest: str, place: Place) -> Component | None:
        tree = self._trees.get(digest)
        if tree is not None and tree_digest(dict(tree)) != digest:
            tree = None
        if tree is None:
            # Part of a registered pipeline component of this workspace, unless it was forgotten.
            tree = self._registered_part(digest)
        if tree is None:
            self._problems.append(Diagnostic("missing-component", f"the submission lacks component `{digest}`", place))
            return None
        component, found = decode_component(document_of(tree, source=digest))
        self._problems += found
        return component

    def _registered_part(self, digest: str) -> JsonObject | None:
        reference = AssetRef(kind=AssetKind.COMPONENT, name=ANONYMOUS, version=digest)
        try:
            return self._find_registered(reference)
        except NotFound:
            return None


def finder(world: World, workspace: str) -> Callable[[AssetRef], JsonObject]:
    """Return what finds the spec of a registered component, as *workspace* reads it."""

    def find(reference: AssetRef) -> JsonObject:
        return document_in(workspace, found_version(world, workspace, reference))

    return find


def found_version(world: World, workspace: str, reference: AssetRef) -> AssetVersion:
    """Return the version that a reference in *workspace* means, or raise `AssetMissing`."""
    return resolve(world.assets, workspace, reference)


def local_path(text: str, place: Place) -> Diagnostic:
    """Return the problem that a path of the submitter's machine reached the server."""
    return Diagnostic(
        "local-path",
        f"the server cannot read `{text}`",
        place,
        hint="submit with `pipeyard`, which sends what a file refers to",
    )
