"""
Follow an input back to what it is: a literal, data, or what another command writes.

In:       the tree; an input of one of its members.
Out:      a `Found`, or the news that there is no value.
Not here: what a command finally gets (`graph/bind.py`), outputs (`graph/outputs.py`).

Inputs may lead to inputs for ever (`parent.jobs.a.inputs.x` of a thousand steps in
a row), so following is done with generators on a stack of our own: each asks for
the input that it needs by yielding it. Every input is followed once.
"""

from __future__ import annotations

from collections.abc import Collection, Generator
from dataclasses import replace

from pipeyard.graph.fit import fit_value, words_of
from pipeyard.graph.outputs import Outputs
from pipeyard.graph.problems import Problems
from pipeyard.graph.tree import GivenValue, Leaf, Level, Member, step_of
from pipeyard.graph.value import Absent, Broken, Found, Traced
from pipeyard.model.component import DataInput, InputPort, LiteralInput, TemplateInput
from pipeyard.model.diagnostic import Place, Related
from pipeyard.model.expression import Expression, Template
from pipeyard.model.flow import ParallelForSpec

# An input of a member of the tree.
Slot = tuple[Member, str]
Following = Generator[Slot, Traced, Traced]


class Tracer:
    """Remembers what every input asked for so far is."""

    def __init__(self, outputs: Outputs, problems: Problems) -> None:
        """Start with nothing traced."""
        self._outputs = outputs
        self._problems = problems
        self._traced: dict[Slot, Traced] = {}
        # Inputs of pipelines that something inside binds to.
        self.used: set[Slot] = set()

    def trace(self, member: Member, name: str) -> Traced:
        """Return what an input is."""
        slot = (member, name)
        if slot not in self._traced:
            self._follow(slot)
        return self._traced[slot]

    def trace_expression(self, level: Level | None, expression: Expression, at: Place) -> Traced:
        """Return what an expression in a setting of a step inside *level* stands for."""
        following = self._expression(level, None, expression, at)
        answer: Traced | None = None
        while True:
            try:
                wanted = following.send(answer)  # type: ignore[arg-type]  # The first one must be None.
            except StopIteration as end:
                return end.value  # type: ignore[no-any-return]
            answer = self.trace(*wanted)

    def _follow(self, slot: Slot) -> None:
        stack: dict[Slot, Following] = {slot: self._input(*slot)}
        answer: Traced | None = None
        while stack:
            current = next(reversed(stack))
            try:
                wanted = stack[current].send(answer)  # type: ignore[arg-type]  # The first one must be None.
            except StopIteration as end:
                answer = self._traced[current] = end.value
                del stack[current]
                continue
            answer = self._traced.get(wanted)
            if answer is None and wanted in stack:
                self._report_ring(list(stack), wanted)
                answer = Broken()
            elif answer is None:
                stack[wanted] = self._input(*wanted)

    def _input(self, member: Member, name: str) -> Following:
        value = member.given.get(name)
        at = value.place if value is not None else _place_of(member)
        traced: Traced
        if value is None:
            traced = yield from self._item_of_group(member, name)
        elif isinstance(value, LiteralInput):
            is_empty = isinstance(member, Level) and value.value == ""
            traced = Absent(missing=(member, name)) if is_empty else Found(value.value, value.place)
        elif isinstance(value, DataInput | GivenValue):
            traced = Found(value, value.place, value.type, value.mode)
        else:
            traced = yield from self._template(member, name, value)
        port = member.ports.get(name)
        is_derived = isinstance(member, Leaf) and member.is_inline
        return traced if port is None or is_derived else self._through(member, port, traced, at)

    def _through(self, member: Member, port: InputPort, traced: Traced, at: Place) -> Traced:
        """Return what comes out behind a declared input."""
        if isinstance(traced, Absent):
            return self._without_value(member, port, traced, at)
        if isinstance(traced, Broken):
            return traced
        if isinstance(member, Leaf) and port.is_required and traced.optional_at is not None:
            self._report_optional(member, port, traced.optional_at, at)
        if isinstance(member, Level) and not port.is_required:
            traced = replace(traced, optional_at=port.place if port.default is None else None)
        return fit_value(traced, port, at, self._problems)

    def _without_value(self, member: Member, port: InputPort, absent: Absent, at: Place) -> Traced:
        if port.default is not None:
            return Found(port.default, port.place)
        if port.optional:
            return Absent(optional_at=port.place)
        if isinstance(member, Level):
            # Nobody may need it: an input whose bindings are all optional is optional itself.
            return absent
        if absent.missing is None:
            self._report_optional(member, port, absent.optional_at or port.place, at)
        else:
            self.report_missing(absent, needed_by=member, port=port)
        return Broken()

    def _template(self, member: Member, name: str, value: TemplateInput) -> Following:
        template = value.template
        if template.single is not None:
            traced = yield from self._expression(member.level, member, template.single, value.place)
            if not isinstance(traced, Found) or (value.type is None and value.mode is None):
                return traced
            return replace(traced, type=value.type or traced.type, mode=value.mode or traced.mode)
        port = member.ports.get(name)
        is_derived = isinstance(member, Leaf) and member.is_inline
        if port is not None and port.type.is_data and not is_derived and not template.is_plain:
            self._problems.error(
                "binding-not-alone",
                f"input `{name}` takes {words_of(port.type)}: its binding must be one expression and nothing else",
                value.place,
                found=f"`{template}`",
                hint="bind the folder, and add the rest of the path in the command",
            )
            return Broken()
        return (yield from self._text(member, template, value.place))

    def _text(self, member: Member, template: Template, at: Place) -> Following:
        parts: list[str] = []
        optional_at: Place | None = None
        for part in template.parts:
            if isinstance(part, str):
                parts.append(part)
                continue
            where = at.within(part.start, part.end)
            traced = yield from self._expression(member.level, member, part, where)
            if not isinstance(traced, Found):
                return traced
            if not traced.is_literal:
                is_value = traced.type is not None and traced.type.is_literal
                self._problems.error(
                    "data-in-text",
                    f"`{part}` is {'known only when its step has run' if is_value else 'data'}, and cannot become part "
                    "of a text",
                    where,
                    expected="a value that is written in the file" if is_value else "a number, a text or a truth value",
                    hint="give the step both inputs, and put them together in its command",
                )
                return Broken()
            parts.append(traced.text)
            optional_at = optional_at or traced.optional_at
        return Found("".join(parts), at, optional_at=optional_at)

    def _expression(self, level: Level | None, member: Member | None, expression: Expression, at: Place) -> Following:
        """Follow one expression, in an input of *member* or in another field of a step."""
        names = expression.names[1:] if expression.names[:1] == ("parent",) else expression.names
        if level is None:
            self._problems.error(
                "unknown-binding",
                f"`{expression}` needs a pipeline around this job, and there is none",
                at,
                hint="write the value itself",
            )
            return Broken()
        if len(names) >= 2 and names[0] == "inputs":  # noqa: PLR2004  # `inputs.x`
            return (yield from self._pipeline_input(level, ".".join(names[1:]), at))
        if len(names) >= 4 and names[0] == "jobs" and names[2] in {"inputs", "outputs"}:  # noqa: PLR2004
            return (yield from self._step_port(level, member, names, at))
        self._problems.error(
            "unknown-expression",
            f"`{expression}` means nothing here",
            at,
            expected="`${{parent.inputs.<input>}}` or `${{parent.jobs.<step>.outputs.<output>}}`",
        )
        return Broken()

    def _pipeline_input(self, level: Level, name: str, at: Place) -> Following:
        if name not in level.input_names:
            if self._problems.explains(level.place, "inputs", name):
                return Broken()
            is_group = any(known.startswith(name + ".") for known in level.input_names)
            self._problems.error(
                "unknown-binding",
                f"the pipeline has no input called `{name}`"
                if not is_group
                else f"`{name}` is a group of inputs, and this takes one value",
                at,
                hint=self._problems.meant(name, level.input_names, what="inputs of the pipeline"),
            )
            return Broken()
        self.used.add((level, name))
        return (yield (level, name))

    def _step_port(self, level: Level, member: Member | None, names: tuple[str, ...], at: Place) -> Following:
        key, side, name = level.standing_for(names[1]), names[2], ".".join(names[3:])
        if key not in level.jobs:
            if key not in level.members and not self._problems.explains(level.place, "jobs", key):
                close = self._problems.meant(key, level.jobs, what="steps")
                self._problems.error("unknown-binding", f"no step here is called `{key}`", at, hint=close)
            return Broken()
        target = level.members.get(key)
        if target is None:
            return Broken()  # What is wrong with that step was reported there.
        if side == "outputs" and key != names[1] and isinstance(step_of(target).control_spec, ParallelForSpec):
            self._report_many(names[1], key, name, at)
            return Broken()
        if side == "inputs":
            return (yield from self._step_input(target, key, name, at))
        if target is member or (member is not None and member.level is level and member.id == target.id):
            self._problems.error(
                "self-reference", f"step `{key}` reads its own output `{name}`", at, expected="another step"
            )
            return Broken()
        written = self._outputs.find(level, key, name, at)
        return Found(written, at, self._outputs.type_of(written)) if written is not None else Broken()

    def _report_many(self, body: str, key: str, name: str, at: Place) -> None:
        self._problems.error(
            "unknown-binding",
            f"step `{body}` runs many times, once for each item of `{key}`: it has no one output `{name}`",
            at,
            expected=f"`${{{{parent.jobs.{key}.outputs.{name}}}}}`, which holds those of all",
        )

    def _step_input(self, target: Member, key: str, name: str, at: Place) -> Following:
        if name in target.ports or name in target.given:
            return (yield (target, name))
        if not self._problems.explains(step_of(target).place, "inputs", name):
            hint = self._problems.meant(name, {**target.ports, **target.given}, what=f"inputs of `{key}`")
            self._problems.error("unknown-binding", f"step `{key}` has no input called `{name}`", at, hint=hint)
        return Broken()

    def _item_of_group(self, member: Member, name: str) -> Following:
        """Return an item of a group that was bound as a whole: `group: ${{parent.inputs.group}}`."""
        group = name
        while "." in group:
            group = group.rpartition(".")[0]
            value = member.given.get(group)
            if not isinstance(value, TemplateInput) or value.template.single is None:
                continue
            bound = value.template.single
            item = Expression((*bound.names, *name[len(group) + 1 :].split(".")), bound.start, bound.end)
            known = _input_names(member.level, bound)
            if known is None or any(other.startswith(_input_name(bound) + ".") for other in known):
                # An item that the other group lacks counts as not given.
                if known is not None and _input_name(item) in known:
                    return (yield from self._expression(member.level, member, item, value.place))
                continue
            traced = yield from self._expression(member.level, member, bound, value.place)
            if isinstance(traced, Found):
                self._problems.error(
                    "type-mismatch",
                    f"`{group}` is a group of inputs, `{bound}` is one value",
                    value.place,
                    hint=f"bind one item: `{name}: {bound}`",
                )
            return Broken()
        return Absent(missing=(member, name))

    def report_missing(self, absent: Absent, *, needed_by: Member | None = None, port: InputPort | None = None) -> None:
        """Say that a required input has no value, at the step or pipeline input that should have it."""
        assert absent.missing is not None
        member, name = absent.missing
        if self._problems.explains(_given_at(member), "inputs", name):
            return
        related = (Related(f"`{port.name}` is required here", port.place),) if port is not None else ()
        empty_at = _empty_at(member, name)
        if empty_at is not None:
            needed = f", and step `{needed_by.id}` needs it" if needed_by is not None else ""
            self._problems.error(
                "missing-input", f"pipeline input `{name}` has no value{needed}", empty_at, related=related
            )
            return
        who = f"step `{step_of(member).key}`" if member.step is not None and member.id else "this job"
        wanted = member.ports.get(name)
        self._problems.error(
            "missing-input",
            f"{who} does not give `{name}`, which its component requires",
            _place_of(member),
            expected=words_of(wanted.type) if wanted is not None else None,
            hint=f"add `{name}:` under its `inputs:`",
            related=related,
        )

    def _report_optional(self, member: Leaf, port: InputPort, optional_at: Place, at: Place) -> None:
        self._problems.error(
            "optional-to-required",
            f"step `{member.step.key}` requires `{port.name}`, and what it is bound to is optional",
            at,
            expected="an input that always has a value",
            hint="make the pipeline's input required, or the component's input optional",
            related=(Related("optional here", optional_at), Related("required here", port.place)),
        )

    def _report_ring(self, stack: list[Slot], wanted: Slot) -> None:
        ring = stack[stack.index(wanted) :]
        way = " -> ".join(f"`{member.id}.{name}`" for member, name in [*ring, wanted])
        value = wanted[0].given.get(wanted[1])
        at = value.place if value is not None else _place_of(wanted[0])
        self._problems.error("graph-ring", f"these inputs are bound to each other in a ring: {way}", at)


