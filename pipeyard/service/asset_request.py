"""
What a caller hands over to publish, change or share a version.

In:       one JSON object from the wire.
Out:      values whose outer shape is right.
Not here: the language inside `body` (`pipeyard.spec`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from pipeyard.model.asset_record import MUTABLE
from pipeyard.model.assets import AssetKind
from pipeyard.model.errors import UserError
from pipeyard.model.nearest import nearest
from pipeyard.model.record import JsonObject
from pipeyard.model.value import dataclass

_TEXTS = ("name", "version", "display_name", "description", "stage")
_MAPPINGS = ("tags", "properties")


@dataclass(frozen=True, slots=True)
class AssetRequest:
    """The file of an asset as a tree, with everything that belongs to it."""

    # As the file says it, with what was given beside it written over.
    document: JsonObject
    # Anonymous components by digest.
    components: Mapping[str, JsonObject] = field(default_factory=dict)
    user: str = ""


@dataclass(frozen=True, slots=True)
class ShareRequest:
    """Where a version is to be put, and under which name."""

    registry: str
    # None: as it is called.
    name: str | None = None
    version: str | None = None


def asset_request(body: Any) -> AssetRequest:
    """Return the request in *body*, or raise `UserError` naming the member that is wrong."""
    members = _mapping(body, "the request")
    document = dict(_mapping(members.get("body"), "`body`"))
    for key in _TEXTS:
        value = _text(members, key)
        if value is not None:
            document[key] = value
    for key in _MAPPINGS:
        if members.get(key) is not None:
            document[key] = _mapping(members[key], f"`{key}`")
    return AssetRequest(
        document=document,
        components={
            digest: _mapping(tree, f"`components.{digest}`")
            for digest, tree in _mapping(members.get("components") or {}, "`components`").items()
        },
        user=_text(members, "user") or "",
    )


def share_request(body: Any) -> ShareRequest:
    """Return the request in *body*, or raise `UserError` naming the member that is wrong."""
    members = _mapping(body, "the request")
    registry = _text(members, "registry")
    if not registry:
        raise UserError("`registry` has to name a registry", code="bad-request")
    return ShareRequest(registry, _text(members, "name"), _text(members, "version"))


def label_request(body: Any) -> str:
    """Return the version that a label is to stand for."""
    version = _text(_mapping(body, "the request"), "version")
    if not version:
        raise UserError("`version` has to name a version", code="bad-request")
    return version


def changes_of(kind: AssetKind, body: Any) -> dict[str, Any]:
    """Return the new values in *body*; `UserError` for what may not change."""
    allowed = [key for key in MUTABLE if key != "stage" or kind is AssetKind.MODEL]
    return {key: _change(kind, key, value, allowed) for key, value in _mapping(body, "the request").items()}


def text_map(value: Any, what: str) -> dict[str, str]:
    """Return a mapping of texts; null counts as empty text."""
    return {str(key): "" if item is None else _as_text(item) for key, item in _mapping(value, what).items()}


def _change(kind: AssetKind, key: str, value: Any, allowed: list[str]) -> Any:
    if key not in allowed:
        close = nearest(key, allowed)
        raise UserError(
            f"`{key}` of a {kind.value} version cannot be changed: a version is written once",
            code="not-changeable",
            hint=f"did you mean `{close}`?" if close else f"create another version; {', '.join(allowed)} can change",
        )
    if key in _MAPPINGS:
        return text_map(value or {}, f"`{key}`")
    if value is not None and not isinstance(value, str):
        raise UserError(f"`{key}` has to be text", code="bad-request")
    return value or None


def _as_text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict | list):
        raise UserError("tags and properties are texts", code="bad-request")
    return str(value)


def _mapping(value: Any, what: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise UserError(f"{what} has to be a JSON object", code="bad-request")
    return value


def _text(members: Mapping[str, Any], name: str) -> str | None:
    value = members.get(name)
    if value is not None and not isinstance(value, str):
        raise UserError(f"`{name}` has to be text or null", code="bad-request")
    return value
