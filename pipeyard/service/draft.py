"""
A submitted document, decoded, expanded and checked once more on this side.

In:       the document and its anonymous components, as plain trees; the registered assets it may name.
Out:      a `Draft` (spec and graph) and every problem found on the way.
Not here: data, computes, datastores (`resolve.py`, `placing.py`), what a reference means (`pins.py`).

The same code builds the graph of a stored job again after a restart, so the two
can never differ.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field

from pipeyard.graph.check import check
from pipeyard.graph.expand import expand
from pipeyard.graph.model import Graph, NeedAssets, NodeId
from pipeyard.model.assets import AssetRef
from pipeyard.model.diagnostic import Diagnostic
from pipeyard.model.errors import SpecError
from pipeyard.model.job import JobSpec
from pipeyard.model.record import JsonObject
from pipeyard.model.value import dataclass
from pipeyard.service.environments import Environments
from pipeyard.service.pins import Pins, stored_trees
from pipeyard.service.shelf import Shelf
from pipeyard.spec.decode import decode_job
from pipeyard.spec.document import document_of


@dataclass(frozen=True, slots=True)
class Draft:
    """A job that makes sense by itself."""

    spec: JobSpec
    # Every registered environment in it is written out.
    graph: Graph
    # What those were, by the way to the node: through the nodes in whose bodies it is.
    environments: Mapping[tuple[NodeId, ...], AssetRef] = field(default_factory=dict)


def draft_of(
    document: JsonObject, components: Mapping[str, JsonObject], pins: Pins | None
) -> tuple[Draft | None, tuple[Diagnostic, ...]]:
    """
    Return the draft, or None when there are errors among the problems.

    Registered assets are what *pins* finds; without it, what was stored among *components*.
    """
    spec, found = decode_job(document_of(document, source=""))
    problems = list(found)
    if spec is None:
        return None, tuple(problems)
    find = pins.tree if pins is not None else stored_trees(components)
    shelf = Shelf(components, find)
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
    draft, found = draft_with(spec, graph, find, is_stored=pins is None)
    problems += found
    return None if any(problem.is_error for problem in problems) else draft, tuple(problems)


def draft_with(
    spec: JobSpec, graph: Graph, find: Callable[[AssetRef], JsonObject], *, is_stored: bool = False
) -> tuple[Draft, tuple[Diagnostic, ...]]:
    """Return a checked graph with its registered environments written out."""
    environments = Environments(find, is_stored=is_stored)
    written = environments.put_into(graph)
    return Draft(spec, written, environments.named), tuple(environments.problems)


def graph_again(document: JsonObject, components: Mapping[str, JsonObject]) -> Graph:
    """Return the graph of a job that was accepted earlier; `SpecError` if this version no longer accepts it."""
    draft, problems = draft_of(document, components, None)
    if draft is None:
        raise SpecError(problems, "a job that was accepted earlier is not understood by this version")
    return draft.graph
