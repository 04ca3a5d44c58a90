"""
Which of a job's records uses which version.

In:       a draft, the names of its records, and what its references mean.
Out:      `AssetUse` values, to be stored together with the job.
Not here: which job made a version (the engine, when a step completes), asking (`assets.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pipeyard.graph.model import BoundInput, Data
from pipeyard.model.asset_record import AssetUse
from pipeyard.model.assets import AssetRef, LocalPath
from pipeyard.model.job import PipelineJob
from pipeyard.service.draft import Draft
from pipeyard.service.pins import Pins
from pipeyard.service.records import Birth

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
        yield name, ENVIRONMENT, draft.environments.get(node.id)
        yield from _inputs(name, node.inputs)


def _inputs(job_name: str, inputs: Mapping[str, BoundInput]) -> Iterator[tuple[str, str, AssetRef | LocalPath | None]]:
    for name, value in inputs.items():
        if isinstance(value, Data) and isinstance(value.path, AssetRef):
            yield job_name, f"inputs.{name}", value.path
