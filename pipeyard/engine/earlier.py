"""
What an earlier run of a parallel step left, for one in which only its failed mini-batches run.

In:       a job's book, whose record names the earlier job by step (`service/again.py`).
Out:      inputs that show its logs and its outputs to the driver.
Not here: taking anything over: the driver does (`pipeyard/drivers/parallel_result.py`).

Runs in threads; reads books, changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from pipeyard.engine.book import JobBook
from pipeyard.engine.surroundings import Surroundings
from pipeyard.graph.model import Node
from pipeyard.launch.driver import EARLIER_LOGS, EARLIER_OUTPUT
from pipeyard.launch.plan import PlannedInput
from pipeyard.model.driver import BATCHES_FROM
from pipeyard.model.errors import ComputeError
from pipeyard.model.record import artifact_root
from pipeyard.model.types import InputMode


def earlier_inputs(world: Surroundings, book: JobBook, node: Node) -> tuple[PlannedInput, ...]:
    """Return the inputs; none for a step that runs as a whole. Raises `ComputeError` if what is needed is gone."""
    name = (book.root.detail.get(BATCHES_FROM) or {}).get(node.id)
    return () if name is None else tuple(_inputs(world, book, node, name))


def _inputs(world: Surroundings, book: JobBook, node: Node, name: str) -> Iterator[PlannedInput]:
    logs = artifact_root(name).child("logs")
    if not world.datastores.local_path(book.workspace, logs).is_dir():
        # It never began: every mini-batch runs.
        return
    yield PlannedInput(EARLIER_LOGS, str(logs), InputMode.RO_MOUNT.value, EARLIER_LOGS)
    for row in world.store.load_outputs(book.workspace, name):
        if row.output not in node.outputs or row.freed_at is not None:
            continue
        if world.transfers is not None and world.transfers.is_remote(book.workspace, row.uri.datastore):
            raise ComputeError(
                f"output `{row.output}` of the earlier run is in datastore `{row.uri.datastore}`, and is not taken over",
                code="not-here",
                hint="run the whole step again: job rerun without --failed-batches",
            )
        if world.datastores.local_path(book.workspace, row.uri).exists():
            path = f"{EARLIER_OUTPUT}{row.output}"
            yield PlannedInput(path, str(row.uri), InputMode.RO_MOUNT.value, path)
