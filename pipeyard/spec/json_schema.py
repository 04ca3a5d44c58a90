"""
The table of fields as JSON Schema, for editors that complete and explain what is typed.

In:       a kind of mapping, as `schema.py` names them.
Out:      a JSON Schema with each key's description, default and, where the table says it, type.
Not here: checking: an editor guesses, `decode_*.py` knows. So nothing is forbidden here but unknown keys.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipeyard.spec.field import Field
from pipeyard.spec.schema import SCHEMA

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_TYPES: Mapping[str, Mapping[str, Any]] = {
    "text": {"type": ["string", "number", "boolean"]},
    "true or false": {"type": ["boolean", "string"]},
    "whole number": {"type": ["integer", "string"]},
    "number": {"type": ["number", "string"]},
    "mapping": {"type": "object"},
    "list": {"type": "array"},
}


# What may stand in a pipeline, at any depth.
INSIDE = (
    "settings",
    "step",
    "inline step",
    "sweep step",
    "parallel step",
    "if_else step",
    "do_while step",
    "parallel_for step",
    "pipeline component",
    "input",
    "output",
    "limits",
    "resources",
    "retry",
    "queue_settings",
    "distribution",
)


def kinds_described() -> tuple[str, ...]:
    """Return every kind that has a schema, by name."""
    return tuple(sorted(SCHEMA))


def json_schema(kind: str) -> dict[str, Any] | None:
    """
    Return the schema of a kind, None for one that there is not.

    That of a pipeline brings those of what may stand in it under `$defs`, so that an editor asks once.
    """
    fields = SCHEMA.get(kind)
    if fields is None:
        return None
    inside = {"$defs": {name: _mapping(name, SCHEMA[name]) for name in INSIDE}} if kind.startswith("pipeline ") else {}
    return {"$schema": _DIALECT, **_mapping(kind, fields), **inside}


def _mapping(kind: str, fields: tuple[Field, ...]) -> dict[str, Any]:
    return {
        "title": kind,
        "type": "object",
        "properties": {field.name: _property(field) for field in fields},
        "required": [field.name for field in fields if field.is_required],
        "additionalProperties": False,
    }


def _property(field: Field) -> dict[str, Any]:
    shown: dict[str, Any] = {"description": field.description}
    # Expressions and references are texts wherever a mapping may stand.
    words = field.type.split(" of ")[0] if field.type.startswith(("mapping of", "list of")) else field.type
    shown |= _TYPES.get(words, {})
    # The type in words, as pages show it, and the default in words.
    shown["x-type"] = field.type
    if field.default is not None:
        shown["x-default"] = field.default
    return shown
