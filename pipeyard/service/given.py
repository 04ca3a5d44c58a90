"""
The values of a child job, as they are stored.

In:       literals and data by name.
Out:      a JSON object, and the same values again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipeyard.graph.model import Data, Literal
from pipeyard.model.assets import DataUri
from pipeyard.model.diagnostic import Place
from pipeyard.model.errors import Bug
from pipeyard.model.record import JsonObject
from pipeyard.model.types import InputMode, PortType


def values_json(values: Mapping[str, Literal | Data]) -> JsonObject:
    """Return values as they are stored."""
    return {name: _json(value) for name, value in values.items()}


def values_of(stored: Mapping[str, Any]) -> dict[str, Literal | Data]:
    """Return the values that `values_json` stored."""
    return {name: _value(value) for name, value in stored.items()}


def _json(value: Literal | Data) -> JsonObject:
    if isinstance(value, Literal):
        return {"value": value.value}
    if not isinstance(value.path, DataUri):
        raise Bug(f"a child job was given {value.path}, which nobody resolved")
    shown = {"path": value.path.text, "type": value.type.value, "mode": value.mode.value}
    return shown if value.content is None else {**shown, "content": value.content}


def _value(stored: Mapping[str, Any]) -> Literal | Data:
    if "value" in stored:
        return Literal(stored["value"])
    type_, mode = PortType(stored["type"]), InputMode(stored["mode"])
    return Data(DataUri(stored["path"]), type_, mode, Place(), content=stored.get("content"))
