"""
The registered assets that a plain tree names, and where.

In:       the tree of a job or a component, files already replaced.
Out:      each reference with the path of its leaf.
Not here: what they mean (`registry/resolve.py`), local things (`spec/decode.py`).

The tree and not the spec is walked, because what is sent and kept is the tree: a
reference is pinned by replacing its leaf.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from pipeyard.model.assets import AssetKind, AssetRef
from pipeyard.model.diagnostic import YamlPath
from pipeyard.spec.binding import OPEN
from pipeyard.spec.reference import parse_data_path, parse_reference

# What holds one asset, in a job, a step or a component.
_LEAVES: Mapping[str, AssetKind] = {
    "component": AssetKind.COMPONENT,
    "trial": AssetKind.COMPONENT,
    "environment": AssetKind.ENVIRONMENT,
}
_MODELS = frozenset({"mlflow_model", "custom_model", "triton_model"})


def registered_references(tree: Mapping[str, Any]) -> Iterator[tuple[YamlPath, AssetRef]]:
    """Yield what a job or component names, inline steps and components included; anonymous components too."""
    for key, kind in _LEAVES.items():
        value = tree.get(key)
        if isinstance(value, str):
            found = _reference(value, kind)
            if found is not None:
                yield (key,), found
        elif isinstance(value, Mapping) and kind is AssetKind.COMPONENT:
            yield from _below(key, registered_references(value))
    if isinstance(tree.get("inputs"), Mapping):
        yield from _below("inputs", _inputs(tree["inputs"]))
    if isinstance(tree.get("jobs"), Mapping):
        for key, step in tree["jobs"].items():
            if isinstance(step, Mapping):
                yield from _below("jobs", _below(str(key), registered_references(step)))


def _inputs(inputs: Mapping[str, Any]) -> Iterator[tuple[YamlPath, AssetRef]]:
    for name, value in inputs.items():
        if not isinstance(value, Mapping):
            # A text alone is a value, whatever it looks like.
            continue
        path = value.get("path")
        if isinstance(path, str):
            kind = AssetKind.MODEL if str(value.get("type", "")).lower() in _MODELS else AssetKind.DATA
            found = _data_reference(path, kind)
            if found is not None:
                yield (str(name), "path"), found
        else:
            # Perhaps a group of inputs.
            yield from _below(str(name), _inputs(value))


# A job of a thousand steps names the same few things again and again.
@lru_cache(maxsize=1024)
def _reference(text: str, kind: AssetKind) -> AssetRef | None:
    found = None if OPEN in text else parse_reference(text, kind, "")
    return found if isinstance(found, AssetRef) else None


@lru_cache(maxsize=1024)
def _data_reference(text: str, kind: AssetKind) -> AssetRef | None:
    found = None if OPEN in text else parse_data_path(text, "", kind)
    return found if isinstance(found, AssetRef) else None


def _below(key: str, found: Iterator[tuple[YamlPath, AssetRef]]) -> Iterator[tuple[YamlPath, AssetRef]]:
    for path, reference in found:
        yield (key, *path), reference
