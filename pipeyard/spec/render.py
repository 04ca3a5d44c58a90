"""
Plain trees as JSON, and trees with some leaves replaced.

In:       a plain tree, as a `Document` holds it.
Out:      canonical JSON, its digest, or a new tree.
Not here: specs: what is sent and kept is the tree that the user wrote; YAML (`render_yaml.py`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from enum import Enum
from typing import Any, Final

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
