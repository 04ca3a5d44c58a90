"""
Plain trees as text, and trees with some leaves replaced.

In:       a plain tree, as a `Document` holds it.
Out:      canonical JSON, its digest, YAML as a person would write it, or a new tree.
Not here: specs: what is sent and kept is the tree that the user wrote.

Invariant: what `render_yaml` writes is read back as the same tree.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from enum import Enum
from typing import Any, Final

import yaml

from pipeyard.model.diagnostic import PathItem, YamlPath


class _Delete(Enum):
    DELETE = "delete"


# In `replace_leaves`: take the key or list entry away.
DELETE: Final = _Delete.DELETE

_SCHEMA_KEY = "$schema"


def canonical_json(tree: Any) -> str:
    """Return the one JSON text of a tree: keys sorted, no blanks, letters of every alphabet as they are."""
    return json.dumps(tree, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def tree_digest(tree: Mapping[str, Any]) -> str:
    """
    Return the SHA-256 in hex that names an anonymous component.

    `$schema` is left out: it helps editors and changes nothing.
    """
    body = {key: value for key, value in tree.items() if key != _SCHEMA_KEY}
    # JSON may hold half a surrogate pair, which is no reason to fail.
    return hashlib.sha256(canonical_json(body).encode("utf-8", "surrogatepass")).hexdigest()


def render_yaml(tree: Any) -> str:
    """Return a tree as block-style YAML in its own order; long commands become `|` blocks."""
    return str(yaml.dump(tree, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=_NO_FOLDING))


_NO_FOLDING = 10_000_000
_ODD_LINE_ENDS = "\r\x85\u2028\u2029"


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002
        # List entries stand further in than their key, as in Azure's examples.
        super().increase_indent(flow, False)  # noqa: FBT003


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = None
    if not set(text).isdisjoint(_ODD_LINE_ENDS):
        # Only as escapes do they come back as what they were.
        style = '"'
    elif "\n" in text and _may_be_block(text):
        style = "|"
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


def _may_be_block(text: str) -> bool:
    """Return whether a `|` block gives back exactly this text; blanks at the ends of lines would be hard to see."""
    lines = text.split("\n")
    return (
        text[0] not in " \n"
        and all(line.isprintable() for line in lines)
        and not any(line.endswith((" ", "\t")) for line in lines)
    )


_Dumper.add_representer(str, _represent_text)


def replace_leaves(tree: Any, replacements: Mapping[YamlPath, Any]) -> Any:
    """
    Return the tree with values set or taken away at some paths; the rest is shared.

    A path may name a new key of an existing mapping, and with the empty path the whole tree.
    """
    if () in replacements:
        return replacements[()]
    below: dict[PathItem, dict[YamlPath, Any]] = {}
    for path, value in replacements.items():
        below.setdefault(path[0], {})[path[1:]] = value
    if isinstance(tree, list):
        return _replaced_list(tree, below)
    values = dict(tree or {})
    for key, inner in below.items():
        if inner.get(()) is DELETE:
            values.pop(str(key), None)
        else:
            values[str(key)] = replace_leaves(values.get(str(key)), inner)
    return values


def _replaced_list(tree: list[Any], below: Mapping[PathItem, Mapping[YamlPath, Any]]) -> list[Any]:
    values = []
    for index, value in enumerate(tree):
        inner = below.get(index)
        if inner is None:
            values.append(value)
        elif inner.get(()) is not DELETE:
            values.append(replace_leaves(value, inner))
    if len(tree) in below:
        values.append(replace_leaves(None, below[len(tree)]))
    return values
