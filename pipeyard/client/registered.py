"""
Components that were registered, as a job's check needs them.

In:       references, and a way to a server.
Out:      components, each with a document that says where it is from.
Not here: what is wrong with how they are used (`graph`).

Each is asked for once. Without a server nothing is known, and nothing is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from pipeyard.client.workspace import Workspace
from pipeyard.model.assets import AssetKind, AssetRef
from pipeyard.model.component import Component
from pipeyard.model.diagnostic import Diagnostic, Span
from pipeyard.model.errors import NotFound
from pipeyard.model.value import dataclass
from pipeyard.spec.decode import decode_component
from pipeyard.spec.document import Document

# Code of the server for assets, versions, labels and registries that are not there.
NOT_REGISTERED = "asset-not-found"
# Azure's own registries: hardly anybody keeps a copy of them.
OF_AZURE = frozenset({"azureml", "azureml-preview"})


@dataclass(frozen=True, slots=True)
class FoundComponent:
    """A registered component; None when this version cannot read it."""

    document: Document
    component: Component | None
    # Errors only: nobody can do anything about the warnings of a version that never changes.
    problems: tuple[Diagnostic, ...]


class Components(Protocol):
    """Whoever knows registered components."""

    def component(self, reference: AssetRef, *, may_start: bool) -> FoundComponent | None:
        """Return a component, None when nobody can be asked; `NotFound` names what is near."""


class Registered:
    """The components of a workspace and its registries, as a server tells of them."""

    def __init__(self, find: Callable[[], Workspace | None], start: Callable[[], Workspace] | None = None) -> None:
        """Ask the server that *find* gives, or that *start* starts when none runs."""
        self._find = find
        self._start = start
        self._workspace: Workspace | None = None
        self._was_looked_for = False
        self._known: dict[AssetRef, FoundComponent] = {}

    def component(self, reference: AssetRef, *, may_start: bool) -> FoundComponent | None:
        """Return a component, None when nobody can be asked; `NotFound` names what is near."""
        workspace = self._server(may_start=may_start)
        if workspace is None:
            return None
        if reference not in self._known:
            try:
                self._known[reference] = _fetched(workspace, reference)
            except NotFound as error:
                # The server says what to do about those when they are submitted.
                if error.code == NOT_REGISTERED and reference.registry in OF_AZURE:
                    return None
                raise
        return self._known[reference]

    def _server(self, *, may_start: bool) -> Workspace | None:
        if self._workspace is None and not self._was_looked_for:
            self._was_looked_for = True
            self._workspace = self._find()
        if self._workspace is None and may_start and self._start is not None:
            self._workspace = self._start()
        return self._workspace


def _fetched(workspace: Workspace, reference: AssetRef) -> FoundComponent:
    home = workspace if reference.registry is None else workspace.registry(reference.registry)
    tree = home.assets(AssetKind.COMPONENT).version(reference.name, version=reference.version, label=reference.label)
    return found_component(reference, tree)


def found_component(reference: AssetRef, tree: Mapping[str, Any]) -> FoundComponent:
    """Return a registered component from its spec."""
    shown = str(reference)
    # It has no lines that a person could look at: its problems stand under its name.
    document = Document(tree, source=shown, file=shown, fixed=Span(shown, 0, 0, 0, 0))
    component, problems = decode_component(document)
    return FoundComponent(document, component, tuple(problem for problem in problems if problem.is_error))
