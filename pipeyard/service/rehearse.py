"""
`job run-step`: what has to be known to run one step once more, on the caller's terminal.

In:       a job and a step of it.
Out:      an order for the launcher's code, and who may be asked with its token.
Not here: running it: the caller does that, in the terminal that it has (`client/rehearse.py`).

Invariant: the job stays as it is. What the step may write to is in a folder of its own,
and the token that it finds can read and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pipeyard.graph.model import NodeId
from pipeyard.launch.plan import WORKING_DIR
from pipeyard.model.errors import ComputeError, Conflict
from pipeyard.model.record import JobRecord
from pipeyard.model.types import OutputMode
from pipeyard.model.value import dataclass
from pipeyard.service.again import unknown_step
from pipeyard.service.jobs import show_job
from pipeyard.service.records import COMMAND, PIPELINE
from pipeyard.service.view import job_label
from pipeyard.service.world import World

# Below the home: one folder for each scratch attempt, made and removed by the caller.
FOLDER = "rehearsals"


@dataclass(frozen=True, slots=True)
class Stage:
    """A step that can be run once more."""

    # The whole job, the root first.
    records: Sequence[JobRecord]
    step: JobRecord
    # `attempt` below it is the staging folder.
    folder: str


def set_stage(world: World, workspace: str, name: str, step: str) -> Stage:
    """Return the step that is meant; `NotFound` or `Conflict` if it cannot be run once more."""
    job = show_job(world, workspace, name)
    records = world.store.load_tree(workspace, job.root_name)
    found = _step_of(job, records, step)
    if world.rehearsal is None:
        raise Conflict("this server runs nothing on this machine", code="not-here")
    return Stage(records, found, f"{world.rehearsal.folder}/{found.name[:8]}-{world.random_text(8)}")


def order_for(world: World, stage: Stage, token: str) -> Mapping[str, Any]:
    """
    Return what the caller needs to run the step. May take minutes: its environment may have to be made.

    `Conflict` if what it reads is not there: it has not run, or that is gone.
    """
    assert world.rehearsal is not None
    root = f"{stage.folder}/attempt"
    try:
        order = world.rehearsal.order(stage.records, stage.step.node_id, root, token)
    except ComputeError as problem:
        reason = "" if stage.step.status.is_terminal else f" (it is {stage.step.status.value})"
        raise Conflict(
            f"step `{stage.step.node_id}` cannot be run once more{reason}: {problem.message}",
            code="inputs-not-there",
            hint="run the steps before it: pipeyard job resume " + stage.records[0].name,
        ) from problem
    return {
        "order": order,
        "folder": stage.folder,
        "root": root,
        "working_dir": f"{root}/{WORKING_DIR}",
        "job": stage.records[0].name,
        "step": stage.step.node_id,
        "label": job_label(stage.step),
        # Written by the command itself, to their real place.
        "direct_outputs": [
            name
            for name, output in (stage.step.detail.get("outputs") or {}).items()
            if output.get("mode") == OutputMode.DIRECT.value
        ],
    }


def clear_stage(world: World, stage: Stage) -> None:
    """Let go of what was brought for the step."""
    if world.rehearsal is not None:
        world.rehearsal.release(stage.records, stage.step.node_id)


def _step_of(job: JobRecord, records: Sequence[JobRecord], step: str) -> JobRecord:
    """Return the record of a step, named by its path or by its own job's name."""
    root = records[0]
    wanted: NodeId = step.strip("/")
    if root.kind == COMMAND and wanted in ("", root.name):
        return root
    found = next((row for row in records[1:] if wanted in (row.node_id, row.name)), None)
    if found is None and job.kind == COMMAND and not wanted:
        # The job named is a step itself.
        found = job
    if found is None:
        raise unknown_step(root, step, [row.node_id for row in records if row.kind == COMMAND])
    if found.kind not in (COMMAND, PIPELINE):
        # What it does is done by jobs of their own; a choice has none.
        raise Conflict(
            f"step `{found.node_id}` is a `{found.kind}` and has no command",
            code="not-a-command",
            hint=f"`pipeyard job list --parent-job-name {found.name}` shows the jobs that it ran, if it has any",
        )
    if found.kind != COMMAND:
        inside = ", ".join(f"`{row.node_id}`" for row in records if row.parent_name == found.name)
        raise Conflict(
            f"step `{found.node_id}` is a pipeline and has no command", code="not-a-command", hint=f"in it are {inside}"
        )
    return found
