"""
Which of a job's records uses which version, and which output of another job.

In:       a draft, the names of its records, and what its references and paths mean.
Out:      `AssetUse` and `OutputUse` values, to be stored together with the job.
Not here: which job made a version (the engine, when a step completes), asking (`assets.py`, `lineage_graph.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pipeyard.graph.control import Repeated
from pipeyard.graph.model import BoundInput, Data, Graph, Node, NodeId
from pipeyard.model.asset_record import AssetUse, OutputUse
from pipeyard.model.assets import AssetRef, DataUri, LocalPath
from pipeyard.model.job import PipelineJob
from pipeyard.service.draft import Draft
from pipeyard.service.pins import Pins
from pipeyard.service.records import Birth
from pipeyard.service.resolve import Resolution

COMPONENT = "component"
ENVIRONMENT = "environment"


def uses_of(draft: Draft, birth: Birth, pins: Pins) -> tuple[AssetUse, ...]:
    """Return what every record of a job uses, each role of a record once."""
    found: dict[tuple[str, str], AssetUse] = {}
    for job_name, role, reference in _named(draft, birth):
        asset = pins.found(reference) if isinstance(reference, AssetRef) else None
        # An anonymous component is part of what it is in, or of the submission.
        if asset is not None and not asset.is_anonymous:
            use = AssetUse(birth.workspace, job_name, birth.name, asset.key, role)
            found.setdefault((job_name, role), use)
    return tuple(found.values())


def output_uses_of(draft: Draft, birth: Birth, resolution: Resolution) -> tuple[OutputUse, ...]:
    """Return which outputs of other jobs the records of a job read by their places, each role of a record once."""
    found: dict[tuple[str, str], OutputUse] = {}
    for job_name, role, path in _paths(draft, birth):
        known = resolution.found.get(path.text)
        maker = None if known is None else known.maker
        if maker is not None:
            use = OutputUse(birth.workspace, job_name, birth.name, role, maker.job, maker.root, maker.output)
            found.setdefault((job_name, role), use)
    return tuple(found.values())


def _paths(draft: Draft, birth: Birth) -> Iterator[tuple[str, str, DataUri]]:
    for node in draft.graph.nodes.values():
        yield from _data_paths(birth.names[node.id], "", node)


def _data_paths(job_name: str, around: str, node: Node) -> Iterator[tuple[str, str, DataUri]]:
    """Yield what a node reads by a path, and what the steps read that it repeats."""
    for name, value in node.inputs.items():
        if isinstance(value, Data) and isinstance(value.path, DataUri):
            yield job_name, f"{around}inputs.{name}", value.path
    if isinstance(node.control, Repeated):
        for inner in node.control.body.nodes.values():
            here = f"{around}body.{inner.id}." if inner.id else f"{around}body."
            yield from _data_paths(job_name, here, inner)


def _named(draft: Draft, birth: Birth) -> Iterator[tuple[str, str, AssetRef | LocalPath | None]]:
    graph, spec = draft.graph, draft.spec
    if isinstance(spec, PipelineJob):
        yield birth.name, COMPONENT, spec.component if isinstance(spec.component, AssetRef) else None
        yield from _inputs(birth.name, graph.inputs)
    for group in graph.groups.values():
        yield birth.names[group.id], COMPONENT, group.component_ref
    for node in graph.nodes.values():
        name = birth.names[node.id]
        yield name, COMPONENT, node.component_ref
        yield from _inputs(name, node.inputs)
        if isinstance(node.control, Repeated):
            yield from _in_body(name, node.control.body, "body")
    for way, environment in draft.environments.items():
        yield birth.names[way[0]], _role(way[1:], ENVIRONMENT), environment


def _in_body(job_name: str, body: Graph, around: str) -> Iterator[tuple[str, str, AssetRef | LocalPath | None]]:
    """Yield what a step repeats: its runs use what was found when the job was submitted."""
    for node in body.nodes.values():
        here = f"{around}.{node.id}" if node.id else around
        # One command is the step's own component.
        yield job_name, f"{here}.{COMPONENT}", node.component_ref if node.id else None
        for name, role, path in _inputs(job_name, node.inputs):
            yield name, f"{here}.{role}", path
        if isinstance(node.control, Repeated):
            yield from _in_body(job_name, node.control.body, f"{here}.body")


def _role(way: tuple[NodeId, ...], what: str) -> str:
    """Return what an asset is to a node whose body, or a body in that, uses it."""
    inside = [f"body.{id_}" if id_ else "body" for id_ in way]
    return what if way in ((), ("",)) else ".".join([*inside, what])


def _inputs(job_name: str, inputs: Mapping[str, BoundInput]) -> Iterator[tuple[str, str, AssetRef | LocalPath | None]]:
    for name, value in inputs.items():
        if isinstance(value, Data) and isinstance(value.path, AssetRef):
            yield job_name, f"inputs.{name}", value.path
