"""
`pipeyard job metrics`.

In:       a job that exists.
Out:      what it has logged with MLflow: metrics, the points of some of them, its params.
Not here: logging, which MLflow's client does; comparing jobs (`job compare`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

import click

from pipeyard.cli.command import command
from pipeyard.cli.option_job import job_argument, named_job

_POINTS = 1000


@command(
    "metrics",
    short_help="Show what a job has logged with MLflow.",
    help="Show the metrics that a job or step has logged, each with its latest, lowest and highest value; with --key their "
    "points in the order in which they came; with --params its params.",
    examples=(
        ("For reading:", "pipeyard job metrics NAME -o table"),
        ("The history of one:", "pipeyard job metrics NAME --key loss -o table"),
        ("One number, for a script:", "pipeyard job metrics NAME --query \"[?key=='loss'].latest\" -o tsv"),
        ("All steps of a pipeline:", "pipeyard job metrics NAME --steps -o table"),
        ("What it was started with:", "pipeyard job metrics NAME --params"),
    ),
)
@job_argument()
@click.option("--key", multiple=True, metavar="KEY", help="Show the points of this metric. May be repeated.")
@click.option(
    "-r",
    "--max-results",
    type=click.IntRange(min=1),
    default=_POINTS,
    show_default=True,
    help="With --key: at most so many points of each.",
)
@click.option("--all-results", is_flag=True, help="With --key: all of them.")
@click.option("--params", is_flag=True, help="Show the params instead.")
@click.option("--steps", is_flag=True, help="Show what the job's steps have logged, each by itself.")
def metrics(
    *,
    job: str | None,
    name: str | None,
    key: tuple[str, ...],
    max_results: int,
    all_results: bool,
    params: bool,
    steps: bool,
) -> None:
    """Print what was logged."""
    # Imported here: help can do without.
    from pipeyard.cli import notice  # noqa: PLC0415
    from pipeyard.cli.connection import connected  # noqa: PLC0415
    from pipeyard.model.errors import UsageError  # noqa: PLC0415

    if params + steps + bool(key) > 1:
        raise UsageError("only one of --params, --steps and --key can be given")
    workspace, wanted = connected(), named_job(job, name)
    if params:
        found = workspace.params(wanted)
        notice.show(found, table=[{"key": one, "value": found[one]} for one in found])
        return
    if steps:
        by_step = workspace.metrics_by_step(wanted)
        rows = [{"step_name": each["step"], **_summary_row(one)} for each in by_step for one in each["metrics"]]
        notice.show(by_step, table=rows)
        return
    if not key:
        summaries = workspace.metrics(wanted)
        if not summaries and workspace.job(wanted)["type"] == "pipeline":
            notice.say(f"It has logged no metric itself. What its steps logged: pipeyard job metrics {wanted} --steps")
        notice.show(summaries, table=[_summary_row(one) for one in summaries])
        return
    limit = None if all_results else max_results
    points = {one: list(workspace.metric_points(wanted, one, limit=limit)) for one in key}
    shown: Any = points[key[0]] if len(points) == 1 else points
    notice.show(shown, table=[_point_row(one, point) for one, some in points.items() for point in some])


def _summary_row(summary: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "key": summary["key"],
        "latest": summary["latest"],
        "step": summary["step"],
        "min": summary["min"],
        "max": summary["max"],
        "count": summary["count"],
        "at": str(summary["at"]).partition(".")[0].replace("T", " "),
    }


def _point_row(key: str, point: Mapping[str, Any]) -> dict[str, Any]:
    return {"key": key, "step": point["step"], "value": point["value"], "at": _moment(point["timestamp"])}


def _moment(timestamp_ms: int) -> str:
    try:
        return f"{datetime.fromtimestamp(timestamp_ms / 1000, timezone.utc):%Y-%m-%d %H:%M:%S}"
    except (OverflowError, ValueError, OSError):
        # A client may say any number.
        return str(timestamp_ms)
