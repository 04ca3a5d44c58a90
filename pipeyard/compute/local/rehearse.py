"""
Orders for scratch attempts: carried out by the caller, not by the launcher of the home.

In:       a planner of scratch attempts; the datastores, which know where their bytes are.
Out:      a `ports.Rehearsal`.
Not here: planning (`engine/rehearse.py`), carrying out (`pipeyard/launcher/rehearse.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from pipeyard.compute.local.leftover import FOLDER
from pipeyard.compute.local.order import order_of
from pipeyard.launch.plan import LaunchPlan
from pipeyard.model.record import JobRecord
from pipeyard.ports import Datastores


class ScratchPlanner(Protocol):
    """What plans a scratch attempt."""

    def plan(self, records: Sequence[JobRecord], node: str, folder: str, token: str) -> LaunchPlan:
        """Return how to run a node of a job once more in *folder*."""

    def release(self, records: Sequence[JobRecord], node: str) -> None:
        """Let go of what was brought for it."""


class LocalRehearsal:
    """Scratch attempts on this machine."""

    def __init__(self, home: Path, datastores: Datastores, planner: ScratchPlanner) -> None:
        """Have folders below *home*."""
        self.folder = home / FOLDER
        self._datastores = datastores
        self._planner = planner

    def order(self, records: Sequence[JobRecord], node: str, root: str, token: str) -> Mapping[str, Any]:
        """Return the order; its log is its own, and the job's stays as it is."""
        order = order_of(self._planner.plan(records, node, root, token), self._datastores, has_logs=False)
        return {**order, "log": f"{root}/std_log.txt"}

    def release(self, records: Sequence[JobRecord], node: str) -> None:
        """Let go of what was brought."""
        self._planner.release(records, node)
