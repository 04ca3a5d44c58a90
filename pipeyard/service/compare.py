"""
In what jobs differ: `job compare`.

In:       two or more jobs; the first one is what the others are compared with.
Out:      plain data: values, params and newest metrics side by side, steps that came, went or changed,
          differences of YAML and code as text.
Not here: what a step is compared by (`compare_facts.py`), the graphs over one another, renamed steps included
          (`compare_graph.py`), why a step ran (`why.py` compares with the step's own last run), histories of
          metrics (`tracking.py`).

Steps are the same step when they stand at the same place: `prepare/split`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from pipeyard.model.errors import UserError
from pipeyard.model.record import JobRecord
from pipeyard.service.compare_facts import aligned, facts_of, inputs_of
from pipeyard.service.compare_graph import graph_difference
from pipeyard.service.compare_text import code_differences, yaml_difference
from pipeyard.service.jobs import submission_of, tree_of
from pipeyard.service.records import PIPELINE
from pipeyard.service.tracking import json_number
from pipeyard.service.view import duration_seconds, job_json, job_label
from pipeyard.service.wire import time_text
from pipeyard.service.world import World

JOBS_MIN, JOBS_MAX = 2, 8
_Logged = Mapping[str, Mapping[str, Any]]
_OF_JOB = ("continue_on_step_failure", "default_compute", "default_datastore", "force_rerun")


def compare_jobs(world: World, workspace: str, names: Sequence[str]) -> Mapping[str, Any]:
    """Return in what jobs differ; `UserError` for fewer than two."""
    wanted = list(dict.fromkeys(names))
    if not JOBS_MIN <= len(wanted) <= JOBS_MAX:
        raise UserError(
            f"{JOBS_MIN} to {JOBS_MAX} different jobs can be compared, not {len(wanted)}", code="bad-request"
        )
    trees = [_whole(world, workspace, name) for name in wanted]
    roots = [tree[0] for tree in trees]
    steps = [_steps(tree) for tree in trees]
    shown = [_document(world, root) for root in roots]
    return {
        "jobs": [_head(tree) for tree in trees],
        "inputs": list(aligned([inputs_of(root) for root in roots])),
        "settings": list(aligned([_settings(root) for root in roots])),
        "params": _logged(steps, partial(_params, world)),
        "metrics": _logged(steps, partial(_metrics, world)),
        "steps": [_step_row(key, [of.get(key) for of in steps]) for key in _keys(steps)],
        "graph": [graph_difference(trees[0], tree) for tree in trees[1:]],
        "yaml": [
            {"job": root.name, "diff": yaml_difference(shown[0], one)}
            for root, one in zip(roots[1:], shown[1:], strict=True)
        ],
        "code": [
            {"job": root.name, "step": key, "files": files}
            for root, of in zip(roots[1:], steps[1:], strict=True)
            for key in _keys([steps[0], of])
            if (files := code_differences(world, steps[0].get(key), of.get(key)))
        ],
    }


def _logged(steps: Sequence[Mapping[str, JobRecord]], read: Callable[[list[str]], _Logged]) -> list[dict[str, Any]]:
    """Return what steps logged, by step and name, of all jobs side by side."""
    found = read([row.writer for of in steps for row in of.values()])
    rows = []
    for key in _keys(steps):
        columns = [found.get(of[key].writer, {}) if key in of else {} for of in steps]
        rows += [{"step": key, **row} for row in aligned(columns)]
    return rows


def _params(world: World, names: list[str]) -> _Logged:
    return world.tracking.params_of(names)


def _metrics(world: World, names: list[str]) -> _Logged:
    found = world.tracking.metrics_of(names)
    return {name: {one.key: json_number(one.latest.value) for one in metrics} for name, metrics in found.items()}


def _whole(world: World, workspace: str, name: str) -> Sequence[JobRecord]:
    tree = tree_of(world, workspace, name)
    return tree if tree[0].is_root else tree_of(world, workspace, tree[0].root_name)


def _steps(tree: Sequence[JobRecord]) -> dict[str, JobRecord]:
    root = tree[0]
    return {row.node_id: row for row in (tree[1:] if root.kind == PIPELINE else tree)}


def _keys(steps: Iterable[Mapping[str, JobRecord]]) -> Iterator[str]:
    """Yield the places of all steps, those of the first job in its order, then what the others add."""
    yield from dict.fromkeys(key for of in steps for key in of)


def _head(tree: Sequence[JobRecord]) -> dict[str, Any]:
    root = tree[0]
    steps = [row for row in tree if row.kind != PIPELINE]
    return {
        "name": root.name,
        "display_name": root.display_name,
        "experiment_name": root.experiment_name,
        "label": job_label(root),
        "created_at": time_text(root.created_at_ms),
        "created_by": root.created_by,
        "duration_seconds": duration_seconds(root),
        "tags": dict(root.tags),
        "steps": len(steps),
        "reused": sum(row.source_job is not None for row in steps),
    }


def _document(world: World, root: JobRecord) -> dict[str, Any]:
    submission = submission_of(world, root)
    shown = job_json(root, world.endpoint, submission)
    return {key: shown[key] for key in ("display_name", "experiment_name", "inputs", "outputs", "jobs") if key in shown}


def _settings(job: JobRecord) -> dict[str, Any]:
    settings = job.detail.get("settings") or {}
    return {name: settings.get(name) for name in _OF_JOB if name in settings} | _git(job)


def _git(job: JobRecord) -> dict[str, Any]:
    names = ("mlflow.source.git.commit", "mlflow.source.git.branch", "azureml.git.dirty")
    return {name: job.properties[name] for name in names if name in job.properties}


def _step_row(key: str, rows: Sequence[JobRecord | None]) -> dict[str, Any]:
    differences = (
        [] if None in rows else [row for row in aligned([facts_of(row) for row in rows if row]) if not row["same"]]
    )
    return {
        "step": key,
        "kind": next(row.kind for row in rows if row is not None),
        "change": _change(rows, differences),
        "labels": [None if row is None else job_label(row) for row in rows],
        "durations": [None if row is None else duration_seconds(row) for row in rows],
        "jobs": [None if row is None else row.name for row in rows],
        "differences": differences,
    }


def _change(rows: Sequence[JobRecord | None], differences: Sequence[Any]) -> str:
    """Return `added` or `removed` as seen from the first job, `changed`, or `same`."""
    if rows[0] is None:
        return "added"
    if None in rows:
        return "removed"
    return "changed" if differences else "same"
