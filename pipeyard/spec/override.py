"""
`--set path=value`: values given on the command line.

In:       a document, and texts such as `jobs.train.inputs.epochs=20`.
Out:      a new document; what is wrong with the texts.
Not here: decoding what came out: a wrong value is reported there, as if it stood in the file.

Paths are keys joined by dots. An entry of a list is a number, as `[0]` or `.0`; a key with
a dot in it stands in quotes, as `inputs["a.b"]`. Values are read like plain YAML scalars,
or as YAML or JSON when they start with `{`, `[` or a quote.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from pipeyard.model.diagnostic import Diagnostic, PathItem, Place, Span, YamlPath
from pipeyard.model.value import dataclass
from pipeyard.spec.document import Document, document_on_command_line, parse_document
from pipeyard.spec.render import replace_leaves
from pipeyard.spec.scalar import describe, read_plain

OPTION = "--set"

_STRUCTURED = ("{", "[", '"', "'")
_STEP = re.compile(r"""\[(?P<index>\d+)\]|\[(?P<quote>["'])(?P<quoted>.*?)(?P=quote)\]|(?P<name>[^.\[\]]+)""")


@dataclass(frozen=True, slots=True)
class _Override:
    path: tuple[str, ...]
    value: Any
    # Of the whole text, and of its value.
    span: Span
    value_span: Span


def apply_overrides(document: Document, texts: Sequence[str]) -> tuple[Document, tuple[Diagnostic, ...]]:
    """Return the document with every value set, one after the other; a broken text sets nothing."""
    problems: list[Diagnostic] = []
    for number, text in enumerate(texts, start=1):
        override = _parse(text, number)
        if isinstance(override, Diagnostic):
            problems.append(override)
            continue
        result = _apply(document, override)
        if isinstance(result, Diagnostic):
            problems.append(result)
        else:
            document = result
    return document, tuple(problems)


def _parse(text: str, number: int) -> _Override | Diagnostic:
    span = Span(OPTION, number, 1, number, len(text) + 1)
    path_text, equals, value_text = text.partition("=")
    path = _parse_path(path_text.strip())
    if not equals or path is None:
        return _problem(
            f"`{text}` sets nothing",
            span,
            expected="a path of keys, `=`, and a value",
            hint="such as `--set jobs.train.inputs.epochs=20`",
        )
    value_span = Span(OPTION, number, len(path_text) + 2, number, len(text) + 1)
    if not value_text.lstrip().startswith(_STRUCTURED):
        # Nothing behind `=` is an empty text; `null` and `~` say nothing at all.
        return _Override(path, read_plain(value_text) if value_text else "", span, value_span)
    # Parsed inside a mapping, since a document of its own may only be one.
    holder, found = parse_document(f"value: {value_text}", source=OPTION, file=OPTION)
    if holder is None or found or list(holder.value) != ["value"]:
        reason = found[0].message if found else "it holds more than one value"
        return _problem(
            f"the value of `{path_text}` cannot be read: {reason}",
            value_span,
            expected="a plain value, or a list, mapping or quoted text in YAML or JSON",
            hint="put the value in quotes inside the quotes of the shell, as in `'a=\"{text}\"'`",
        )
    return _Override(path, holder.value["value"], span, value_span)


def _parse_path(text: str) -> tuple[str, ...] | None:
    """Return the keys of a path; None when it is none. Numbers stay text until it is known what they are in."""
    steps: list[str] = []
    at = 0
    while at < len(text):
        if text[at] == "." and steps:
            at += 1
        match = _STEP.match(text, at)
        if match is None or (steps and match["name"] is not None and text[at - 1] != "."):
            return None
        if match["name"] is None and text[at - 1 : at] == ".":
            return None
        steps.append(next(part for part in (match["index"], match["quoted"], match["name"]) if part is not None))
        at = match.end()
    return tuple(steps) or None


def _apply(document: Document, override: _Override) -> Document | Diagnostic:
    """Walk down as far as there is something, and put the rest there as new mappings."""
    node: Any = document.value
    path: list[PathItem] = []
    for depth, key in enumerate(override.path):
        item = _item_in(node, key)
        if item is None:
            return _cannot_go_in(node, path, key, override)
        path.append(item)
        child = _child(node, item)
        if child is None and depth + 1 < len(override.path):
            return _graft(document, tuple(path), _nested(override.path[depth + 1 :], override.value), override)
        node = child
    return _graft(document, tuple(path), override.value, override)


def _graft(document: Document, path: YamlPath, value: Any, override: _Override) -> Document:
    tree = replace_leaves(document.value, {path: value})
    # A path given here is relative to the file that it is set in.
    return document.grafted(
        tree, {path: document_on_command_line(value, source=document.source, span=override.value_span)}
    )


def _item_in(node: Any, key: str) -> PathItem | None:
    """Return the key as this mapping or list takes it; None when it takes none such."""
    if isinstance(node, dict):
        return key
    if isinstance(node, list) and key.isdecimal() and int(key) <= len(node):
        return int(key)
    return None


def _child(node: Any, item: PathItem) -> Any:
    if isinstance(item, int):
        return node[item] if item < len(node) else None
    return node.get(item)


def _nested(keys: Sequence[str], value: Any) -> Any:
    for key in reversed(keys):
        value = {key: value}
    return value


def _cannot_go_in(node: Any, path: Sequence[PathItem], key: str, override: _Override) -> Diagnostic:
    where = ".".join(str(item) for item in path)
    if isinstance(node, list):
        return _problem(
            f"`{where}` is a list of {len(node)}, and has no entry `{key}`",
            override.span,
            expected=f"a number from 0 to {len(node)}; the last one adds an entry",
        )
    return _problem(
        f"`{where}` is {describe(node)}, and nothing can be set inside it",
        override.span,
        expected="a path through mappings and lists",
        hint="what a file holds is set in that file"
        if isinstance(node, str) and node.lower().endswith((".yml", ".yaml"))
        else None,
    )


def _problem(message: str, span: Span, *, expected: str | None = None, hint: str | None = None) -> Diagnostic:
    return Diagnostic("broken-override", message, Place(OPTION), expected=expected, hint=hint, span=span)
