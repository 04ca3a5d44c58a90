"""
`pipeyard job trials`.

In:       a sweep.
Out:      its trials, one line each, and how it stands.
Not here: following it (`job_stream.py`), the rules (`pipeyard/sweep/`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from pipeyard.cli.command import command
from pipeyard.cli.option_job import job_argument, named_job

_ORDERS = ("index", "rank")


@command(
    "trials",
    short_help="List the trials of a sweep: values, status, metric, the best.",
    help="List the trials of a sweep: the values that each had, how it is, the best value of the primary metric that "
    "it logged, its rank, and why it was stopped if a policy stopped it. A sweep inside a pipeline is named by the "
    "name of its step's job.",
    examples=(
        ("For reading, the best first:", "pipeyard job trials NAME --sort rank -o table"),
        ("The values of the best trial:", 'pipeyard job trials NAME --query "value[?is_best].values"'),
        ("What became of it as a job:", "pipeyard job show -n NAME_0"),
    ),
)
@job_argument()
@click.option(
    "--sort",
    type=click.Choice(_ORDERS),
    default="index",
    show_default=True,
    help="By the order in which they began, or the best first.",
)
def trials(*, job: str | None, name: str | None, sort: str) -> None:
    """Print trials."""
    # Imported here: help can do without.
    from pipeyard.cli import notice  # noqa: PLC0415
    from pipeyard.cli.connection import connected  # noqa: PLC0415

    found = connected().trials(named_job(job, name))
    rows = list(found["value"])
    if sort == "rank":
        rows.sort(key=lambda trial: (trial["rank"] is None, trial["rank"], trial["index"]))
    notice.show({**found, "value": rows}, table=[trial_row(trial, found) for trial in rows])
    notice.say(_standing(found))


def trial_row(trial: Mapping[str, Any], sweep: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a table shows of a trial: every hyperparameter has a column."""
    metric = trial["metric"]
    values = {name: _shown(trial["values"].get(name)) for name in _names(sweep)}
    return {
        "trial": trial["index"],
        "name": trial["name"],
        "status": trial["label"],
        **values,
        sweep["primary_metric"]: None if metric is None else f"{metric:.6g}",
        "rank": trial["rank"],
        "note": "best" if trial["is_best"] else trial["stop_reason"] or trial["error"],
    }


def _names(sweep: Mapping[str, Any]) -> list[str]:
    """Return the hyperparameters that any trial has, those of the search space first."""
    taken = {"trial", "name", "status", "rank", "note", sweep["primary_metric"]}
    names = dict.fromkeys(sweep["search_space"])
    for trial in sweep["value"]:
        names.update(dict.fromkeys(trial["values"]))
    return [name for name in names if name not in taken]


def _shown(value: Any) -> Any:
    return f"{value:.6g}" if isinstance(value, float) else value


def _standing(sweep: Mapping[str, Any]) -> str:
    """Return in a sentence how a sweep stands."""
    counts = sweep["counts"]
    words = [f"{counts[word]} {word}" for word in counts if word != "total" and counts[word]]
    best = next((trial for trial in sweep["value"] if trial["is_best"]), None)
    found = ""
    if best is not None and best["metric"] is not None:
        found = f"; the best so far is {best['name']} with {sweep['primary_metric']} {best['metric']:.6g}"
    return f"{counts['total']} of at most {sweep['max_total_trials']} trials: {', '.join(words) or 'none yet'}{found}"
