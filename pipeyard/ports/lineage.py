"""The database, as far as it says which job reads and writes what."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

from pipeyard.model.asset_record import AssetKey, AssetUse, AssetVersion, OutputUse, Period
from pipeyard.model.assets import AssetKind


class LineageStore(Protocol):
    """
    One step along the lineage, in either direction.

    Every call reads a stretch of one index that is bounded by *limit*; whoever gets as many as that knows that
    there may be more. Where jobs are asked for, *period* is when they were created, and the newest come first.
    """

    def readers_of(self, asset: AssetKey, period: Period, *, limit: int) -> Sequence[AssetUse]:
        """Return who reads a version, one use for each role of each record."""

    def readers_of_output(self, maker: str, output: str, period: Period, *, limit: int) -> Sequence[OutputUse]:
        """Return who reads an output of a step by its place."""

    def assets_read(self, root_name: str, kinds: Collection[AssetKind], *, limit: int) -> Sequence[AssetUse]:
        """Return the versions that a submitted job reads."""

    def outputs_read(self, root_name: str, *, limit: int) -> Sequence[OutputUse]:
        """Return the outputs of other jobs that a submitted job reads."""

    def assets_made(self, root_name: str, kinds: Collection[AssetKind], *, limit: int) -> Sequence[AssetVersion]:
        """Return the versions that a submitted job's steps wrote, those of the jobs it started included; no bodies."""

    def outputs_read_elsewhere(self, root_name: str, period: Period, *, limit: int) -> Sequence[OutputUse]:
        """Return who reads outputs of a submitted job's steps by their places."""
