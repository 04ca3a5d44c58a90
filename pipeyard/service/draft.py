"""
A submitted document, decoded, expanded and checked once more on this side.

In:       the document and its anonymous components, as plain trees.
Out:      a `Draft` (spec and graph) and every problem found on the way.
Not here: anything that has to be looked up: data, computes, datastores (`resolve.py`, `placing.py`).

The same code builds the graph of a stored job again after a restart, so the two
can never differ.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pipeyard.graph.check import check
from pipeyard.graph.expand import expand
from pipeyard.graph.model import Graph, NeedAssets
from pipeyard.model.assets import ANONYMOUS, AssetKind, AssetRef, LocalPath
from pipeyard.model.component import Component
from pipeyard.model.diagnostic import Diagnostic, Place
from pipeyard.model.errors import SpecError
from pipeyard.model.job import JobSpec
from pipeyard.model.record import JsonObject
from pipeyard.service.unknown import not_registered
from pipeyard.spec.decode import decode_component, decode_job
from pipeyard.spec.document import document_of
from pipeyard.spec.render import tree_digest


@dataclass(frozen=True, slots=True)
class Draft:
    """A job that makes sense by itself."""

    spec: JobSpec
    graph: Graph


def draft_of(document: JsonObject, components: Mapping[str, JsonObject]) -> tuple[Draft | None, tuple[Diagnostic, ...]]:
    """Return the draft, or None when there are errors among the problems."""
    spec, found = decode_job(document_of(document, source=""))
    problems = list(found)
    if spec is None:
        return None, tuple(problems)
    shelf = _Shelf(components)
    while True:
        graph, found = expand(spec, shelf.taken, problems)
        if not isinstance(graph, NeedAssets):
            break
        lacking = shelf.take(graph.wanted, graph.places)
        problems += shelf.drain()
        if lacking:
            return None, tuple(problems)
    problems += found
    if graph is None:
        return None, tuple(problems)
    problems += check(graph, problems)
    if any(problem.is_error for problem in problems):
        return None, tuple(problems)
    return Draft(spec, graph), tuple(problems)


class _Shelf:
    """The components of a submission; each is decoded once, when first asked for."""

    def __init__(self, trees: Mapping[str, JsonObject]) -> None:
        self._trees = trees
        self._problems: list[Diagnostic] = []
        self.taken: dict[AssetRef | LocalPath, Component] = {}

    def take(self, wanted: frozenset[AssetRef | LocalPath], places: Mapping[AssetRef | LocalPath, Place]) -> bool:
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

    def _find(self, reference: AssetRef | LocalPath, place: Place) -> Component | None:
        if isinstance(reference, LocalPath):
            self._problems.append(
                Diagnostic(
                    "local-path",
                    f"the server cannot read `{reference.text}`",
                    place,
                    hint="submit with `pipeyard job create`, which sends what a file refers to",
                )
            )
            return None
        if reference.name != ANONYMOUS or reference.version is None:
            self._problems.append(not_registered(reference, AssetKind.COMPONENT, place))
            return None
        tree = self._trees.get(reference.version)
        if tree is None or tree_digest(dict(tree)) != reference.version:
            self._problems.append(
                Diagnostic("missing-component", f"the submission lacks component `{reference.version}`", place)
            )
            return None
        component, found = decode_component(document_of(tree, source=reference.version))
        self._problems += found
        return component


def graph_again(document: JsonObject, components: Mapping[str, JsonObject]) -> Graph:
    """Return the graph of a job that was accepted earlier; `SpecError` if this version no longer accepts it."""
    draft, problems = draft_of(document, components)
    if draft is None:
        raise SpecError(problems, "a job that was accepted earlier is not understood by this version")
    return draft.graph
