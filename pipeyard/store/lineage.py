"""
`ports.LineageStore` over SQLite and PostgreSQL.

In:       the store's own connections.
Out:      uses, and versions without bodies.
Not here: walking from one to the next (`service/lineage_graph.py`), writing (`asset_write.py`).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Select, Table, select, union_all

from pipeyard.model.asset_record import AssetKey, AssetUse, AssetVersion, OutputUse, Period
from pipeyard.model.assets import ANONYMOUS, AssetKind
from pipeyard.store import asset_rows as rows
from pipeyard.store import tables
from pipeyard.store.asset_tables import asset_uses, asset_versions, output_uses
from pipeyard.store.reader import Reader

# In the order that `asset_rows.asset_of` reads.
_SUMMARY = tuple(column for column in asset_versions.c if column.name != "body")
# They start no jobs.
_NO_PARENTS = ("command", "pipeline")


class SqlLineage:
    """Uses and products, in the database that `SqlStore` has opened."""

    def __init__(self, reader: Reader) -> None:
        """Take the store's own connections."""
        self._reader = reader

    def readers_of(self, asset: AssetKey, period: Period, *, limit: int) -> Sequence[AssetUse]:
        """Return who reads a version, one use for each role of each record."""
        uses = asset_uses
        statement = select(uses).where(
            uses.c.asset_workspace == asset.workspace,
            uses.c.kind == asset.kind.value,
            uses.c.name == asset.name,
            uses.c.version == asset.version,
        )
        return tuple(rows.use_of(row) for row in self._reader.all(_newest(statement, uses, period, limit)))

    def readers_of_output(self, maker: str, output: str, period: Period, *, limit: int) -> Sequence[OutputUse]:
        """Return who reads an output of a step by its place."""
        uses = output_uses
        statement = select(uses).where(uses.c.maker == maker, uses.c.output == output)
        return self._output_uses(_newest(statement, uses, period, limit))

    def assets_read(self, root_name: str, kinds: Collection[AssetKind], *, limit: int) -> Sequence[AssetUse]:
        """Return the versions that a submitted job reads."""
        uses = asset_uses
        statement = (
            select(uses)
            .where(uses.c.root_name == root_name, uses.c.kind.in_(sorted(kind.value for kind in kinds)))
            .order_by(uses.c.kind, uses.c.name, uses.c.version, uses.c.job_name, uses.c.role)
            .limit(limit)
        )
        return tuple(rows.use_of(row) for row in self._reader.all(statement))

    def outputs_read(self, root_name: str, *, limit: int) -> Sequence[OutputUse]:
        """Return the outputs of other jobs that a submitted job reads."""
        uses = output_uses
        statement = select(uses).where(uses.c.root_name == root_name)
        return self._output_uses(statement.order_by(uses.c.job_name, uses.c.role).limit(limit))

    def assets_made(self, root_name: str, kinds: Collection[AssetKind], *, limit: int) -> Sequence[AssetVersion]:
        """Return the versions that a submitted job's steps wrote, those of the jobs it started included; no bodies."""
        jobs, children, steps = tables.jobs, tables.jobs.alias(), tables.jobs.alias()
        own = select(jobs.c.name).where(jobs.c.root_name == root_name)
        # What a step repeats is a job of its own, below that step.
        started = (
            select(steps.c.name)
            .join_from(jobs, children, children.c.parent_name == jobs.c.name)
            .join(steps, steps.c.root_name == children.c.name)
            .where(jobs.c.root_name == root_name, jobs.c.kind.not_in(_NO_PARENTS))
        )
        makers = union_all(own, started).subquery()
        statement = (
            select(*_SUMMARY)
            .join(makers, makers.c.name == asset_versions.c.produced_by)
            .where(
                asset_versions.c.produced_by.is_not(None),
                asset_versions.c.name != ANONYMOUS,
                asset_versions.c.kind.in_(sorted(kind.value for kind in kinds)),
            )
            .order_by(asset_versions.c.kind, asset_versions.c.name, asset_versions.c.serial)
            .limit(limit)
        )
        return tuple(rows.asset_of(row) for row in self._reader.all(statement))

    def outputs_read_elsewhere(self, root_name: str, period: Period, *, limit: int) -> Sequence[OutputUse]:
        """Return who reads outputs of a submitted job's steps by their places."""
        uses = output_uses
        return self._output_uses(_newest(select(uses).where(uses.c.maker_root == root_name), uses, period, limit))

    def _output_uses(self, statement: Select[Any]) -> Sequence[OutputUse]:
        return tuple(rows.output_use_of(row) for row in self._reader.all(statement))


def _newest(statement: Select[Any], uses: Table, period: Period, limit: int) -> Select[Any]:
    if period.since_ms is not None:
        statement = statement.where(uses.c.at_ms >= period.since_ms)
    if period.until_ms is not None:
        statement = statement.where(uses.c.at_ms <= period.until_ms)
    return statement.order_by(uses.c.at_ms.desc(), uses.c.job_name, uses.c.role).limit(limit)
