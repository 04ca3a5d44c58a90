"""One step once more, on the caller's own terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from pipeyard.graph.model import NodeId
from pipeyard.model.record import JobRecord


class Rehearsal(Protocol):
    """Says how a step of a job could be run on this machine, apart from its job. Any thread may ask."""

    # In which the folders of scratch attempts are.
    folder: Path

    def order(self, records: Sequence[JobRecord], node: NodeId, root: str, token: str) -> Mapping[str, Any]:
        """
        Return an order for the launcher's code, for the staging folder *root*.

        *records* are the job's, the root first; the command finds *token* as its job's. Makes
        the step's environment first if need be. Raises `ComputeError` when an input is not there.
        """

    def release(self, records: Sequence[JobRecord], node: NodeId) -> None:
        """Let go of what was brought for the step."""
