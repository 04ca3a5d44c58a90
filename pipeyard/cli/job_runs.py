"""
`pipeyard job runs`.

In:       a step that repeats its body.
Out:      its iterations or items, one line each.
Not here: trials (`job_trials.py`), mini-batches (`job_batches.py`), one run as a job (`job_show.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from pipeyard.cli.command import command
from pipeyard.cli.option_job import complete_steps, job_argument, named_job


@command(
    "runs",
    short_help="List the iterations of a loop, or the items of a parallel_for.",
    help="List the runs of a step that repeats its body: the iterations of a do_while, or the items of a parallel_for, "
    "each with the values that it was given, how it is, and the values that it wrote. Each is a job of its own. A step "
    "inside a pipeline is named with --step, unless it is the only one that repeats something.",
    examples=(
        ("For reading:", "pipeyard job runs NAME --step for_each_text -o table"),
        ("The jobs that failed:", "pipeyard job runs NAME --query \"value[?status=='Failed'].name\" -o tsv"),
        ("The log of one of them:", "pipeyard job stream -n RUN"),
    ),
)
@job_argument()
@click.option(
    "--step",
    metavar="STEP",
    shell_complete=complete_steps,
    help="The step that is meant. Default: the only one that repeats something.",
)
def runs(*, job: str | None, name: str | None, step: str | None) -> None:
    """Print runs."""
    # Imported here: help can do without.
    from pipeyard.cli import notice  # noqa: PLC0415
    from pipeyard.cli.connection import connected  # noqa: PLC0415

    found = connected().runs(named_job(job, name), step)
    notice.show(found, table=[run_row(run, found["of"]) for run in found["value"]])
    notice.say(_standing(found))


def run_row(run: Mapping[str, Any], of: str) -> dict[str, Any]:
    """Return what a table shows of a run."""
    seconds = run["duration_seconds"]
    return {
        of: run["key"],
        "name": run["name"],
        "status": run["label"],
        "seconds": None if seconds is None else f"{seconds:.1f}",
        "given": _pairs(run["values"]),
        "wrote": _pairs(run["outputs"]),
        "error": run["error"],
    }


def _pairs(values: Mapping[str, Any]) -> str:
    return ", ".join(f"{name}={_short(value)}" for name, value in values.items())


def _short(value: Any) -> Any:
    """Return of data the name at the end of where it is; JSON has the whole."""
    if isinstance(value, str) and value.startswith("azureml:"):
        return value.rstrip("/").rpartition("/")[2]
    return f"{value:.6g}" if isinstance(value, float) else value


def _standing(found: Mapping[str, Any]) -> str:
    at_most = "at most " if found["of"] == "iteration" else ""
    total = "" if found["total"] is None else f" of {at_most}{found['total']}"
    failed = f", {found['failed']} failed" if found["failed"] else ""
    return f"{found['done']}{total} {found['of']}s have ended{failed}."
