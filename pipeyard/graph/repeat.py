"""
The nodes of steps that repeat others: `do_while`, `parallel_for`.

In:       what stands for such a step in the tree, with its body opened.
Out:      a control node, whose body is a graph of its own.
Not here: which step is the body (`bodies.py`), running it (`engine/conduct/`).

What is the same for every run of a body stands in it; everything else is given to each run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from pipeyard.graph.bare import bare_node
from pipeyard.graph.bind import Binder
from pipeyard.graph.fit import words_of
from pipeyard.graph.flow import ITEMS, ForEach, ForItem, Loop, input_of_item
from pipeyard.graph.model import BoundInput, BoundOutput, Given, Graph, Literal, Node, NodeOutput
from pipeyard.graph.outputs import Outputs
from pipeyard.graph.problems import Problems
from pipeyard.graph.stand import items_of
from pipeyard.graph.tree import Body, GivenValue, Leaf, Level, Tree
from pipeyard.model.component import (
    CommandComponent,
    InputPort,
    InputValue,
    LiteralInput,
    OutputSetting,
    PipelineComponent,
)
from pipeyard.model.diagnostic import Place, Related
from pipeyard.model.flow import DoWhileSpec, Item, Named, ParallelForSpec
from pipeyard.model.types import Fit, InputMode, PortType, fit_of
from pipeyard.model.value import dataclass
from pipeyard.spec.items import ItemsProblem, parse_items

# The only node of a body that is one command.
BODY = ""


@dataclass(frozen=True, slots=True)
class _Bound:
    """A body with the inputs of one run."""

    ports: Mapping[str, InputPort]
    inputs: Mapping[str, BoundInput]
    # Of a command: its node, as if it ran once.
    node: Node | None = None


class Repeater:
    """Makes the control nodes of one graph."""

    def __init__(
        self,
        binder: Binder,
        outputs: Outputs,
        problems: Problems,
        *,
        node_of: Callable[[Leaf], Node],
        graph_of: Callable[[Tree], Graph],
        frame: Graph,
    ) -> None:
        """Bind what bodies are given; *frame* says what a child job has from the job, *graph_of* opens a pipeline."""
        self._binder = binder
        self._outputs = outputs
        self._problems = problems
        self._node_of = node_of
        self._graph_of = graph_of
        self._frame = frame

    def node(self, leaf: Leaf) -> Node:
        """Return the node of a step that repeats another."""
        spec, body = leaf.step.control_spec, leaf.body
        assert body is not None
        if isinstance(spec, DoWhileSpec):
            return self._loop(leaf, body, spec)
        assert isinstance(spec, ParallelForSpec)
        return self._for_each(leaf, body, spec)

    # --- do_while ----------------------------------------------------------------------------

    def _loop(self, leaf: Leaf, body: Body, spec: DoWhileSpec) -> Node:
        fed = {port.name for _, ports in spec.mapping for port in ports}
        bound = self._bind(leaf, body, leaf.step.inputs, fed)
        graph = self._body(leaf, body, bound, fed)
        types = {name: output.type for name, output in graph.outputs.items()}
        self._check_mapping(body, spec, bound.ports, types)
        self._check_condition(body, spec.condition, types)
        mapping = {output.name: tuple(port.name for port in ports) for output, ports in spec.mapping}
        control = Loop(graph, spec.condition.name, mapping, spec.iterations_max)
        component = bound.node.component if bound.node is not None else leaf.component
        outputs = self._outputs.of_leaf(leaf)
        self._warn_of_places(leaf, outputs)
        return bare_node(leaf, component, dict(bound.inputs), outputs, control)

    def _check_mapping(
        self, body: Body, spec: DoWhileSpec, ports: Mapping[str, InputPort], types: Mapping[str, PortType]
    ) -> None:
        for output, inputs in spec.mapping:
            produced = types.get(output.name)
            if produced is None:
                self._report_unknown(body, output, types, "output")
            for named in inputs:
                port = ports.get(named.name)
                if port is None:
                    self._report_unknown(body, named, ports, "input")
                elif produced is not None and not _fits(produced, port):
                    self._problems.error(
                        "type-mismatch",
                        f"output `{output.name}` is {words_of(produced)}, and becomes input `{named.name}`, which takes "
                        f"{words_of(port.type)}",
                        named.place,
                        expected=words_of(port.type),
                        found=f"`{produced.value}`",
                        related=(Related(f"`{named.name}` is declared here", port.place),),
                    )

    def _check_condition(self, body: Body, condition: Named, types: Mapping[str, PortType]) -> None:
        found = types.get(condition.name)
        if found is None:
            self._report_unknown(body, condition, types, "output")
        elif found is not PortType.BOOLEAN:
            self._problems.error(
                "type-mismatch",
                f"the condition of a `do_while` is true or false, output `{condition.name}` is {words_of(found)}",
                condition.place,
                expected="an output of type `boolean`",
                found=f"`{found.value}`",
            )

    def _report_unknown(self, body: Body, named: Named, known: Mapping[str, object], what: str) -> None:
        if self._problems.explains(body.component.head.place, f"{what}s", named.name):
            return
        self._problems.error(
            "unknown-binding",
            f"step `{body.step.key}` has no {what} called `{named.name}`",
            named.place,
            hint=self._problems.meant(named.name, known, what=f"{what}s of `{body.step.key}`"),
        )

    def _warn_of_places(self, leaf: Leaf, outputs: Mapping[str, BoundOutput]) -> None:
        for name, output in outputs.items():
            setting = leaf.step.outputs.get(name)
            if output.path is not None and setting is not None:
                self._problems.warning(
                    "no-effect",
                    f"the `path` of output `{name}` has no effect: it stays where the last run of the body wrote it",
                    setting.place,
                )

    # --- parallel_for ------------------------------------------------------------------------

    def _for_each(self, leaf: Leaf, body: Body, spec: ParallelForSpec) -> Node:
        self._check_promoted(leaf, body)
        items, later = self._items(leaf, spec)
        if items and not self._check_keys(body, items):
            items = ()
        if later is not None or not items:
            # Which inputs the items give is known when they are: all that have no value yet may be among them.
            bound = self._bind(leaf, body, leaf.step.inputs, set(body.component.inputs), only_given=True)
            graph = self._body(leaf, body, bound, set(bound.ports))
            inputs = {**bound.inputs, **({} if later is None else {ITEMS: later})}
            return self._for_node(leaf, bound, inputs, ForEach(graph, (), spec.concurrency_max))
        keys = set(items[0].values)
        each = [self._bind(leaf, body, {**leaf.step.inputs, **item.values}, keys) for item in items]
        graph = self._body(leaf, body, each[0], keys)
        inputs = {name: value for name, value in each[0].inputs.items() if name not in keys}
        for item, bound in zip(items, each, strict=True):
            inputs |= {input_of_item(item.label, name): bound.inputs[name] for name in keys & bound.inputs.keys()}
        made = tuple(
            ForItem(item.label, {name: input_of_item(item.label, name) for name in item.values}) for item in items
        )
        return self._for_node(leaf, each[0], inputs, ForEach(graph, made, spec.concurrency_max))

    def _for_node(self, leaf: Leaf, bound: _Bound, inputs: Mapping[str, BoundInput], control: ForEach) -> Node:
        component = replace(leaf.component, inputs=dict(bound.ports))
        return bare_node(leaf, component, dict(inputs), self._outputs.of_leaf(leaf), control)

    def _items(self, leaf: Leaf, spec: ParallelForSpec) -> tuple[tuple[Item, ...], BoundInput | None]:
        """Return the items; those of a text that is not known yet as the input that will hold it."""
        if spec.items_text is None:
            return spec.items, None
        _, inputs = self._binder.bind_leaf(items_of(leaf, spec.items_text))
        text = inputs.get("items")
        if not isinstance(text, Literal):
            return (), text
        place = spec.items_text.place
        found = parse_items(str(text.value))
        if isinstance(found, ItemsProblem):
            self._problems.error("bad-items", f"`items` {found.message}", place, found=_short(str(text.value)))
            return (), None
        values = (
            Item(label, place, {name: LiteralInput(value, place) for name, value in item.items()})
            for label, item in found
        )
        return tuple(values), None

    def _check_keys(self, body: Body, items: Sequence[Item]) -> bool:
        known = body.component.inputs
        is_inline = isinstance(body.component, CommandComponent) and body.component.head.place == body.step.place
        unknown = [name for name in items[0].values if name not in known]
        for name in () if is_inline else unknown:
            value = items[0].values[name]
            self._report_unknown(body, Named(name, value.place), known, "input")
        return is_inline or not unknown

    def _check_promoted(self, leaf: Leaf, body: Body) -> None:
        for name, setting in body.step.outputs.items():
            if setting.promoted_to is not None:
                self._problems.error(
                    "bad-body",
                    f"step `{body.step.key}` runs many times, once for each item: its output `{name}` cannot be the "
                    "pipeline's",
                    setting.place,
                    hint=f"write it under `outputs:` of `{leaf.step.key}`, which has the outputs of all",
                )

    # --- bodies ------------------------------------------------------------------------------

    def _bind(
        self, leaf: Leaf, body: Body, values: Mapping[str, InputValue], varying: set[str], *, only_given: bool = False
    ) -> _Bound:
        """Return what a run with these values would be; with *only_given* other inputs may be without one."""
        step = replace(leaf.step, inputs=values, control_spec=None)
        if isinstance(body.component, PipelineComponent):
            declared = body.component.inputs
            component = replace(body.component, inputs=_of(declared, values)) if only_given else body.component
            place = body.component.head.place
            level = Level(leaf.id, leaf.level, step, component, leaf.reference, values, {}, {}, place, leaf.step.place)
            return _Bound(declared, self._binder.bind_level(level))
        command = _with_extra(body.component, step.place, values)
        if only_given:
            command = replace(command, inputs=_of(command.inputs, values))
        outputs = step.outputs if isinstance(leaf.step.control_spec, DoWhileSpec) else _unpromoted(body)
        once = replace(step, outputs=outputs)
        node = self._node_of(Leaf(leaf.id, leaf.level, once, command, leaf.reference, varying=frozenset(varying)))
        ports = {**body.component.inputs, **node.component.inputs}
        return _Bound(ports, node.inputs, replace(node, component=replace(node.component, inputs=ports)))

    def _body(self, leaf: Leaf, body: Body, bound: _Bound, varying: set[str]) -> Graph:
        given: dict[str, BoundInput] = {}
        for name, port in bound.ports.items():
            value = bound.inputs.get(name)
            if value is not None or name in varying:
                given[name] = _given(name, port, value, varies=name in varying)
        if bound.node is not None:
            return self._command_body(bound.node, given)
        assert body.tree is not None
        root = body.tree.root
        assert isinstance(root, Level)
        root.given = {name: _as_value(value, leaf.step.place) for name, value in given.items()}
        return self._graph_of(body.tree)

    def _command_body(self, node: Node, given: Mapping[str, BoundInput]) -> Graph:
        outputs = {name: _of_run(output) for name, output in node.outputs.items()}
        inner = replace(node, id=BODY, inputs=dict(given), outputs=outputs, upstream=frozenset())
        named = {name: NodeOutput(BODY, name, output.type, InputMode.RO_MOUNT) for name, output in outputs.items()}
        return replace(
            self._frame,
            nodes={BODY: inner},
            children=(BODY,),
            inputs=inner.inputs,
            outputs=named,
            is_pipeline=False,
        )


def _given(name: str, port: InputPort, value: BoundInput | None, *, varies: bool) -> BoundInput:
    if isinstance(value, Literal) and not varies:
        return value
    if value is None or isinstance(value, Literal):
        return Given(name, port.type, port.mode or InputMode.RO_MOUNT)
    return Given(name, value.type, value.mode)


def _as_value(value: BoundInput, place: Place) -> InputValue | GivenValue:
    if isinstance(value, Literal):
        return LiteralInput(value.value, place)
    assert isinstance(value, Given)
    return GivenValue(value.name, value.type, value.mode, place)


def _of_run(output: BoundOutput) -> BoundOutput:
    """Return an output of one run: at a place of its own, and registered by the repeating step alone."""
    is_own = output.path is not None and any(one.names == ("name",) for one in output.path.expressions)
    return replace(output, path=output.path if is_own else None, register_name=None, register_version=None)


def _unpromoted(body: Body) -> Mapping[str, OutputSetting]:
    return {name: replace(setting, promoted_to=None) for name, setting in body.step.outputs.items()}


def _of(ports: Mapping[str, InputPort], names: Mapping[str, object]) -> dict[str, InputPort]:
    return {name: port for name, port in ports.items() if name in names}


def _with_extra(component: CommandComponent, place: Place, values: Mapping[str, InputValue]) -> CommandComponent:
    """Return a command with ports for all that it is given: one that is written in its step declares nothing else."""
    if component.head.place != place:
        return component
    extra = {
        name: InputPort(name, PortType.STRING, value.place, is_derived=True)
        for name, value in values.items()
        if name not in component.inputs
    }
    return replace(component, inputs={**component.inputs, **extra}) if extra else component


def _fits(produced: PortType, port: InputPort) -> bool:
    if port.is_derived and produced.is_literal:
        return port.type.is_literal
    return fit_of(produced, port.type) is not Fit.NO


def _short(text: str) -> str:
    return f"`{text}`" if len(text) <= 60 else f"`{text[:57]}...`"  # noqa: PLR2004 - of a message
