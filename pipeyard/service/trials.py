"""
The trials of a sweep: what each had, how it is, what it reached.

In:       the name of a sweep's job.
Out:      JSON with one entry for each trial, and how the sweep stands as a whole.
Not here: running them (`engine/conduct/sweep.py`), the rules of rank (`sweep/rank.py`).

While a sweep runs, everything is worked out from its trials as they are at this moment; which is the best
once it has ended, its own record says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pipeyard.model.errors import UserError
from pipeyard.model.record import JobRecord
from pipeyard.model.status import JobStatus
from pipeyard.model.sweep import Goal
from pipeyard.service.jobs import children_of, show_job
from pipeyard.service.view import duration_seconds, job_label
from pipeyard.service.wire import plain, time_text
from pipeyard.service.world import World
from pipeyard.sweep.rank import best_of, ranked, score_of
from pipeyard.sweep.stop import Histories
from pipeyard.sweep.trial import counts_as_stopped, stop_reason

SWEEP = "sweep"


def trials_of(world: World, workspace: str, name: str) -> dict[str, Any]:
    """Return the trials of a sweep, in the order in which they began."""
    job = show_job(world, workspace, name)
    if job.kind != SWEEP:
        raise UserError(
            f"`{name}` is no sweep, it is a {job.kind} job",
            code="no-sweep",
            hint=f"to see what a job consists of: pipeyard job list --parent-job-name {name}",
        )
    trials = children_of(world, workspace, name)
    objective = job.detail["objective"]
    goal, metric = Goal(objective["goal"]), objective["primary_metric"]
    found = world.tracking.metric_history(sorted({trial.writer for trial in trials}), metric)
    histories = {
        _index(trial): tuple(point.value for point in found[trial.writer]) for trial in trials if trial.writer in found
    }
    best = _best(job, trials, goal, histories)
    counting = [_index(trial) for trial in trials if trial.status is JobStatus.COMPLETED or _was_stopped(trial)]
    ranks = {index: rank for rank, index in enumerate(ranked(goal, histories, counting), 1)}
    return {
        "name": job.name,
        "status": job.status.value,
        "goal": goal.value,
        "primary_metric": metric,
        "search_space": plain(job.detail["search_space"]),
        "max_total_trials": job.detail["limits"]["max_total_trials"],
        "counts": _counts(trials),
        "best_trial": best,
        "best_child_run_id": next((trial.name for trial in trials if _index(trial) == best), None),
        "value": [
            {
                **_trial(world, trial),
                # What it ranks by: the best value that it logged so far.
                "metric": score_of(goal, histories.get(_index(trial), ())),
                # How often it logged the metric.
                "points": len(histories.get(_index(trial), ())),
                "rank": ranks.get(_index(trial)),
                "is_best": _index(trial) == best,
            }
            for trial in trials
        ],
    }


def _best(job: JobRecord, trials: Sequence[JobRecord], goal: Goal, histories: Histories) -> int | None:
    known = (job.detail.get("best_trial") or {}).get("index")
    if known is not None:
        return int(known)
    completed = [_index(trial) for trial in trials if trial.status is JobStatus.COMPLETED]
    stopped = [_index(trial) for trial in trials if _was_stopped(trial)]
    return best_of(goal, histories, completed, stopped)


def _trial(world: World, trial: JobRecord) -> dict[str, Any]:
    error: Mapping[str, Any] = trial.error or {}
    return {
        "index": _index(trial),
        "name": trial.name,
        "values": plain(trial.detail["child"].get("sampled") or {}),
        "status": trial.status.value,
        "label": job_label(trial),
        "stop_reason": stop_reason(trial.status, trial.error),
        "error": None if trial.status is not JobStatus.FAILED else error.get("message"),
        "created_at": time_text(trial.created_at_ms),
        "started_at": time_text(trial.started_at_ms),
        "ended_at": time_text(trial.ended_at_ms),
        "duration_seconds": duration_seconds(trial, world.clock.now_ms()),
    }


def _counts(trials: Sequence[JobRecord]) -> dict[str, int]:
    """Return how many trials are how; policies stopped those that are `stopped`."""
    counts = dict.fromkeys(("completed", "failed", "stopped", "canceled", "running", "waiting"), 0)
    for trial in trials:
        counts[_word(trial)] += 1
    return {**counts, "total": len(trials)}


def _word(trial: JobRecord) -> str:
    if _was_stopped(trial):
        return "stopped"
    if trial.status.is_terminal:
        return trial.status.value.lower()
    return "running" if trial.started_at_ms is not None else "waiting"


def _was_stopped(trial: JobRecord) -> bool:
    return counts_as_stopped(trial.status, trial.error)


def _index(trial: JobRecord) -> int:
    index: int = trial.detail["child"]["index"]
    return index
