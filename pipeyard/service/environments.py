"""
Registered environments of a graph, written out where they are used.

In:       a graph whose nodes name environments.
Out:      the same graph with their definitions, what each node named, and problems.
Not here: making an environment (`environment/`).

One that only Azure has stays a reference: a table says what stands for it here. Azure's own
examples name such environments in every second file.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from pipeyard.graph.control import Repeated
from pipeyard.graph.model import Graph, Node, NodeId
from pipeyard.model.assets import AssetRef
from pipeyard.model.component import InlineEnvironment
from pipeyard.model.diagnostic import Diagnostic, Place
from pipeyard.model.record import JsonObject
from pipeyard.registry.missing import AZURE_REGISTRIES, AssetMissing
from pipeyard.spec.decode import decode_environment_asset
from pipeyard.spec.document import document_of

# How the environments begin that every workspace of Azure's has.
_CURATED = ("azureml-", "acpt-")


class Environments:
    """The environments of one job."""

    def __init__(self, find: Callable[[AssetRef], JsonObject], *, is_stored: bool = False) -> None:
        """Take what returns the spec of a registered asset, or raises `AssetMissing`; of a stored job all was found."""
        self._find = find
        self._is_stored = is_stored
        self._known: dict[AssetRef, InlineEnvironment | None] = {}
        self.problems: list[Diagnostic] = []
        # What each node named, by the way to it: a node of a body comes after the node that has the body.
        self.named: dict[tuple[NodeId, ...], AssetRef] = {}

    def put_into(self, graph: Graph) -> Graph:
        """Return the graph with every registered environment written out."""
        changed = self._inside(graph, ())
        return changed if self.named else graph

    def _inside(self, graph: Graph, around: tuple[NodeId, ...]) -> Graph:
        nodes = {}
        for id_, node in graph.nodes.items():
            changed = self._with_definition(node, (*around, id_))
            if isinstance(changed.control, Repeated):
                body = self._inside(changed.control.body, (*around, id_))
                changed = replace(changed, control=replace(changed.control, body=body))
            nodes[id_] = changed
        return replace(graph, nodes=nodes)

    def _with_definition(self, node: Node, way: tuple[NodeId, ...]) -> Node:
        reference = node.environment
        if not isinstance(reference, AssetRef):
            return node
        self.named[way] = reference
        if reference not in self._known:
            self._known[reference] = self._definition(reference, _place_of(node))
        # One value for all its nodes: it is prepared once.
        definition = self._known[reference]
        return node if definition is None else replace(node, environment=definition)

    def _definition(self, reference: AssetRef, place: Place) -> InlineEnvironment | None:
        try:
            tree = self._find(reference)
        except AssetMissing as problem:
            if not self._is_stored and not _is_azures(reference):
                self.problems.append(Diagnostic(problem.code, problem.message, place, hint=problem.hint))
            return None
        found, problems = decode_environment_asset(document_of(tree, source=str(reference)))
        self.problems += [problem for problem in problems if problem.is_error]
        return None if found is None else found.environment


def _is_azures(reference: AssetRef) -> bool:
    if reference.registry is not None:
        return reference.registry in AZURE_REGISTRIES
    return reference.name.lower().startswith(_CURATED)


def _place_of(node: Node) -> Place:
    """Return where a node's environment is written: in its step, or in its component."""
    for settings in (node.step.settings, node.component.settings):
        if settings.environment == node.environment and settings.environment_place is not None:
            return settings.environment_place
    return node.step.place
