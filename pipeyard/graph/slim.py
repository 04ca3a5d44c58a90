"""
A graph as it is kept while its job runs: without what only its checks needed.

In:       a graph that was found sound.
Out:      an equal one but for places and for what its steps said before everything was merged.
Not here: checking (`graph/check.py`); bodies of control nodes, whose steps become records later (`service/children.py`).

Of ten thousand steps most of a graph is where each value was written; without that, most values of
different steps are equal, and are kept once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypeVar

from pipeyard.graph.model import BoundInput, Data, Graph, Node, NodeOutput
from pipeyard.model.component import CommandComponent, ComponentHead, InlineEnvironment, InputPort, RunSettings, Step
from pipeyard.model.diagnostic import Place

_Value = TypeVar("_Value")

_NOWHERE = Place()
_NO_STEP = Step("", _NOWHERE, None, None)
_NO_HEAD = ComponentHead(_NOWHERE)
_NO_SETTINGS = RunSettings()


def slim(graph: Graph) -> Graph:
    """
    Return a graph that runs as *graph* does.

    Of a node's component there are command, code and input ports; of its step, and of a group's, there is nothing.
    """
    keeper = _Keeper()
    return replace(
        graph,
        nodes={id_: keeper.node(node) for id_, node in graph.nodes.items()},
        groups={id_: replace(group, step=_NO_STEP) for id_, group in graph.groups.items()},
    )


class _Keeper:
    """Keeps one of each value."""

    def __init__(self) -> None:
        self._kept: dict[Any, Any] = {}
        # By the identity of one that is kept alive here, because thousands of steps may run it.
        self._components: dict[int, tuple[CommandComponent, CommandComponent]] = {}

    def node(self, node: Node) -> Node:
        if node.control is not None:
            return node
        return replace(
            node,
            step=_NO_STEP,
            component=self._component(node.component),
            inputs=self._inputs(node.inputs),
            outputs=self._once(("outputs", *node.outputs.items()), node.outputs),
            compute=self._once(("text", node.compute), node.compute),
            compute_place=None,
            environment=self._environment(node),
        )

    def _once(self, key: Any, value: _Value) -> _Value:
        kept: _Value = self._kept.setdefault(key, value)
        return kept

    def _component(self, component: CommandComponent) -> CommandComponent:
        known = self._components.get(id(component))
        if known is None:
            known = self._components[id(component)] = (component, self._slimmed(component))
        return known[1]

    def _slimmed(self, component: CommandComponent) -> CommandComponent:
        ports = self._ports(component.inputs)
        command = self._once(component.command, component.command)
        made = CommandComponent(
            _NO_HEAD, ports, {}, command, _NOWHERE, _NO_SETTINGS, component.code, driver=component.driver
        )
        # By identity, for all of these are kept: of two ports, one may have the default `1` and one `True`.
        return self._once(("component", id(ports), id(command), component.code, id(component.driver)), made)

    def _ports(self, ports: Mapping[str, InputPort]) -> Mapping[str, InputPort]:
        if not all(port.is_derived for port in ports.values()):
            return ports
        # Of an inline step, each with its own: nothing but the type tells them apart.
        key = ("ports", *((name, port.type, port.optional, port.mode) for name, port in ports.items()))
        kept: Mapping[str, InputPort] | None = self._kept.get(key)
        if kept is None:
            kept = self._kept[key] = {name: replace(port, place=_NOWHERE) for name, port in ports.items()}
        return kept

    def _inputs(self, inputs: Mapping[str, BoundInput]) -> Mapping[str, BoundInput]:
        found = {name: self._input(bound) for name, bound in inputs.items()}
        if all(isinstance(bound, Data) for bound in found.values()):
            return self._once(("inputs", *found.items()), found)
        return found

    def _input(self, bound: BoundInput) -> BoundInput:
        if isinstance(bound, Data):
            placeless = replace(bound, place=_NOWHERE)
            return self._once(placeless, placeless)
        return self._once(bound, bound) if isinstance(bound, NodeOutput) else bound

    def _environment(self, node: Node) -> Any:
        environment = node.environment
        if isinstance(environment, InlineEnvironment):
            environment = replace(environment, place=_NOWHERE)
        # It may hold a whole conda file, which no dictionary takes as a key.
        return self._once(("environment", repr(environment)), environment)
