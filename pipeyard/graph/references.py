"""
Which components a job or a component names, and which other assets a graph does.

In:       a decoded job or component, or a graph.
Out:      the references and paths, each with the place where it was first written.
Not here: fetching them (the caller), what they name in turn (`graph/tree.py` asks in rounds).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pipeyard.graph.control import every_node
from pipeyard.graph.model import Data, Graph
from pipeyard.model.assets import AssetRef, LocalPath
from pipeyard.model.component import Component, PipelineComponent, Step
from pipeyard.model.diagnostic import Place
from pipeyard.model.job import CommandJob, JobSpec, PipelineJob

Named = AssetRef | LocalPath


def references_of(spec: JobSpec | Component) -> Mapping[Named, Place]:
    """Return the components that *spec* names and does not hold itself; inline pipelines are looked into."""
    found: dict[Named, Place] = {}
    waiting: list[tuple[Component | Named | None, Place]] = list(_components_in(spec))
    for component, place in waiting:
        if isinstance(component, (AssetRef, LocalPath)):
            found.setdefault(component, place)
        elif isinstance(component, PipelineComponent):
            waiting.extend(_components_of(component.jobs.values()))
    return found


def assets_of(graph: Graph) -> Mapping[AssetRef, Place]:
    """Return the registered data, models, environments and code that a graph names."""
    found: dict[AssetRef, Place] = {}
    for node in every_node(graph):
        for bound in node.inputs.values():
            if isinstance(bound, Data) and isinstance(bound.path, AssetRef):
                found.setdefault(bound.path, bound.place)
        if isinstance(node.environment, AssetRef):
            place = node.step.settings.environment_place or node.component.settings.environment_place
            found.setdefault(node.environment, place or node.step.place)
        if isinstance(node.component.code, AssetRef):
            found.setdefault(node.component.code, node.component.head.place.child("code"))
    return found


def place_of_component(step: Step) -> Place:
    """Return where a step's component was written."""
    return step.component_place or step.place.child("component")


def _components_in(spec: JobSpec | Component) -> Iterable[tuple[Component | Named | None, Place]]:
    if isinstance(spec, CommandJob):
        return _components_of([spec.step])
    if isinstance(spec, PipelineJob):
        place = spec.component_place or spec.head.place.child("component")
        return [(spec.component, place), *_components_of(spec.jobs.values())]
    return [(spec, spec.head.place)]


def _components_of(steps: Iterable[Step]) -> list[tuple[Component | Named | None, Place]]:
    return [(step.component, place_of_component(step)) for step in steps]
