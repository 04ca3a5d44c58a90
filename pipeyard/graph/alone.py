"""
Whether a component makes sense by itself, before any job uses it.

In:       a decoded component, and the components fetched so far.
Out:      what is still needed; diagnostics about the component and what it holds.
Not here: its name and version (`spec/decode_asset.py`), files, what only a server knows.

A component is checked as the only step of a job that gives it a fitting value for each
input, so that the same rules hold here and where it is used.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from pipeyard.graph.check import check
from pipeyard.graph.expand import expand
from pipeyard.graph.model import NeedAssets
from pipeyard.graph.tree import Components
from pipeyard.model.assets import DataUri
from pipeyard.model.component import (
    Component,
    DataInput,
    InputPort,
    InputValue,
    LiteralInput,
    OtherComponent,
    Scalar,
    Step,
)
from pipeyard.model.diagnostic import Diagnostic, Place
from pipeyard.model.job import JobHead, PipelineJob, PipelineSettings
from pipeyard.model.types import PortType

# The document of the job around the component, which nobody wrote.
_AROUND = Place("(a job around it)")
_KEY = "component"
# A component may be kept before anything here can run it.
_ONLY_FOR_RUNNING = frozenset({"kind-not-yet", "distribution-not-yet"})


def check_alone(
    component: Component, components: Components, reported: Iterable[Diagnostic] = ()
) -> tuple[NeedAssets | None, tuple[Diagnostic, ...]]:
    """
    Return what is needed to look further (None: nothing), and what is wrong as far as can be seen.

    *reported* as for `expand`.
    """
    if isinstance(component, OtherComponent):
        return None, ()
    reported = tuple(reported)
    answer, problems = expand(_job_around(component), components, reported)
    needed = answer if isinstance(answer, NeedAssets) else None
    if answer is not None and not isinstance(answer, NeedAssets):
        problems += check(answer, reported)
    return needed, tuple(_of_component(problems, component))


def _job_around(component: Component) -> PipelineJob:
    inputs = {name: _value_for(port) for name, port in component.inputs.items() if port.is_required}
    step = Step(_KEY, _AROUND.child("jobs", _KEY), None, component, inputs=inputs)
    return PipelineJob(JobHead(_AROUND), PipelineSettings(), {}, {}, {_KEY: step})


def _value_for(port: InputPort) -> InputValue:
    place = _AROUND.child("jobs", _KEY, "inputs", port.name)
    if port.type.is_data:
        return DataInput(DataUri("azureml://datastores/workspaceblobstore/paths/any"), place, type=port.type)
    return LiteralInput(_scalar_for(port), place)


def _scalar_for(port: InputPort) -> Scalar:
    if port.type is PortType.BOOLEAN:
        return True
    if port.type is PortType.STRING:
        return port.enum[0] if port.enum else "any"
    limit = port.minimum if port.minimum is not None else port.maximum
    value = 0 if limit is None else limit
    return int(value) if port.type is PortType.INTEGER else value


def _of_component(problems: Iterable[Diagnostic], component: Component) -> Iterable[Diagnostic]:
    for problem in problems:
        if problem.code in _ONLY_FOR_RUNNING:
            continue
        if problem.place.source != _AROUND.source:
            yield problem
        elif problem.code == "missing-environment":
            yield replace(
                problem,
                message="this component has no environment to run in",
                place=component.head.place,
                expected="`environment:` in the component",
            )
