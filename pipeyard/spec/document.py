"""
YAML text as a plain tree in which every key and value knows its line and column.

In:       text, and the names of the document and its file.
Out:      a `Document`, and the problems of the text itself.
Not here: what the keys mean (`spec/decode.py`), how scalars are read (`spec/scalar.py`).

Invariant: `Document.value` is plain JSON: dict with text keys, list, str, int, float,
bool, None. Positions stay in the composed nodes and are looked up only when somebody asks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import yaml

from pipeyard.model.diagnostic import Diagnostic, PathItem, Place, Span, Written, YamlPath
from pipeyard.spec.collection import no_cycle_collection
from pipeyard.spec.compose import PLAIN, broken_yaml, compose, has_libyaml
from pipeyard.spec.scalar import describe
from pipeyard.spec.tree import MERGE_KEY, build_tree

__all__ = ["Document", "document_of", "document_on_command_line", "has_libyaml", "located", "parse_document"]

# Where a document's text came from, for one that has none.
_NO_FILE = ""


class Document:
    """One YAML text: its plain tree, and where everything in it stands."""

    __slots__ = ("_entries", "_fixed", "_grafts", "_root", "_text", "file", "source", "value")

    def __init__(
        self,
        value: Any,
        *,
        source: str,
        file: str = _NO_FILE,
        root: yaml.Node | None = None,
        text: str = "",
        grafts: Mapping[YamlPath, Document] | None = None,
        fixed: Span | None = None,
    ) -> None:
        """Made by the functions below; `value` is the tree to read."""
        self.source = source
        self.file = file
        self.value = value
        self._root = root
        self._text = text
        # Parts that came from elsewhere: inlined files, values of `--set`.
        self._grafts: dict[YamlPath, Document] = dict(grafts or {})
        # The one span of a tree that stands on a command line.
        self._fixed = fixed
        self._entries: dict[int, dict[PathItem, tuple[yaml.Node, yaml.Node]]] = {}

    def grafted(self, value: Any, grafts: Mapping[YamlPath, Document]) -> Document:
        """Return this document with a new tree, parts of which stand in other documents."""
        return Document(
            value,
            source=self.source,
            file=self.file,
            root=self._root,
            text=self._text,
            grafts={**self._kept_grafts(grafts), **grafts},
            fixed=self._fixed,
        )

    def _kept_grafts(self, over: Mapping[YamlPath, Document]) -> dict[YamlPath, Document]:
        """Return the grafts that no new one covers."""
        return {
            path: graft
            for path, graft in self._grafts.items()
            if not any(path[:length] in over for length in range(len(path) + 1))
        }

    def span(self, where: Place | YamlPath, *, on_key: bool = False) -> Span | None:
        """Return where something stands; where its nearest parent does if it was not written."""
        place = where if isinstance(where, Place) else Place(self.source, where, on_key)
        owner, path = self._owner(place.path, on_key=place.on_key)
        if owner is not self:
            return owner.span(replace(place, path=path))
        if self._fixed is not None or self._root is None:
            return self._fixed
        return self._own_span(place)

    def source_at(self, path: YamlPath) -> str:
        """Return the document whose folder a path written here is relative to."""
        owner, rest = self._owner(path)
        return owner.source_at(rest) if owner is not self else self.source

    def raw_at(self, path: YamlPath) -> str | None:
        """Return an unquoted scalar as it was written; None for anything else."""
        owner, rest = self._owner(path)
        if owner is not self:
            return owner.raw_at(rest)
        found = self._find(path)
        if found is None or found[2] < len(path):
            return None
        node = found[1]
        return str(node.value) if node is not None and node.tag == PLAIN else None

    def _owner(self, path: YamlPath, *, on_key: bool = False) -> tuple[Document, YamlPath]:
        if self._grafts:
            for length in range(len(path), -1, -1):
                graft = self._grafts.get(path[:length])
                # The key above an inlined file still stands here.
                if graft is not None and not (on_key and length == len(path) and self._is_written(path)):
                    return graft, path[length:]
        return self, path

    def _is_written(self, path: YamlPath) -> bool:
        found = self._find(path)
        return found is not None and found[2] == len(path)

    def _find(self, path: YamlPath) -> tuple[yaml.Node | None, yaml.Node, int] | None:
        """Return the key and value nodes at a path, or of its nearest parent, and how far that went."""
        if self._root is None:
            return None
        key: yaml.Node | None = None
        node = self._root
        for depth, item in enumerate(path):
            entry = self._entries_of(node).get(item)
            if entry is None:
                return key, node, depth
            key, node = (entry[0] if isinstance(node, yaml.MappingNode) else None), entry[1]
        return key, node, len(path)

    def _entries_of(self, node: yaml.Node) -> dict[PathItem, tuple[yaml.Node, yaml.Node]]:
        known = self._entries.get(id(node))
        if known is None:
            known = self._entries[id(node)] = _entries(node)
        return known

    def _own_span(self, place: Place) -> Span | None:
        found = self._find(place.path)
        if found is None:
            return None
        key, node, depth = found
        if depth < len(place.path) or place.on_key or _is_block(node):
            return self._mark(key or _first_of(node))
        if place.stretch is not None:
            part = self._part(node, *place.stretch)
            if part is not None:
                return part
        return self._mark(node, key)

    def _mark(self, node: yaml.Node, key: yaml.Node | None = None) -> Span:
        start, end = node.start_mark, node.end_mark
        if key is not None and start.index == end.index:
            # Nothing was written behind the key: the key is all there is to show.
            start, end = key.start_mark, key.end_mark
        return Span(self.file, start.line + 1, start.column + 1, end.line + 1, end.column + 1)

    def _part(self, node: yaml.Node, start: int, end: int) -> Span | None:
        """
        Return where a part of a text stands.

        The part is looked for in the text as written, because folding, quoting
        and indentation move offsets.
        """
        if not isinstance(node, yaml.ScalarNode):
            return None
        wanted = node.value[start:end]
        if not wanted or "\n" in wanted:
            return None
        low, high = node.start_mark.index, node.end_mark.index
        at = low - 1
        for _ in range(node.value.count(wanted, 0, start) + 1):
            at = self._text.find(wanted, at + 1, high)
            if at < 0:
                return None
        line_start = self._text.rfind("\n", 0, at) + 1
        line = node.start_mark.line + 1 + self._text.count("\n", low, at)
        column = at - line_start + 1
        return Span(self.file, line, column, line, column + len(wanted))


def parse_document(text: str, *, source: str, file: str) -> tuple[Document | None, tuple[Diagnostic, ...]]:
    """
    Return the document in a YAML text, and the problems of the text.

    None when there is no tree to speak of: broken YAML, an empty file, several
    documents, or something other than a mapping at the top.
    """
    with no_cycle_collection():
        return _parse(text.removeprefix("\ufeff"), source=source, file=file)


def document_of(value: Any, *, source: str) -> Document:
    """Return a tree that came as JSON as a document without places in a text."""
    return Document(value, source=source)


def document_on_command_line(value: Any, *, source: str, span: Span) -> Document:
    """Return a value given by `--set`: everything in it stands at one place, and belongs to *source*."""
    return Document(value, source=source, file=span.file, fixed=span)


def located(diagnostics: Iterable[Diagnostic], documents: Mapping[str, Written]) -> tuple[Diagnostic, ...]:
    """Return the problems with their lines and columns, in file order; those without any come last."""
    ranks = {source: rank for rank, source in enumerate(documents)}
    filled = [_located(diagnostic, documents) for diagnostic in diagnostics]

    def order(diagnostic: Diagnostic) -> tuple[int, bool, str, int, int]:
        source, span = diagnostic.place.source, diagnostic.span
        if span is None:
            return len(ranks) + 1, False, "", 0, 0
        # Inlined files come after the file that names them.
        is_elsewhere = source in documents and span.file != documents[source].file
        return ranks.get(source, len(ranks)), is_elsewhere, span.file, span.line, span.column

    return tuple(sorted(filled, key=order))


def _parse(text: str, *, source: str, file: str) -> tuple[Document | None, tuple[Diagnostic, ...]]:
    root, problem = compose(text, source=source, file=file)
    if root is None:
        return None, (problem,) if problem is not None else ()
    value, problems = build_tree(root, source=source, file=file)
    document = Document(value, source=source, file=file, root=root, text=text)
    if not isinstance(value, dict):
        top = broken_yaml(
            "not-a-mapping",
            source,
            f"this file holds {describe(value)}",
            span=document.span(()),
            expected="a mapping of keys to values at the top, such as `type: pipeline`",
        )
        return None, located((*problems, top), {source: document})
    return document, located(problems, {source: document})


def _located(diagnostic: Diagnostic, documents: Mapping[str, Written]) -> Diagnostic:
    return replace(
        diagnostic,
        span=diagnostic.span or _span_of(diagnostic.place, documents),
        related=tuple(
            replace(related, span=related.span or _span_of(related.place, documents)) for related in diagnostic.related
        ),
    )


def _span_of(place: Place, documents: Mapping[str, Written]) -> Span | None:
    document = documents.get(place.source)
    return document.span(place) if document is not None else None


def _is_block(node: yaml.Node) -> bool:
    return isinstance(node, yaml.CollectionNode) and not node.flow_style


def _first_of(node: yaml.Node) -> yaml.Node:
    """Return the first thing in a block, because its own end mark lies in what comes after it."""
    while _is_block(node) and node.value:
        node = node.value[0][0] if isinstance(node, yaml.MappingNode) else node.value[0]
    return node


def _entries(node: yaml.Node) -> dict[PathItem, tuple[yaml.Node, yaml.Node]]:
    if isinstance(node, yaml.SequenceNode):
        return {index: (item, item) for index, item in enumerate(node.value)}
    if not isinstance(node, yaml.MappingNode):
        return {}
    own: dict[PathItem, tuple[yaml.Node, yaml.Node]] = {}
    merged: dict[PathItem, tuple[yaml.Node, yaml.Node]] = {}
    for key, value in node.value:
        if key.tag == PLAIN and key.value == MERGE_KEY:
            for source in value.value if isinstance(value, yaml.SequenceNode) else [value]:
                merged = {**_entries(source), **merged}
        elif isinstance(key, yaml.ScalarNode):
            own[key.value] = (key, value)
    return {**merged, **own}
