"""
One step once more, apart from its job: the plan of a scratch attempt.

In:       a stored job, a node in it, a folder that nobody else uses.
Out:      a `LaunchPlan` that reads what the step read, and writes to that folder only.
Not here: carrying it out (`pipeyard/launcher/rehearse.py`), who may ask (`service/rehearse.py`).

Nothing of it is known to the scheduler, and the job's records stay as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pipeyard.engine.book import JobBook
from pipeyard.engine.bringing import Bringer
from pipeyard.engine.planning import Planner
from pipeyard.engine.readying import request_of
from pipeyard.engine.report import AttemptKey
from pipeyard.engine.surroundings import Surroundings
from pipeyard.graph.model import NodeId, NodeOutput
from pipeyard.launch.contract import EXPERIMENT_ID, RUN_ID, TRACKING_TOKEN
from pipeyard.launch.plan import LaunchPlan, PlannedInput
from pipeyard.model.errors import Bug
from pipeyard.model.record import JobRecord
from pipeyard.model.types import InputMode
from pipeyard.ports import GraphSource

# Attempts of a job count from 1.
SCRATCH = 0
_TRACKING = "MLFLOW_TRACKING_URI"
# Where metrics of the scratch attempt go, below its folder.
TRACKING_DIR = "mlruns"


class Rehearser:
    """Plans scratch attempts. Its methods take long and may be called from any thread."""

    def __init__(self, world: Surroundings, source: GraphSource) -> None:
        """Plan in the engine's world; *source* builds graphs of stored jobs again."""
        self._world = world
        self._source = source
        self._bringer = Bringer(world)

    def plan(self, records: Sequence[JobRecord], node: NodeId, folder: str, token: str) -> LaunchPlan:
        """
        Return how to run a node of a job once more in *folder*; its environment is made first if need be.

        *records* are the job's, the root first. Raises `ComputeError` when an input is not there (any more).
        """
        book = self._book(records, node)
        key = self._key(book, node)
        prepared = self._world.environments.prepare(request_of(book, node))
        wanted = self._bringer.wanted(book, key)
        copies = self._bringer.bring(book, key, wanted).copies if wanted else {}
        planner = Planner(replace(self._world, job_token=lambda _job_name: token))
        return self._apart(key, planner.plan(book, key, prepared, folder, copies))

    def release(self, records: Sequence[JobRecord], node: NodeId) -> None:
        """Let go of what was brought for a plan."""
        pool_and_name = next(record for record in records if record.node_id == node and record.kind == "command")
        self._bringer.release(AttemptKey(records[0].name, node, SCRATCH, "", pool_and_name.name))

    def _book(self, records: Sequence[JobRecord], node: NodeId) -> JobBook:
        root = records[0]
        submission = self._world.store.load_submission(root.workspace, root.name)
        if submission is None:
            raise Bug(f"of job {root.name} nothing but its records was stored")
        book = JobBook(self._source.graph_of(root, submission), records)
        for bound in book.graph.nodes[node].inputs.values():
            if isinstance(bound, NodeOutput):
                page = book.pages[bound.node]
                outputs = self._world.store.load_outputs(root.workspace, page.job_name)
                # What a failed step left is to be looked at, and never read.
                page.outputs = {row.output: row for row in outputs if row.state == "complete"}
        return book

    @staticmethod
    def _key(book: JobBook, node: NodeId) -> AttemptKey:
        page = book.pages[node]
        return AttemptKey(book.name, node, SCRATCH, page.pool, page.job_name)

    def _apart(self, key: AttemptKey, plan: LaunchPlan) -> LaunchPlan:
        """Return the plan with nothing in it that leads back to the job or to an original."""
        own = f"{plan.root}/{TRACKING_DIR}"
        environment = dict(plan.environment)
        is_tracked = environment.get(RUN_ID) == key.job_name
        if is_tracked:
            # What the step logs must not be added to what it logged when it was part of its job.
            for name in (RUN_ID, EXPERIMENT_ID, TRACKING_TOKEN):
                environment.pop(name, None)
            # MLflow 3 refuses a store of plain files unless it is told that this is meant.
            environment |= {_TRACKING: f"file://{own}", "MLFLOW_ALLOW_FILE_STORE": "true"}
        return replace(
            plan,
            environment=environment,
            inputs=tuple(_own(item) for item in plan.inputs),
            writable=(own,) if is_tracked else (),
            timeout_seconds=None,
        )


def _own(item: PlannedInput) -> PlannedInput:
    """Return an input that the command may write to as a copy of its own."""
    return replace(item, mode=InputMode.DOWNLOAD.value) if item.mode == InputMode.RW_MOUNT.value else item
