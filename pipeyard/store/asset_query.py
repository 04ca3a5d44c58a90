"""
What is read of assets, their lineage and the history.

In:       keys, filters, the last thing seen.
Out:      SQLAlchemy statements, each one stretch of one index.
Not here: running them (`assets.py`), rows (`asset_rows.py`).
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, Table, and_, or_, select

from pipeyard.model.asset_record import DEFAULT, LATEST, AssetFilter, AssetKey, AuditFilter
from pipeyard.model.assets import ANONYMOUS, AssetKind
from pipeyard.model.status import JobStatus
from pipeyard.store import tables
from pipeyard.store.asset_tables import asset_containers as containers
from pipeyard.store.asset_tables import asset_labels as labels
from pipeyard.store.asset_tables import asset_needs as needs
from pipeyard.store.asset_tables import asset_tombstones as tombstones
from pipeyard.store.asset_tables import asset_uses as uses
from pipeyard.store.asset_tables import asset_versions as versions
from pipeyard.store.asset_tables import audit
from pipeyard.store.packing import pack_json

# In the order that `asset_rows.asset_of` reads.
_SUMMARY = tuple(column for column in versions.c if column.name != "body")
_ENDED = [status.value for status in JobStatus if status.is_terminal]
# Enough to say what is near; a name with more versions is no help in a message.
_NEAR_MAX = {"versions": 300, "names": 3000}


def one(key: AssetKey) -> Select[Any]:
    """Select a version, body and all."""
    return select(versions).where(
        *_named(versions, key.workspace, key.kind, key.name), versions.c.version == key.version
    )


def tombstone(key: AssetKey) -> Select[Any]:
    """Select what is left of a version that was deleted."""
    return select(tombstones).where(
        *_named(tombstones, key.workspace, key.kind, key.name), tombstones.c.version == key.version
    )


def labeled(workspace: str, kind: AssetKind, name: str, label: str) -> Select[Any]:
    """Select the version that a label was set to."""
    joined = _same_name(labels, versions) & (labels.c.version == versions.c.version)
    return select(versions).join(labels, joined).where(*_named(labels, workspace, kind, name), labels.c.label == label)


def newest(workspace: str, kind: AssetKind, name: str) -> Select[Any]:
    """Select the version created last that is not archived."""
    return (
        select(versions)
        .where(*_named(versions, workspace, kind, name), versions.c.is_archived.is_(False))
        .order_by(versions.c.serial.desc())
        .limit(1)
    )


def falls_back_to_newest(label: str) -> bool:
    """Return whether a label that was never set has a meaning of its own."""
    return label in (LATEST, DEFAULT)


def container_rows(workspace: str, kind: AssetKind) -> Select[Any]:
    """Select names with their newest version (NULLs when all are archived), by name."""
    newest_serial = (
        select(versions.c.serial)
        .where(_same_name(versions, containers), versions.c.is_archived.is_(False))
        .order_by(versions.c.serial.desc())
        .limit(1)
        .correlate(containers)
        .scalar_subquery()
    )
    has_any = select(versions.c.version).where(_same_name(versions, containers)).correlate(containers).exists()
    named = [column.label(f"container_{column.name}") for column in containers.c]
    return (
        select(*named, *_SUMMARY)
        .outerjoin_from(
            containers, versions, and_(_same_name(versions, containers), versions.c.serial == newest_serial)
        )
        .where(containers.c.workspace == workspace, containers.c.kind == kind.value, has_any)
        .order_by(containers.c.name)
    )


def container_page(
    workspace: str, kind: AssetKind, which: AssetFilter, *, limit: int, after: str | None
) -> Select[Any]:
    """Select a page of names."""
    statement = container_rows(workspace, kind).where(containers.c.name != ANONYMOUS)
    # A name whose versions are all archived is as hidden as one that is archived itself.
    is_hidden = or_(containers.c.is_archived.is_(True), versions.c.version.is_(None))
    if which.archived == "active":
        statement = statement.where(~is_hidden)
    elif which.archived == "archived":
        statement = statement.where(is_hidden)
    if after is not None:
        statement = statement.where(containers.c.name > after)
    for word in (which.text or "").split():
        statement = statement.where(_has_word(word))
    return _kept(statement, which).limit(limit)


def one_container(workspace: str, kind: AssetKind, name: str) -> Select[Any]:
    """Select one name."""
    return container_rows(workspace, kind).where(containers.c.name == name)


def version_page(
    workspace: str, kind: AssetKind, name: str, which: AssetFilter, *, limit: int, before: int | None
) -> Select[Any]:
    """Select a page of versions without bodies, created last first."""
    statement = select(*_SUMMARY).where(*_named(versions, workspace, kind, name))
    if which.archived != "all":
        statement = statement.where(versions.c.is_archived.is_(which.archived == "archived"))
    if before is not None:
        statement = statement.where(versions.c.serial < before)
    return _kept(statement, which).order_by(versions.c.serial.desc()).limit(limit)


def version_names(workspace: str, kind: AssetKind, name: str) -> Select[Any]:
    """Select some versions of a name, created last first."""
    statement = select(versions.c.version).where(*_named(versions, workspace, kind, name))
    return statement.order_by(versions.c.serial.desc()).limit(_NEAR_MAX["versions"])


def asset_names(workspace: str, kind: AssetKind) -> Select[Any]:
    """Select some names."""
    statement = select(containers.c.name).where(containers.c.workspace == workspace, containers.c.kind == kind.value)
    return statement.where(containers.c.name != ANONYMOUS).order_by(containers.c.name).limit(_NEAR_MAX["names"])


def users(key: AssetKey, *, limit: int, unfinished_only: bool) -> Select[Any]:
    """Select the uses of a version, newest job first."""
    statement = select(uses).where(
        uses.c.asset_workspace == key.workspace,
        uses.c.kind == key.kind.value,
        uses.c.name == key.name,
        uses.c.version == key.version,
    )
    if unfinished_only:
        jobs = tables.jobs
        statement = statement.join(jobs, jobs.c.name == uses.c.root_name).where(jobs.c.status.not_in(_ENDED))
    return statement.order_by(uses.c.at_ms.desc(), uses.c.job_name, uses.c.role).limit(limit)


def used_by_job(workspace: str, root_name: str) -> Select[Any]:
    """Select what a root job and everything below it use."""
    statement = select(uses).where(uses.c.root_name == root_name, uses.c.workspace == workspace)
    return statement.order_by(uses.c.job_name, uses.c.role)


def needing(key: AssetKey, *, limit: int) -> Select[Any]:
    """Select the versions that need one."""
    return (
        select(needs.c.workspace, needs.c.kind, needs.c.name, needs.c.version)
        .distinct()
        .where(
            needs.c.needed_workspace == key.workspace,
            needs.c.needed_kind == key.kind.value,
            needs.c.needed_name == key.name,
            needs.c.needed_version == key.version,
        )
        .order_by(needs.c.workspace, needs.c.kind, needs.c.name, needs.c.version)
        .limit(limit)
    )


def needed(key: AssetKey) -> Select[Any]:
    """Select what a version needs."""
    statement = select(needs).where(*_named(needs, key.workspace, key.kind, key.name), needs.c.version == key.version)
    return statement.order_by(needs.c.role)


def produced(workspace: str, root_name: str) -> Select[Any]:
    """Select the versions that a root job's steps wrote."""
    jobs = tables.jobs
    return (
        select(*_SUMMARY)
        .join(jobs, jobs.c.name == versions.c.produced_by)
        .where(jobs.c.root_name == root_name, jobs.c.workspace == workspace, versions.c.produced_by.is_not(None))
        .order_by(versions.c.created_at_ms, versions.c.kind, versions.c.name, versions.c.serial)
    )


