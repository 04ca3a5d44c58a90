"""
Steps that choose, repeat, or run for each of some items (section 3.9).

In:       a step of type `if_else`, `do_while` or `parallel_for`.
Out:      a `Step` whose `control_spec` says what it does.
Not here: whether the steps, inputs and outputs that it names exist (`graph/flow.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pipeyard.model.component import InputValue, LiteralInput, Step, StepKind, TemplateInput
from pipeyard.model.diagnostic import Place, Severity
from pipeyard.model.flow import ITERATIONS_MAX, BrokenSpec, DoWhileSpec, IfElseSpec, Item, Named, ParallelForSpec
from pipeyard.model.types import PortType
from pipeyard.spec.binding import OPEN
from pipeyard.spec.decode_value import decode_binding, decode_inputs, decode_outputs
from pipeyard.spec.items import ItemsProblem, parse_items
from pipeyard.spec.reading import Fields, Reading
from pipeyard.spec.scalar import describe

_STEP = "`${{parent.jobs.<step>}}`"
_ITEMS = "a list of mappings, a mapping of mappings, JSON of one of these, or a binding to such a text"


def decode_flow_step(reading: Reading, key: str, fields: Fields, kind: StepKind, roots: tuple[str, ...]) -> Step:
    """Return the step; one that lacks what it cannot be without is kept as broken."""
    reading.check_fields(fields, f"{kind.value} step", severity=Severity.WARNING, where=f"the step `{key}`")
    decoder = _Decoder(reading, key, fields, roots)
    spec: IfElseSpec | DoWhileSpec | ParallelForSpec | None
    if kind is StepKind.IF_ELSE:
        spec = decoder.if_else()
    else:
        spec = decoder.do_while() if kind is StepKind.DO_WHILE else decoder.parallel_for()
    if spec is None:
        return Step(key, fields.place, kind, None, control_spec=BrokenSpec(fields.place, decoder.body))
    outputs = decode_outputs(reading, fields, roots=roots) if kind is not StepKind.IF_ELSE else {}
    return Step(key, fields.place, kind, None, outputs=outputs, control_spec=spec)


class _Decoder:
    """Reads one step."""

    def __init__(self, reading: Reading, key: str, fields: Fields, roots: tuple[str, ...]) -> None:
        self._reading = reading
        self._fields = fields
        self._roots = roots
        self._who = f"the step `{key}`"
        # The step that it repeats, as far as that is known.
        self.body: Named | None = None

    # --- if_else -----------------------------------------------------------------------------

    def if_else(self) -> IfElseSpec | None:
        fields = self._fields
        condition = self._condition()
        true_block, false_block = self._block("true_block"), self._block("false_block")
        if not (fields.has("true_block") or fields.has("false_block")):
            self._reading.missing("true_block", fields.place, self._who, hint="name the steps of at least one block")
            return None
        if not true_block and not false_block:
            if not self._has_problem("true_block") and not self._has_problem("false_block"):
                self._reading.error(
                    "wrong-value",
                    f"both blocks of {self._who} are empty",
                    fields.place,
                    expected="a step in one of them",
                )
            return None
        in_true = {named.name: named for named in true_block}
        for named in false_block:
            if named.name in in_true:
                self._reading.error(
                    "wrong-value",
                    f"the step `{named.name}` is in both blocks of {self._who}",
                    named.place,
                    expected="a step that runs in one case only",
                    hint="a step that runs in any case needs to be in no block",
                )
        return None if condition is None else IfElseSpec(fields.place, condition, true_block, false_block)

    def _condition(self) -> InputValue | None:
        value, place = self._fields.get("condition"), self._fields.place_of("condition")
        if value is None:
            self._reading.missing("condition", self._fields.place, self._who, hint="such as a boolean output of a step")
            return None
        if isinstance(value, dict | list):
            self._reading.wrong_type("condition", value, place, "true, false, or a binding")
            return None
        if isinstance(value, str) and OPEN in value:
            template = decode_binding(self._reading, value, place, self._roots)
            if template.single is not None:
                return TemplateInput(template, place)
            self._reading.error(
                "binding-not-alone",
                "`condition` must be one expression and nothing else",
                place,
                found=describe(value),
                hint="compare in a step before, and let it write true or false",
            )
            return None
        return LiteralInput(value, place)

    def _block(self, name: str) -> tuple[Named, ...]:
        found: dict[str, Named] = {}
        for text, place in self._reading.text_list(self._fields, name):
            step = self._step(text, place, name)
            if step is not None:
                found.setdefault(step.name, step)
        return tuple(found.values())

    def _has_problem(self, name: str) -> bool:
        place = self._fields.place_of(name)
        return any(problem.place.path[: len(place.path)] == place.path for problem in self._reading.problems)

    # --- do_while ----------------------------------------------------------------------------

    def do_while(self) -> DoWhileSpec | None:
        body = self.body = self._body()
        condition = self._output_of_body("condition", body)
        mapping = self._mapping(body)
        limit = self._iterations_max()
        if body is None or condition is None or mapping is None or limit is None:
            return None
        return DoWhileSpec(self._fields.place, body, condition, mapping, limit)

    def _output_of_body(self, name: str, body: Named | None) -> Named | None:
        text, place = self._reading.text(self._fields, name), self._fields.place_of(name)
        if text is None:
            if not self._fields.has(name):
                self._reading.missing(name, self._fields.place, self._who, hint="a boolean output of the body")
            return None
        return self._port(text, place, body, "outputs", name)

    def _mapping(self, body: Named | None) -> tuple[tuple[Named, tuple[Named, ...]], ...] | None:
        inner = self._reading.mapping(self._fields, "mapping")
        if inner is None:
            if not self._fields.has("mapping"):
                hint = "such as `mapping: {<output of the body>: <input of the body>}`"
                self._reading.missing("mapping", self._fields.place, self._who, hint=hint)
            return None
        found: list[tuple[Named, tuple[Named, ...]]] = []
        fed: dict[str, Named] = {}
        for key in inner:
            output = self._port(key, inner.key_of(key), body, "outputs", "mapping")
            ports = [
                self._port(text, place, body, "inputs", "mapping")
                for text, place in self._reading.text_list(inner, key)
            ]
            inputs = tuple(port for port in ports if port is not None)
            for port in inputs:
                if port.name in fed:
                    self._reading.error(
                        "wrong-value", f"two outputs become the input `{port.name}`", port.place, expected="one output"
                    )
                fed[port.name] = port
            if output is not None:
                found.append((output, inputs))
        return tuple(found)

    def _iterations_max(self) -> int | None:
        hint = f"such as `limits: {{max_iteration_count: 10}}`; at most {ITERATIONS_MAX}"
        limits = self._reading.mapping(self._fields, "limits")
        if limits is None:
            if not self._fields.has("limits"):
                self._reading.missing("limits", self._fields.place, self._who, hint=hint)
            return None
        self._reading.check_fields(limits, "do_while limits", severity=Severity.WARNING, where="`limits`")
        if not limits.has("max_iteration_count"):
            self._reading.missing("max_iteration_count", limits.place, "`limits` of a `do_while`", hint=hint)
            return None
        return self._whole(limits, "max_iteration_count", ITERATIONS_MAX)

    # --- parallel_for ------------------------------------------------------------------------

    def parallel_for(self) -> ParallelForSpec | None:
        body = self.body = self._body()
        count: int | None = None
        if self._fields.has("max_concurrency"):
            count = self._whole(self._fields, "max_concurrency", None)
        value, place = self._fields.get("items"), self._fields.place_of("items")
        if value is None:
            self._reading.missing("items", self._fields.place, self._who, hint=f"{_ITEMS}")
            return None
        if isinstance(value, str) and OPEN in value:
            template = decode_binding(self._reading, value, place, self._roots)
            if body is None:
                return None
            text = TemplateInput(template, place)
            return ParallelForSpec(self._fields.place, body, items_text=text, concurrency_max=count)
        items = self._json_items(value, place) if isinstance(value, str) else tuple(self._items(value, place))
        if not items:
            if not self._has_problem("items"):
                self._reading.error(
                    "bad-items", f"{self._who} has no items", place, expected=_ITEMS, hint="an empty list runs nothing"
                )
            return None
        if self._has_problem("items"):
            return None
        self._check_keys(items)
        return (
            None
            if body is None or self._has_problem("items")
            else ParallelForSpec(self._fields.place, body, items, concurrency_max=count)
        )

    def _items(self, value: Any, place: Place) -> Iterator[Item]:
        if isinstance(value, list):
            entries = [(str(index), item, place.child(index)) for index, item in enumerate(value)]
        elif isinstance(value, dict):
            entries = [(key, item, place.child(key)) for key, item in value.items()]
        else:
            self._reading.wrong_type("items", value, place, _ITEMS)
            return
        for label, item, where in entries:
            if not isinstance(item, dict) or not item:
                self._reading.wrong_type(f"items.{label}", item, where, "a mapping with the inputs of one run")
                continue
            values, unset = decode_inputs(self._reading, Fields({"inputs": (item, where)}, where), roots=self._roots)
            for name, at in unset.items():
                self._reading.error("missing-input", f"item `{label}` gives `{name}` no value", at)
            yield Item(label, where, values)

    def _json_items(self, text: str, place: Place) -> tuple[Item, ...]:
        found = parse_items(text)
        if isinstance(found, ItemsProblem):
            self._reading.error("bad-items", f"`items` {found.message}", place, expected=_ITEMS)
            return ()
        return tuple(
            Item(label, place, {name: LiteralInput(value, place) for name, value in values.items()})
            for label, values in found
        )

    def _check_keys(self, items: tuple[Item, ...]) -> None:
        first = items[0]
        for item in items[1:]:
            for name in dict.fromkeys([*first.values, *item.values]):
                if (name in item.values) is (name in first.values):
                    continue
                lacking, having = (item, first) if name in first.values else (first, item)
                self._reading.error(
                    "bad-items",
                    f"item `{lacking.label}` gives no `{name}`, and item `{having.label}` does",
                    lacking.place,
                    expected="the same inputs in every item",
                )

    # --- names -------------------------------------------------------------------------------

    def _body(self) -> Named | None:
        text, place = self._reading.text(self._fields, "body"), self._fields.place_of("body")
        if text is None:
            if not self._fields.has("body"):
                self._reading.missing("body", self._fields.place, self._who, hint=f"{_STEP}, the step to be repeated")
            return None
        return self._step(text, place, "body")

    def _step(self, text: str, place: Place, what: str) -> Named | None:
        """Return the step that `${{parent.jobs.<step>}}` or its bare name means."""
        if OPEN not in text:
            return Named(text, place)
        single = decode_binding(self._reading, text, place, self._roots).single
        if single is not None and single.names[:2] == ("parent", "jobs") and len(single.names) == 3:  # noqa: PLR2004
            return Named(single.names[2], place)
        self._reading.error("wrong-binding", f"`{what}` takes a step", place, expected=_STEP, found=f"`{text}`")
        return None

    def _port(self, text: str, place: Place, body: Named | None, side: str, what: str) -> Named | None:
        """Return the input or output of the body that `${{parent.jobs.<body>.<side>.<port>}}` or its bare name means."""
        if OPEN not in text:
            return Named(text, place)
        single = decode_binding(self._reading, text, place, self._roots).single
        names = single.names if single is not None else ()
        is_port = names[:2] == ("parent", "jobs") and len(names) > 4 and names[3] == side  # noqa: PLR2004
        if is_port and (body is None or names[2] == body.name):
            return Named(".".join(names[4:]), place)
        kind = side.removesuffix("s")
        shown = body.name if body is not None else "<body>"
        self._reading.error(
            "wrong-binding",
            f"`{what}` takes an {kind} of the body",
            place,
            expected=f"`${{{{parent.jobs.{shown}.{side}.<{kind}>}}}}`, or the name of the {kind} alone",
            found=f"`{text}`",
        )
        return None

    def _whole(self, fields: Fields, name: str, highest: int | None) -> int | None:
        number = self._reading.number(fields, name, PortType.INTEGER)
        if not isinstance(number, int):
            return None
        if number >= 1 and (highest is None or number <= highest):
            return number
        expected = "a whole number of at least 1" if highest is None else f"a whole number from 1 to {highest}"
        self._reading.error("wrong-value", f"`{name}` is {number}", fields.place_of(name), expected=expected)
        return None
