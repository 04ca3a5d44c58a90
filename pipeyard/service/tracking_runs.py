"""
Runs and experiments, as MLflow's clients use them.

In:       a workspace, what a client asks.
Out:      jobs and what they logged; `NotFound`, `Conflict`, `UserError`.
Not here: MLflow's JSON (`pipeyard/tracking/run.py`), logging to a run (`tracking_log.py`).

Every job is a run. One that a script began is a job of the kind `run`: it is listed and shown like others, its end
is what its script says, and the engine knows nothing of it. One that a step began is below that step.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from pipeyard.model.errors import Conflict, NotAllowed, NotFound, UserError
from pipeyard.model.record import Batch, JobChange, JobRecord
from pipeyard.model.status import JobStatus
from pipeyard.model.tracking import DEFAULT_EXPERIMENT, RUN, SYSTEM_TAG, Experiment
from pipeyard.service.naming import display_name, job_name
from pipeyard.service.world import World
from pipeyard.tracking.filter import EXPERIMENTS, RUNS, meets, parse_filter
from pipeyard.tracking.order import in_order, page_of, parse_orders
from pipeyard.tracking.run import (
    PARENT_RUN,
    ROOT_RUN,
    RUN_NAME,
    RUN_USER,
    RunData,
    experiment_subject,
    job_status,
    run_subject,
)

# As MLflow's own server.
RUNS_MAX = 50_000
EXPERIMENTS_MAX = 50_000
_VIEWS = {"ACTIVE_ONLY": "active", "DELETED_ONLY": "archived", "ALL": "all"}
_TEXT_MAX = 500
# Of places among siblings, which a column of 32 bits holds.
_FIRST, _POSITION_MAX = 1_000_000, (1 << 31) - 1


# --- experiments -------------------------------------------------------------------------------


def list_experiments(world: World, workspace: str) -> Sequence[Experiment]:
    """Return every experiment, newest first; the default one is always there."""
    found = world.tracking.list_experiments(world.known_workspace(workspace))
    if any(one.name == DEFAULT_EXPERIMENT for one in found):
        return found
    return [*found, Experiment(workspace, DEFAULT_EXPERIMENT, 0, 0)]


def experiment_called(world: World, workspace: str, name: str) -> Experiment:
    """Return an experiment by its name."""
    for experiment in list_experiments(world, workspace):
        if experiment.name == name:
            return experiment
    raise NotFound(f"Could not find experiment with name '{name}'", code="no-experiment")


def experiment_numbered(world: World, workspace: str, number: str) -> Experiment:
    """Return an experiment by its number."""
    for experiment in list_experiments(world, workspace):
        if experiment.id == number:
            return experiment
    raise NotFound(f"No Experiment with id={number} exists", code="no-experiment")


def create_experiment(world: World, workspace: str, name: str, tags: Mapping[str, str]) -> Experiment:
    """Create an experiment: a name for jobs and runs to come."""
    if not name.strip() or len(name) > _TEXT_MAX:
        raise UserError(f"an experiment's name has 1 to {_TEXT_MAX} characters", code="bad-request")
    if any(one.name == name for one in list_experiments(world, workspace)):
        raise Conflict(f"Experiment(name={name}) already exists.", code="experiment-exists")
    now = world.clock.now_ms()
    made = Experiment(workspace, name, now, now, dict(tags))
    world.tracking.save_experiment(made)
    return made


def tag_experiment(world: World, experiment: Experiment, tags: Mapping[str, str | None]) -> None:
    """Change an experiment's tags; one of None is taken away."""
    changed = {key: value for key, value in {**experiment.tags, **tags}.items() if value is not None}
    world.tracking.save_experiment(replace(experiment, tags=changed, changed_at_ms=world.clock.now_ms()))


def set_experiment_deleted(world: World, experiment: Experiment, *, is_deleted: bool) -> None:
    """Hide an experiment from MLflow's lists, or show it again; its jobs stay as they are."""
    if experiment.name == DEFAULT_EXPERIMENT:
        raise UserError("the default experiment always exists", code="built-in")
    world.tracking.save_experiment(replace(experiment, is_deleted=is_deleted, changed_at_ms=world.clock.now_ms()))


def search_experiments(
    world: World, workspace: str, *, text: str | None, orders: Sequence[str], view: str, token: str | None, limit: int
) -> tuple[Sequence[Experiment], str | None]:
    """Return a page of the experiments that meet a filter."""
    wanted, by = parse_filter(text, EXPERIMENTS), parse_orders(orders, EXPERIMENTS)
    shown = view_of(view)
    found = [
        one
        for one in list_experiments(world, workspace)
        if (shown == "all" or one.is_deleted is (shown == "archived")) and meets(experiment_subject(one), wanted)
    ]
    return page_of(in_order(found, by, experiment_subject), token, _count(limit, EXPERIMENTS_MAX))


def view_of(word: str) -> str:
    """Return what MLflow's word for a view means."""
    found = _VIEWS.get(word or "ACTIVE_ONLY")
    if found is None:
        raise UserError(f"`{word}` is no view; there are {', '.join(_VIEWS)}", code="bad-request")
    return found