def audit_page(which: AuditFilter, *, limit: int, before: int | None) -> Select[Any]:
    """Select a page of the history, newest first."""
    statement = select(audit)
    for column, value in (("workspace", which.workspace), ("kind", which.kind), ("name", which.name)):
        if value is not None:
            statement = statement.where(audit.c[column] == value)
    if before is not None:
        statement = statement.where(audit.c.seq < before)
    return statement.order_by(audit.c.seq.desc()).limit(limit)


def _kept(statement: Select[Any], which: AssetFilter) -> Select[Any]:
    if which.type is not None:
        statement = statement.where(versions.c.type == which.type)
    if which.stage is not None:
        statement = statement.where(versions.c.stage == which.stage)
    return statement


def _has_word(word: str) -> Any:
    """Say that a word is in what names show; tags are kept as JSON, and so is the word looked for there."""
    inside = pack_json(word)[1:-1]
    # `key:value`, as the JSON of the tags has it.
    pair = pack_json({"": ""})[2:-2]
    found = [column.icontains(word, autoescape=True) for column in (containers.c.name, versions.c.display_name)]
    found += [versions.c.type.icontains(word, autoescape=True), versions.c.tags.icontains(inside, autoescape=True)]
    for mark in (":", "="):
        if mark in inside.strip(mark):
            found.append(versions.c.tags.icontains(inside.replace(mark, pair, 1), autoescape=True))
    return or_(*found)


def _named(table: Table, workspace: str, kind: AssetKind, name: str) -> list[Any]:
    return [table.c.workspace == workspace, table.c.kind == kind.value, table.c.name == name]


def _same_name(one_table: Table, other: Table) -> Any:
    return and_(*(one_table.c[column] == other.c[column] for column in ("workspace", "kind", "name")))
