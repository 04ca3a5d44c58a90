"""
YAML text to composed nodes, by libyaml's C parser.

In:       text.
Out:      the root node with its marks, or the one problem that stopped the parser.
Not here: what the nodes mean (`spec/tree.py`).

Invariant: never raises for anything in the text, however deep, long or strange.
"""

from __future__ import annotations

from typing import Any

import yaml
from yaml.composer import Composer, ComposerError
from yaml.parser import Parser
from yaml.reader import Reader, ReaderError
from yaml.scanner import Scanner

from pipeyard.model.diagnostic import Diagnostic, Place, Span

# Tag of an unquoted scalar without a tag of its own; `spec/scalar.py` reads those.
PLAIN = "?"
TEXT = "tag:yaml.org,2002:str"
MAPPING = "tag:yaml.org,2002:map"
SEQUENCE = "tag:yaml.org,2002:seq"

# Real files are below 20 deep. The C parser would overrun its stack at some ten thousand.
DEPTH_MAX = 200

has_libyaml: bool = bool(yaml.__with_libyaml__)


class _TooDeep(Exception):
    def __init__(self, node: yaml.Node) -> None:
        super().__init__()
        self.node = node


class _Tags:
    """
    What the composer asks while it works.

    It stands in for PyYAML's resolver, whose regular expressions per scalar cost
    more than all the rest; scalars are read later, and only once.
    """

    depth = 0

    def resolve(self, kind: type, _value: Any, implicit: Any) -> str:
        if kind is yaml.ScalarNode:
            return PLAIN if implicit[0] else TEXT
        return MAPPING if kind is yaml.MappingNode else SEQUENCE

    def descend_resolver(self, parent: yaml.Node | None, _index: Any) -> None:
        self.depth += 1
        if self.depth > DEPTH_MAX and parent is not None:
            raise _TooDeep(parent)

    def ascend_resolver(self) -> None:
        self.depth -= 1


class _PurePythonComposer(_Tags, Reader, Scanner, Parser, Composer):
    def __init__(self, text: str) -> None:
        Reader.__init__(self, text)
        Scanner.__init__(self)
        Parser.__init__(self)
        Composer.__init__(self)


if has_libyaml:
    from yaml.cyaml import CParser  # type: ignore[attr-defined]

    class _FastComposer(_Tags, CParser):
        def __init__(self, text: str) -> None:
            CParser.__init__(self, text)

    _composer: Any = _FastComposer
else:
    _composer = _PurePythonComposer


def compose(text: str, *, source: str, file: str) -> tuple[yaml.Node | None, Diagnostic | None]:
    """Return the root node, or why there is none."""
    try:
        root = _composer(text).get_single_node()
    except _TooDeep as deep:
        return None, broken_yaml(
            "too-deep", source, f"this file nests more than {DEPTH_MAX} levels", span=span_of_node(deep.node, file)
        )
    except ComposerError as error:
        return None, _composer_problem(error, source, file)
    except yaml.MarkedYAMLError as error:
        return None, _syntax_problem(error, text, source, file)
    except (ReaderError, UnicodeError) as error:
        return None, _character_problem(error, text, source, file)
    if root is None:
        hint = "write the job or component into it"
        return None, broken_yaml("empty-file", source, "this file is empty", span=Span(file, 1, 1, 1, 1), hint=hint)
    return root, None


def broken_yaml(
    code: str,
    source: str,
    message: str,
    *,
    span: Span | None = None,
    expected: str | None = None,
    hint: str | None = None,
) -> Diagnostic:
    """Return a problem of the text as a whole: it has a span and no path."""
    return Diagnostic(code, message, Place(source), expected=expected, hint=hint, span=span)


def span_of_node(node: yaml.Node, file: str) -> Span:
    """Return where a node stands, from its first character to the one behind its last."""
    # A collection that is still being composed has no end yet.
    start, end = node.start_mark, node.end_mark or node.start_mark
    return Span(file, start.line + 1, start.column + 1, end.line + 1, end.column + 1)


def _composer_problem(error: ComposerError, source: str, file: str) -> Diagnostic:
    span = _span_at(error.problem_mark, file)
    problem = str(error.problem)
    if "another document" in problem:
        return broken_yaml(
            "many-documents",
            source,
            "a second document starts here",
            span=span,
            expected="one document per file",
            hint="put each document into a file of its own, or remove this `---`",
        )
    if "undefined alias" in problem:
        return broken_yaml(
            "broken-yaml",
            source,
            "this alias names no anchor above it",
            span=span,
            hint="quote the text if it should start with `*`",
        )
    return broken_yaml("broken-yaml", source, f"this is not YAML: {problem}", span=span)


# What libyaml says, and what helps.
_SYNTAX_HINTS = (
    ("found a tab character", "indent with blanks"),
    ("mapping values are not allowed", "quote a text that holds `: `, and indent keys of one mapping alike"),
    ("did not find expected key", "indent keys of one mapping alike, and quote texts that start with a special sign"),
    ("did not find expected ',' or '}'", "close the `{`, and quote texts in it that hold `{`, `}` or `,`"),
    ("did not find expected ',' or ']'", "close the `[`, and quote texts in it that hold `[`, `]` or `,`"),
    ("unexpected end of stream", "close the quotes"),
    ("unknown escape character", "write `\\\\` for a backslash, or use single quotes"),
    ("could not find expected ':'", "write `key: value`, with a blank behind the colon"),
    ("did not find expected '-' indicator", "indent the entries of one list alike"),
)


def _syntax_problem(error: yaml.MarkedYAMLError, text: str, source: str, file: str) -> Diagnostic:
    mark = error.problem_mark or error.context_mark
    problem = str(error.problem or error.context or "it cannot be read")
    context = f" ({error.context}, which starts at line {error.context_mark.line + 1})" if error.context_mark else ""
    hint = next((words for start, words in _SYNTAX_HINTS if start in problem), None)
    if mark is not None and "cannot start any token" in problem:
        sign = text[mark.index : mark.index + 1]
        problem = "a tab cannot indent YAML" if sign == "\t" else f"a text cannot start with `{sign}`"
        hint = "use blanks" if sign == "\t" else "put the text in quotes"
        context = ""
    return broken_yaml(
        "broken-yaml", source, f"this is not YAML: {problem}{context}", span=_span_at(mark, file), hint=hint
    )


def _character_problem(error: ReaderError | UnicodeError, text: str, source: str, file: str) -> Diagnostic:
    index = error.position if isinstance(error, ReaderError) else getattr(error, "start", 0)
    before = text[:index]
    line, column = before.count("\n") + 1, index - before.rfind("\n")
    return broken_yaml(
        "broken-yaml",
        source,
        f"this is not YAML: the character U+{ord(text[index : index + 1] or chr(0)):04X} is not allowed",
        span=Span(file, line, column, line, column + 1),
        hint="remove it, or write it as an escape inside double quotes",
    )


def _span_at(mark: Any, file: str) -> Span | None:
    if mark is None:
        return None
    return Span(file, mark.line + 1, mark.column + 1, mark.line + 1, mark.column + 2)
