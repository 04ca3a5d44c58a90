"""
What each command and pipeline gets: its inputs, traced and as they are declared.

In:       the tree and a tracer.
Out:      bound inputs; for a command written in its step, the ports that its values imply.
Not here: following a binding (`graph/trace.py`), settings (`graph/merge.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from pipeyard.graph.model import BoundInput, Data, Given, Literal, NodeOutput
from pipeyard.graph.outputs import Outputs
from pipeyard.graph.problems import Problems
from pipeyard.graph.sweep import always_swept, given
from pipeyard.graph.trace import Tracer
from pipeyard.graph.tree import GivenValue, Leaf, Level, Member, step_of
from pipeyard.graph.value import Absent, Broken, Found, LeafOutput, Traced
from pipeyard.model.component import CommandComponent, DataInput, InputPort, Scalar, TemplateInput
from pipeyard.model.diagnostic import Place
from pipeyard.model.types import InputMode, PortType


class Binder:
    """Binds the members of one tree."""

    def __init__(self, tracer: Tracer, outputs: Outputs, problems: Problems) -> None:
        """Bind with what the tracer finds."""
        self._tracer = tracer
        self._outputs = outputs
        self._problems = problems

    def bind_leaf(self, leaf: Leaf) -> tuple[CommandComponent, dict[str, BoundInput]]:
        """Return a command and its inputs; one without a value, rightly or not, is left out."""
        if leaf.is_inline:
            return self._bind_inline(leaf)
        self._warn_undeclared(leaf)
        inputs: dict[str, BoundInput] = {}
        swept = always_swept(leaf.step)
        for name, port in leaf.component.inputs.items():
            bound = given(name, port) if name in swept else self._bound(self._tracer.trace(leaf, name), port)
            if bound is not None:
                inputs[name] = bound
        return leaf.component, inputs

    def bind_level(self, level: Level) -> dict[str, BoundInput]:
        """Return the inputs of a pipeline."""
        if level.component is None:
            found = {name: self._tracer.trace(level, name) for name in level.given}
            bound = {name: self._bound(traced, None) for name, traced in found.items()}
            return {name: value for name, value in bound.items() if value is not None}
        self._warn_undeclared(level)
        inputs: dict[str, BoundInput] = {}
        for name, port in level.component.inputs.items():
            traced = self._tracer.trace(level, name)
            self._check_unused(level, name, traced)
            value = self._bound(traced, port)
            if value is not None:
                inputs[name] = value
        return inputs

    def outputs_of(self, level: Level) -> dict[str, NodeOutput]:
        """Return the outputs of a pipeline that some command writes."""
        found: dict[str, NodeOutput] = {}
        for name in level.output_names:
            written = self._writer(level, name)
            if written is not None:
                type_ = self._outputs.type_of(written)
                found[name] = NodeOutput(written.leaf.id, written.output, type_, InputMode.RO_MOUNT)
        return found

    def _writer(self, level: Level, name: str) -> LeafOutput | None:
        inner = level.promoted.get(name)
        if inner is None:
            return None
        key, output = inner
        return self._outputs.find(level, key, output, None)

    def _bind_inline(self, leaf: Leaf) -> tuple[CommandComponent, dict[str, BoundInput]]:
        """Take the ports from the values: a step that holds its command declares nothing."""
        ports: dict[str, InputPort] = {}
        inputs: dict[str, BoundInput] = {}
        swept = always_swept(leaf.step)
        for name, derived in _spread_groups(leaf).items():
            if name in swept:
                ports[name], inputs[name] = derived, given(name, derived)
                continue
            traced = self._tracer.trace(leaf, name)
            port = _implied(derived, traced)
            ports[name] = port
            bound = self._bound(traced, port)
            if bound is not None:
                inputs[name] = bound
        return replace(leaf.component, inputs=ports), inputs

    def _bound(self, traced: Traced, port: InputPort | None) -> BoundInput | None:
        if not isinstance(traced, Found):
            return None
        mode = traced.mode or (port.mode if port is not None else None) or InputMode.RO_MOUNT
        type_ = traced.type or PortType.URI_FOLDER
        value = traced.value
        if isinstance(value, LeafOutput):
            return NodeOutput(value.leaf.id, value.output, type_, mode)
        if isinstance(value, GivenValue):
            return Given(value.name, type_, mode)
        if isinstance(value, DataInput):
            return Data(value.path, type_, mode, value.place, value.datastore)
        return Literal(value)

    def _warn_undeclared(self, member: Member) -> None:
        # One pass for all: most members give exactly what is declared.
        extra = [name for name in member.given if name not in member.ports]
        for name in extra:
            if any(declared.startswith(name + ".") for declared in member.ports):
                continue
            place = member.place if isinstance(member, Level) else member.component.head.place
            if self._problems.explains(place, "inputs", name):
                continue
            value = member.given[name]
            who = f"the component of step `{step_of(member).key}`" if member.step is not None else "the component"
            self._problems.warning(
                "undeclared-input",
                f"{who} declares no input `{name}`; it is ignored",
                Place(value.place.source, value.place.path, on_key=True),
                hint=self._problems.meant(name, member.ports, what="inputs of the component"),
            )

    def _check_unused(self, level: Level, name: str, traced: Traced) -> None:
        """Report a required input that nobody gives and nothing inside misses."""
        if isinstance(traced, Absent) and traced.missing == (level, name) and (level, name) not in self._tracer.used:
            self._tracer.report_missing(traced)


def _spread_groups(leaf: Leaf) -> Mapping[str, InputPort]:
    """Return the ports of an inline command; one that is bound to a group becomes the group's items."""
    ports: dict[str, InputPort] = {}
    for name, port in leaf.component.inputs.items():
        items = _group_items(leaf, name)
        ports.update({f"{name}.{item}": replace(port, name=f"{name}.{item}") for item in items} or {name: port})
    return ports


def _group_items(leaf: Leaf, name: str) -> list[str]:
    value = leaf.given.get(name)
    if not isinstance(value, TemplateInput) or value.template.single is None or leaf.level is None:
        return []
    names = [part for part in value.template.single.names if part != "parent"]
    if names[:1] != ["inputs"] or ".".join(names[1:]) in leaf.level.input_names:
        return []
    prefix = ".".join(names[1:]) + "."
    return [known[len(prefix) :] for known in leaf.level.input_names if known.startswith(prefix)]


def _implied(derived: InputPort, traced: Traced) -> InputPort:
    if isinstance(traced, Broken):
        return derived
    if isinstance(traced, Absent):
        return replace(derived, optional=True)
    is_optional = derived.optional or traced.optional_at is not None
    if isinstance(traced.value, (DataInput, LeafOutput, GivenValue)):
        return replace(derived, type=traced.type or PortType.URI_FOLDER, optional=is_optional)
    return replace(derived, type=_type_of(traced.value), optional=is_optional)


def _type_of(value: Scalar) -> PortType:
    if isinstance(value, bool):
        return PortType.BOOLEAN
    if isinstance(value, int):
        return PortType.INTEGER
    return PortType.NUMBER if isinstance(value, float) else PortType.STRING