# --- runs --------------------------------------------------------------------------------------


def show_run(world: World, workspace: str, run: str) -> JobRecord:
    """Return a run."""
    job = world.store.load_job(workspace, run)
    if job is None:
        raise NotFound(f"Run with id={run} not found", code="no-run")
    return job


def data_of(world: World, jobs: Sequence[JobRecord]) -> Mapping[str, RunData]:
    """Return what runs have logged, by their names; of a reused step what the original has."""
    names = [job.writer for job in jobs]
    metrics, params = world.tracking.metrics_of(names), world.tracking.params_of(names)
    links = world.tracking.links_of(names)
    return {
        job.name: RunData(metrics.get(job.writer, ()), params.get(job.writer, {}), links.get(job.writer, ()))
        for job in jobs
    }


def create_run(
    world: World,
    workspace: str,
    experiment: Experiment,
    *,
    by: str,
    name: str | None,
    started_at_ms: int | None,
    tags: Mapping[str, str],
    below: JobRecord | None,
) -> JobRecord:
    """Begin a run that no graph has; *below* is the job that began it, None for somebody's own script."""
    now = world.clock.now_ms()
    own = job_name(world.random_text)
    title = name or tags.get(RUN_NAME) or display_name(own)
    kept = {key: value for key, value in tags.items() if key not in (RUN_NAME, PARENT_RUN, ROOT_RUN, RUN_USER)}
    run = JobRecord(
        workspace=workspace,
        name=own,
        root_name=own if below is None else below.root_name,
        parent_name=None if below is None else below.name,
        kind=RUN,
        node_id="",
        # Behind the steps of a pipeline, in the order in which they began.
        position=0 if below is None else min(_FIRST + now - below.created_at_ms, _POSITION_MAX),
        display_name=title,
        experiment_name=experiment.name,
        status=JobStatus.RUNNING,
        created_at_ms=now,
        created_by=by,
        started_at_ms=started_at_ms or now,
        tags={key: value for key, value in kept.items() if not key.startswith(SYSTEM_TAG)},
        properties={key: value for key, value in kept.items() if key.startswith(SYSTEM_TAG)},
    )
    world.store.commit(Batch(jobs=(run,)))
    return run


def update_run(
    world: World, run: JobRecord, *, status: str | None, ended_at_ms: int | None, name: str | None
) -> JobRecord:
    """Change what a run is called; of one that no graph has also whether it has ended: a step's end is the engine's."""
    changes: dict[str, Any] = {}
    if name:
        changes["display_name"] = name
    if run.kind == RUN and status is not None:
        state = job_status(status)
        if state is None:
            raise UserError(f"`{status}` is no status of a run", code="bad-request")
        changes["status"] = state
        changes["ended_at_ms"] = (ended_at_ms or world.clock.now_ms()) if state.is_terminal else None
    if changes:
        world.store.commit(Batch(changes=(JobChange(run.name, changes),)))
    return run.with_(**changes)


def set_run_deleted(world: World, run: JobRecord, *, is_deleted: bool) -> None:
    """Hide a run, or show it again; a job that a graph has is archived as a whole (`job archive`)."""
    if run.kind != RUN:
        raise NotAllowed(
            f"`{run.name}` is a {run.kind} job, which is not deleted as a run",
            code="not-a-run",
            hint=f"to hide the whole job: pipeyard job archive -n {run.root_name}",
        )
    if run.is_archived is not is_deleted:
        world.store.commit(Batch(changes=(JobChange(run.name, {"is_archived": is_deleted}),)))


def renamed(world: World, run: str, title: str) -> None:
    """Call a run something else, as its tag of that meaning says."""
    world.store.commit(Batch(changes=(JobChange(run, {"display_name": title}),)))


def search_runs(
    world: World,
    workspace: str,
    *,
    experiments: Sequence[str],
    text: str | None,
    orders: Sequence[str],
    view: str,
    token: str | None,
    limit: int,
) -> tuple[Sequence[tuple[JobRecord, RunData]], str | None]:
    """Return a page of the runs of experiments (by number) that meet a filter, the last one begun first."""
    if limit > RUNS_MAX:
        raise UserError(f"at most {RUNS_MAX} runs are searched at once, and {limit} were asked for", code="bad-request")
    wanted, by = parse_filter(text, RUNS), parse_orders(orders, RUNS)
    named = {one.id: one.name for one in list_experiments(world, workspace)}
    names = [named[number] for number in experiments if number in named]
    jobs = world.tracking.find_runs(workspace, names, archived=view_of(view))
    data = data_of(world, jobs) if wanted or by else {}
    subjects = {job.name: run_subject(job, data.get(job.name, RunData())) for job in jobs}
    found = [job for job in jobs if meets(subjects[job.name], wanted)]
    found.sort(key=lambda job: job.name)
    found.sort(key=lambda job: job.started_at_ms or job.created_at_ms, reverse=True)
    page, following = page_of(in_order(found, by, lambda job: subjects[job.name]), token, _count(limit, RUNS_MAX))
    data = data or data_of(world, page)
    return [(job, data[job.name]) for job in page], following


def _count(wanted: int, most: int) -> int:
    return max(1, min(wanted, most))
