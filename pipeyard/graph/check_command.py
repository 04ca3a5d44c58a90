"""
Whether a command's expressions can be filled in.

In:       a command component; for an inline one, with the ports that its values imply.
Out:      diagnostics at the command.
Not here: the grammar (`spec/binding.py`), filling in (`launch/command_line.py`).
"""

from __future__ import annotations

import re

from pipeyard.graph.problems import Problems
from pipeyard.model.component import CommandComponent
from pipeyard.model.diagnostic import Related
from pipeyard.model.expression import Expression, OptionalSection
from pipeyard.model.nearest import nearest

# What is left of a backslash at the end of a line when the lines were folded into one.
_LINE_CONTINUATION = re.compile(r"(?<=\s)\\ +(?=-|\$\[\[|\$\{\{)")


def check_command(component: CommandComponent, problems: Problems) -> None:
    """Report expressions that name nothing, and optional inputs where a value must be."""
    _check_line_ends(component, problems)
    for part in component.command.parts:
        if isinstance(part, Expression):
            _check_expression(component, part, problems, is_optional=False)
        elif isinstance(part, OptionalSection):
            _check_section(component, part, problems)


def _check_line_ends(component: CommandComponent, problems: Problems) -> None:
    found = _LINE_CONTINUATION.search(component.command.text)
    if found is not None:
        problems.warning(
            "line-continuation",
            "this `\\` makes a word of the blank behind it",
            component.command_place.within(found.start(), found.start() + 1),
            hint="a folded block (`>`) is one line already: remove the `\\` at the ends of its lines",
        )


def _check_section(component: CommandComponent, section: OptionalSection, problems: Problems) -> None:
    expressions = [part for part in section.parts if isinstance(part, Expression)]
    for expression in expressions:
        _check_expression(component, expression, problems, is_optional=True)
    ports = [component.inputs.get(input_name(expression)) for expression in expressions]
    if ports and all(port is not None and port.is_required for port in ports):
        shown = ", ".join(f"`{input_name(expression)}`" for expression in expressions)
        problems.warning(
            "section-always-kept",
            f"this optional section depends on {shown}, which always has a value",
            component.command_place.within(section.start, section.end),
            hint="make the input `optional: true`, or remove `$[[` and `]]`",
        )


def _check_expression(
    component: CommandComponent, expression: Expression, problems: Problems, *, is_optional: bool
) -> None:
    names = expression.names
    if names[0] == "inputs" and len(names) > 1:
        _check_input(component, expression, problems, is_optional=is_optional)
    elif names[0] == "outputs" and len(names) > 1:
        name = ".".join(names[1:])
        if name not in component.outputs and not problems.explains(component.head.place, "outputs", name):
            problems.error(
                "unknown-output",
                f"the command writes to output `{name}`, which is not declared",
                component.command_place.within(expression.start, expression.end),
                hint=problems.meant(name, component.outputs, what="outputs declared here"),
            )
    else:
        problems.error(
            "unknown-expression",
            f"`{expression}` means nothing in a command",
            component.command_place.within(expression.start, expression.end),
            expected="`${{inputs.<input>}}` or `${{outputs.<output>}}`",
            hint=_instead_of(expression),
        )


def _check_input(component: CommandComponent, expression: Expression, problems: Problems, *, is_optional: bool) -> None:
    name = input_name(expression)
    port = component.inputs.get(name)
    if port is None and not problems.explains(component.head.place, "inputs", name):
        problems.error(
            "unknown-input",
            f"the command uses input `{name}`, which is not declared",
            component.command_place.within(expression.start, expression.end),
            hint=problems.meant(name, component.inputs, what="inputs declared here"),
        )
    elif port is not None and not is_optional and port.optional and port.default is None:
        problems.error(
            "optional-outside-section",
            f"input `{name}` may have no value, and the command uses it outside an optional section",
            component.command_place.within(expression.start, expression.end),
            expected=f"`$[[--{name} ${{{{inputs.{name}}}}}]]`",
            related=(Related("optional here", port.place),),
        )


def input_name(expression: Expression) -> str:
    """Return the name in `${{inputs.<name>}}`; items of groups have dots in theirs."""
    return ".".join(expression.names[1:])


def _instead_of(expression: Expression) -> str | None:
    if expression.names[0] == "parent":
        return "give the step an input with this value, and use `${{inputs.<input>}}` in the command"
    if expression.names[0] == "search_space":
        name = ".".join(expression.names[1:])
        return f"a component has its hyperparameters as inputs: declare `{name}`, and write `${{{{inputs.{name}}}}}`"
    close = nearest(expression.names[0], ("inputs", "outputs", "search_space"))
    if close is not None and len(expression.names) > 1:
        return f"did you mean `${{{{{'.'.join((close, *expression.names[1:]))}}}}}`?"
    return None
