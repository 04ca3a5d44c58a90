"""
What stands in the tree for steps that choose or repeat.

In:       such a step, and what it repeats.
Out:      a `Leaf` with the inputs and outputs that others see.
Not here: opening what is repeated (`graph/open.py`), the nodes (`graph/choose.py`, `graph/repeat.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from pipeyard.graph.flow import CONDITION
from pipeyard.graph.tree import Body, Leaf, Level
from pipeyard.model.assets import AssetRef, LocalPath
from pipeyard.model.component import (
    CommandComponent,
    ComponentHead,
    InputPort,
    OutputPort,
    PipelineComponent,
    RunSettings,
    Step,
    TemplateInput,
)
from pipeyard.model.diagnostic import Place
from pipeyard.model.expression import CommandText
from pipeyard.model.flow import IfElseSpec, ParallelForSpec
from pipeyard.model.types import PortType


def choice_of(level: Level, key: str, step: Step) -> Leaf:
    """Return what stands for a choice: nothing but the input that decides."""
    spec = step.control_spec
    assert isinstance(spec, IfElseSpec)
    port = InputPort(CONDITION, PortType.BOOLEAN, spec.condition.place)
    component = _interface(spec.condition.place, {CONDITION: port}, {})
    return Leaf(level.child_id(key), level, replace(step, inputs={CONDITION: spec.condition}), component, None)


def repeated_of(level: Level, key: str, step: Step, body: Body, reference: AssetRef | LocalPath | None) -> Leaf:
    """Return what stands for a step that is repeated: with its inputs, and the outputs that others see."""
    component = body.component
    outputs = component.outputs
    if isinstance(step.control_spec, ParallelForSpec):
        outputs = {name: replace(port, type=_collected(port.type), mode=None) for name, port in outputs.items()}
    if isinstance(component, PipelineComponent):
        component = _interface(component.head.place, component.inputs, outputs)
    else:
        component = replace(component, outputs=outputs)
    return Leaf(level.child_id(key), level, step, component, reference, body)


def _collected(type_: PortType) -> PortType:
    """Return what the outputs of all runs together are: a table of data, a text with the values."""
    return PortType.STRING if type_.is_literal else PortType.MLTABLE


def _interface(place: Place, inputs: Mapping[str, InputPort], outputs: Mapping[str, OutputPort]) -> CommandComponent:
    """Return a command that is never run and says what goes in and out."""
    return CommandComponent(ComponentHead(place), inputs, outputs, CommandText("", ()), place, RunSettings())


def items_of(leaf: Leaf, text: TemplateInput) -> Leaf:
    """Return what takes the items of a `parallel_for` that are a text from elsewhere."""
    step = replace(leaf.step, inputs={"items": text}, control_spec=None)
    port = InputPort("items", PortType.STRING, text.place)
    return Leaf(leaf.id, leaf.level, step, _interface(text.place, {"items": port}, {}), None)
