"""What attempts wrote, on its way to its final place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from pipeyard.launch.plan import PlannedOutput
from pipeyard.model.assets import DatastoreUri, Manifest
from pipeyard.model.record import (
    OutputRecord,
)
from pipeyard.model.value import dataclass


@dataclass(frozen=True, slots=True)
class ArtifactMove:
    """A folder below the staging root that becomes part of the job's artifacts; missing or empty: nothing to do."""

    # Relative to the root, such as `wd/outputs`.
    path: str
    # Where its contents go, such as `ExperimentRun/dcid.<job>/outputs`.
    uri: DatastoreUri


@dataclass(frozen=True, slots=True)
class WriteBack:
    """An `rw_mount` input of a remote datastore: the command changed a copy, which takes the original's place."""

    # The input's name.
    name: str
    # Where the copy is, relative to the root.
    path: str
    # Where it came from.
    uri: DatastoreUri


@dataclass(frozen=True, slots=True)
class StoreRequest:
    """One attempt that nothing writes to any more, and what of it is to be kept."""

    attempt_id: str
    workspace: str
    # The step's own job name: `OutputRecord.job_name`.
    job_name: str
    # Absolute path of the staging folder.
    root: str
    outputs: tuple[PlannedOutput, ...]
    artifacts: tuple[ArtifactMove, ...] = ()
    # Whether later steps may read the outputs (state `complete`); else they are `kept` to look at.
    is_complete: bool = True
    # Only of attempts that are complete.
    write_backs: tuple[WriteBack, ...] = ()


@dataclass(frozen=True, slots=True)
class StoreResult:
    """What became of one request: every output in its place, or why not."""

    attempt_id: str
    outputs: tuple[tuple[OutputRecord, Manifest], ...] = ()
    # {code, message}: disk full, a target that cannot be written, an output that is no file, ...
    error: Mapping[str, Any] | None = None


class OutputStore(Protocol):
    """Gives outputs their final names: fsync, rename, manifest; in worker processes."""

    def store(self, requests: Sequence[StoreRequest]) -> Sequence[StoreResult]:
        """
        Store what several attempts wrote; one result each, in order.

        The same request twice is no error: what is in its final place already is
        described as it is. A single request's failure is its `error`, never an exception.
        Raises `NoWorkers` when the server itself cannot store now; to be asked again.
        """