def _input_name(expression: Expression) -> str:
    """Return the name of the input that an expression ends in."""
    names = expression.names[1:] if expression.names[:1] == ("parent",) else expression.names
    return ".".join(names[1:] if names[0] == "inputs" else names[3:])


def _input_names(level: Level | None, expression: Expression) -> Collection[str] | None:
    """Return the inputs of what an expression points into; None when there is nothing to point into."""
    names = expression.names[1:] if expression.names[:1] == ("parent",) else expression.names
    if level is None or not names:
        return None
    if names[0] == "inputs":
        return level.input_names.keys()
    if len(names) < 4 or names[2] != "inputs":  # noqa: PLR2004  # `jobs.s.inputs.x`
        return ()
    target = level.members.get(names[1])
    return {**target.ports, **target.given} if target is not None else ()


def _given_at(member: Member) -> Place:
    """Return what holds the `inputs:` that a member is given."""
    return member.given_place if isinstance(member, Level) else member.step.place


def _empty_at(member: Member, name: str) -> Place | None:
    """Return where an input is written with nothing behind it."""
    value = member.given.get(name)
    if value is not None:
        return value.place
    return member.unset.get(name) if isinstance(member, Level) else None


def _place_of(member: Member) -> Place:
    """Return where to point when something of a member is not written at all."""
    place = _given_at(member)
    return Place(place.source, place.path, on_key=bool(place.path))
