"""
Composed nodes as a plain tree: aliases followed, merge keys merged, scalars read.

In:       the root node of a text.
Out:      plain JSON values, and what is wrong with keys, tags and aliases.
Not here: composing (`spec/compose.py`), the table of scalars (`spec/scalar.py`).

Invariant: the tree is never much larger than the text, whatever its aliases say.
"""

from __future__ import annotations

from typing import Any

import yaml

from pipeyard.model.diagnostic import Diagnostic, PathItem, Place, Related, Severity
from pipeyard.spec.compose import MAPPING, PLAIN, SEQUENCE, TEXT, span_of_node
from pipeyard.spec.scalar import read_plain

MERGE_KEY = "<<"

# Values that aliases may add to a tree. A real file adds some dozens.
ALIASED_VALUES_MAX = 100_000

_PREFIX = "tag:yaml.org,2002:"


def build_tree(root: yaml.Node, *, source: str, file: str) -> tuple[Any, tuple[Diagnostic, ...]]:
    """Return the plain value of a node, and the problems met on the way."""
    builder = _Builder(source, file)
    value = builder.build(root)
    return value, tuple(builder.problems)


class _Builder:
    def __init__(self, source: str, file: str) -> None:
        self.problems: list[Diagnostic] = []
        self._source = source
        self._file = file
        self._path: list[PathItem] = []
        # Collections that are finished, with the values in them; None while one is being built.
        self._known: dict[int, tuple[Any, int] | None] = {}
        self._count = 0
        self._aliased = 0

    def build(self, node: yaml.Node) -> Any:
        self._count += 1
        if isinstance(node, yaml.ScalarNode):
            return read_plain(node.value) if node.tag == PLAIN else self._tagged_scalar(node)
        mark = id(node)
        if mark in self._known:
            return self._alias(node, self._known[mark])
        self._known[mark] = None
        before = self._count
        value = self._mapping(node) if isinstance(node, yaml.MappingNode) else self._sequence(node)
        self._known[mark] = (value, self._count - before + 1)
        return value

    def _alias(self, node: yaml.Node, known: tuple[Any, int] | None) -> Any:
        if known is None:
            self._report("alias-ring", "this alias stands inside what it names", node)
            return None
        value, size = known
        self._aliased += size
        self._count += size
        if self._aliased > ALIASED_VALUES_MAX:
            if not any(problem.code == "too-many-aliases" for problem in self.problems):
                self._report("too-many-aliases", "the aliases of this file make it grow without measure", node)
            return None
        return value

    def _sequence(self, node: yaml.Node) -> list[Any]:
        self._check_tag(node, SEQUENCE)
        values = []
        for index, item in enumerate(node.value):
            self._path.append(index)
            values.append(self.build(item))
            self._path.pop()
        return values

    def _mapping(self, node: yaml.Node) -> dict[str, Any]:
        self._check_tag(node, MAPPING)
        values: dict[str, Any] = {}
        merged: list[yaml.Node] = []
        path = self._path
        for key_node, value_node in node.value:
            if key_node.tag == PLAIN and key_node.value == MERGE_KEY:
                merged += value_node.value if isinstance(value_node, yaml.SequenceNode) else [value_node]
                continue
            key = self._key(key_node)
            if key is None:
                continue
            path.append(key)
            if key in values:
                self._report_repeated(key, key_node, node)
            values[key] = self.build(value_node)
            path.pop()
        for source in merged:
            self._merge(source, values)
        return values

    def _merge(self, source: yaml.Node, values: dict[str, Any]) -> None:
        """Add the keys of a merged mapping; keys that are there already win, as YAML says."""
        if not isinstance(source, yaml.MappingNode):
            self._report("broken-merge", "`<<` takes a mapping, or a list of mappings", source)
            return
        # None after a ring or too many aliases, which were reported.
        for key, value in (self.build(source) or {}).items():
            values.setdefault(key, value)

    def _key(self, node: yaml.Node) -> str | None:
        if not isinstance(node, yaml.ScalarNode):
            self._report("key-not-text", "a key must be a text, this is a list or mapping", node)
            return None
        # What `on:` means under `retry:` is clear, whatever YAML makes of it.
        is_known = node.value.lower() == "on" and self._path[-1:] == ["retry"]
        if node.tag == PLAIN and not is_known and not isinstance(read_plain(node.value), str):
            self._report(
                "key-not-text",
                f"the key `{node.value}` is taken as text, though YAML reads it as something else",
                node,
                severity=Severity.WARNING,
                hint=f'write "{node.value}" in quotes',
            )
        return str(node.value)

    def _tagged_scalar(self, node: yaml.ScalarNode) -> Any:
        tag = node.tag
        if tag == TEXT or tag.endswith(":timestamp"):
            return node.value
        kinds: dict[str, tuple[type, ...]] = {
            "int": (int,),
            "float": (float, int),
            "bool": (bool,),
            "null": (type(None),),
        }
        wanted = kinds.get(tag.removeprefix(_PREFIX))
        if wanted is None:
            self._report_tag(node)
            return node.value
        value = read_plain(node.value)
        if not isinstance(value, wanted):
            self._report("unknown-tag", f"`{node.value}` is not what its tag says: `{tag}`", node)
        return float(value) if tag.endswith(":float") and isinstance(value, int) else value

    def _check_tag(self, node: yaml.Node, plain: str) -> None:
        if node.tag != plain:
            self._report_tag(node)

    def _report_tag(self, node: yaml.Node) -> None:
        name = node.tag.replace(_PREFIX, "!!")
        self._report("unknown-tag", f"the tag `{name}` means nothing here", node, hint="remove the tag")

    def _report_repeated(self, key: str, node: yaml.Node, mapping: yaml.Node) -> None:
        first = next(other for other, _ in mapping.value if getattr(other, "value", None) == key)
        place = Place(self._source, tuple(self._path), on_key=True)
        self.problems.append(
            Diagnostic(
                "repeated-key",
                f"`{key}` is written twice in this mapping, and only one of them can count",
                place,
                hint="remove one of the two",
                related=(Related("first written here", place, span_of_node(first, self._file)),),
                span=span_of_node(node, self._file),
            )
        )

    def _report(
        self,
        code: str,
        message: str,
        node: yaml.Node,
        *,
        severity: Severity = Severity.ERROR,
        hint: str | None = None,
    ) -> None:
        place = Place(self._source, tuple(self._path))
        self.problems.append(Diagnostic(code, message, place, severity, hint=hint, span=span_of_node(node, self._file)))
