"""
What can be put into a pipeline: of each name its newest version with its body, in three queries.

In:       a workspace (or registry) and a kind.
Out:      `Offer`s.
Not here: lists that people page through (`asset_query.py`), which come without bodies.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, and_, func, select

from pipeyard.model.assets import ANONYMOUS, AssetKind
from pipeyard.model.draft_record import Offer
from pipeyard.store.asset_rows import asset_of
from pipeyard.store.asset_tables import asset_containers as containers
from pipeyard.store.asset_tables import asset_uses as uses
from pipeyard.store.asset_tables import asset_versions as versions
from pipeyard.store.reader import Reader

# Nobody chooses among more by looking at them.
_VERSIONS_MAX = 50
_NAMES_MAX = 5000


def offers_of(reader: Reader, workspace: str, kind: AssetKind) -> Sequence[Offer]:
    """Return everything of a kind that is not archived, used or made last first."""
    with reader.connection() as connection:
        newest = connection.execute(_newest(workspace, kind)).all()
        known: dict[str, list[str]] = {}
        for name, version in connection.execute(_versions(workspace, kind)):
            known.setdefault(name, []).append(version)
        used = {row[0]: row[1] for row in connection.execute(_used(workspace, kind))}
    found = [Offer(asset, tuple(known.get(asset.name, ())), used.get(asset.name)) for asset in map(asset_of, newest)]
    return sorted(found, key=lambda one: (-max(one.asset.created_at_ms, one.used_at_ms or 0), one.asset.name))


def _newest(workspace: str, kind: AssetKind) -> Select[Any]:
    last = (
        select(func.max(versions.c.serial).label("serial"), versions.c.name.label("name"))
        .where(*_visible(workspace, kind))
        .group_by(versions.c.name)
        .subquery()
    )
    return (
        select(versions)
        .join(last, and_(versions.c.name == last.c.name, versions.c.serial == last.c.serial))
        .join(containers, _same_name())
        .where(*_visible(workspace, kind), containers.c.is_archived.is_(False))
        .limit(_NAMES_MAX)
    )


def _versions(workspace: str, kind: AssetKind) -> Select[Any]:
    place = func.row_number().over(partition_by=versions.c.name, order_by=versions.c.serial.desc()).label("place")
    ranked = select(versions.c.name, versions.c.version, place).where(*_visible(workspace, kind)).subquery()
    return (
        select(ranked.c.name, ranked.c.version)
        .where(ranked.c.place <= _VERSIONS_MAX)
        .order_by(ranked.c.name, ranked.c.place)
    )


def _used(workspace: str, kind: AssetKind) -> Select[Any]:
    return (
        select(uses.c.name, func.max(uses.c.at_ms))
        .where(uses.c.asset_workspace == workspace, uses.c.kind == kind.value)
        .group_by(uses.c.name)
    )


def _visible(workspace: str, kind: AssetKind) -> tuple[Any, ...]:
    return (
        versions.c.workspace == workspace,
        versions.c.kind == kind.value,
        versions.c.name != ANONYMOUS,
        versions.c.is_archived.is_(False),
    )


def _same_name() -> Any:
    return and_(
        containers.c.workspace == versions.c.workspace,
        containers.c.kind == versions.c.kind,
        containers.c.name == versions.c.name,
    )
