"""
Entries of the history about assets.

In:       who did it and when, and to what.
Out:      `AuditEntry` values, stored with the change that they tell of.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipeyard.model.asset_record import AssetContainer, AssetVersion, AuditEntry
from pipeyard.model.value import dataclass


@dataclass(frozen=True, slots=True)
class Who:
    """Somebody, at some time."""

    name: str
    at_ms: int


def change_entry(asset: AssetVersion, values: Mapping[str, Any], who: Who) -> AuditEntry:
    """Return the entry of an edit, with what was there before."""
    detail = {field: {"before": _plain(getattr(asset, field)), "after": _plain(values[field])} for field in values}
    return asset_entry(asset, "update", who, detail)


def asset_entry(asset: AssetVersion, action: str, who: Who, detail: Mapping[str, Any] | None = None) -> AuditEntry:
    """Return an entry about one version."""
    return AuditEntry(
        asset.workspace, who.at_ms, who.name, action, asset.kind.value, asset.name, asset.version, detail or {}
    )


def container_entry(container: AssetContainer, action: str, who: Who) -> AuditEntry:
    """Return an entry about a name and all its versions."""
    return AuditEntry(container.workspace, who.at_ms, who.name, action, container.kind.value, container.name)


def _plain(value: Any) -> Any:
    return dict(value) if isinstance(value, Mapping) else value
