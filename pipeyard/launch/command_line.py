"""
A component's command with its values in place, ready for `bash -c`.

In:       the parsed command; the text of each input and the path of each output.
Out:      the text to run.
Not here: where paths come from (`launch/prepare.py`), the shell's quoting (`launch/shell_text.py`).

The rule, as in Azure: text takes the place of each expression, and the shell reads
what comes out. So literals are the person's own text and are never quoted: an input
`-v --fast` may become two words, as it does in Azure. Paths are ours, and a folder may have
blanks or quotes in its name, so a path is spelled so that the shell reads exactly that
path: unchanged when it is harmless, quoted outside quotes, escaped inside them.

`$VAR`, `$(...)`, backquotes, `&&` and whatever else belongs to the shell pass untouched.

Line ends: blanks and line breaks at the end of the command are dropped, and so is a lone
backslash that is left there, mostly because the optional section after it was dropped.
A backslash at the end of a line within a literal block (`|`) continues the line, as the
shell has it. In a folded block (`>`) the line has no end any more, and the backslash makes
the blank behind it a word; Azure's documentation warns of that, and `graph/check_command.py` does.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from pipeyard.launch.shell_text import ShellReader
from pipeyard.model.expression import CommandText, Expression, OptionalSection


def render_command(
    command: CommandText,
    inputs: Mapping[str, str | None],
    outputs: Mapping[str, str],
    *,
    paths: Collection[str] = (),
) -> str:
    """
    Return the command with every expression replaced.

    *paths* names the inputs whose text is a path or URI; outputs always are. An input
    without a value is None or missing: a section that names it is dropped, and
    elsewhere nothing takes its place.
    """
    reader = ShellReader()
    written: list[str] = []
    for part in kept_parts(command, inputs):
        if isinstance(part, str):
            reader.read(part)
            written.append(part)
            continue
        text, is_path = value_of(part, inputs, outputs, paths)
        if is_path:
            written.append(reader.spell(text))
        else:
            reader.read(text)
            written.append(text)
    return _without_end("".join(written))


def kept_parts(command: CommandText, inputs: Mapping[str, str | None]) -> Iterable[str | Expression]:
    """Yield the parts of a command, without the optional sections that have no value."""
    for part in command.parts:
        if not isinstance(part, OptionalSection):
            yield part
        elif all(_has_value(inner, inputs) for inner in part.parts if isinstance(inner, Expression)):
            yield from part.parts


def _has_value(expression: Expression, inputs: Mapping[str, str | None]) -> bool:
    return expression.names[0] != "inputs" or inputs.get(_name(expression)) is not None


def value_of(
    expression: Expression, inputs: Mapping[str, str | None], outputs: Mapping[str, str], paths: Collection[str]
) -> tuple[str, bool]:
    """Return the text of an expression, and whether it is a path."""
    name = _name(expression)
    if expression.names[0] == "outputs":
        return outputs[name], True
    return inputs.get(name) or "", name in paths


def _name(expression: Expression) -> str:
    return ".".join(expression.names[1:])


def _without_end(text: str) -> str:
    stripped = text.rstrip()
    slashes = len(stripped) - len(stripped.rstrip("\\"))
    # An even number of them is escaped backslashes, which mean something.
    return stripped[:-1].rstrip() if slashes % 2 else stripped
