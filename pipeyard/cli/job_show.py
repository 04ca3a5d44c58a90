"""
`pipeyard job show` and `job list`.

Not here: following a job (`job_stream.py`), changing one (`job_change.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

import click

from pipeyard.cli import notice, option
from pipeyard.cli.command import command
from pipeyard.cli.connection import connected
from pipeyard.cli.duration import duration_text
from pipeyard.cli.option_job import job_name
from pipeyard.model.errors import UsageError
from pipeyard.model.record import JOB_ORDERS
from pipeyard.model.status import JobStatus

MAX_RESULTS = 50
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


@command(
    "show",
    short_help="Show a job, or its whole history.",
    help="Show a job as JSON; a pipeline with its steps as they were written.",
    examples=(
        ("Its status, for a script:", "pipeyard job show -n NAME --query status -o tsv"),
        ("Its page:", "pipeyard job show -n NAME --web"),
        ("All that happened in it, in order:", "pipeyard job show -n NAME --events -o table"),
        ("Which assets it used and wrote:", "pipeyard job show -n NAME --assets"),
    ),
)
@job_name()
@click.option("-e", "--web", is_flag=True, help="Open the job's page in a browser.")
@click.option("--events", is_flag=True, help="Show the append-only history instead.")
@click.option("--assets", is_flag=True, help="Show the versions of assets that it used and wrote instead.")
def show(*, name: str, web: bool, events: bool, assets: bool) -> None:
    """Print one job."""
    if events and assets:
        raise UsageError("--events and --assets cannot both be given")
    workspace = connected()
    if assets:
        lineage = workspace.assets_of_job(name)
        notice.show(lineage, table=list(lineage["uses"]))
        return
    if events:
        found = workspace.events(name)
        notice.show(found, table=[_event_row(event) for event in found])
        return
    job = workspace.job(name)
    if web:
        # Imported here: opening a browser costs a library.
        from pipeyard.cli.browser import open_page  # noqa: PLC0415

        open_page(workspace, job)
    notice.show(job, table=[job_row(job)])


@command(
    "list",
    short_help="List jobs, newest first.",
    help="List jobs, newest first; archived ones are left out unless asked for. "
    "--counts says how many there are of each status and in the largest experiments, as the Studio does above its list.",
    examples=(
        ("The last ten, for reading:", "pipeyard job list -r 10 -o table"),
        ("What failed since yesterday:", "pipeyard job list --status Failed --since 1d -o table"),
        ("The steps of a pipeline:", "pipeyard job list --parent-job-name NAME -o table"),
        ("The longest ones of an experiment:", "pipeyard job list --experiment nightly --sort -duration -o table"),
        ("How many of each status:", "pipeyard job list --counts -o table"),
        ("By tag:", "pipeyard job list --tag team=vision --query '[].name' -o tsv"),
    ),
)
@click.option(
    "-r", "--max-results", type=click.IntRange(min=1), default=MAX_RESULTS, show_default=True, help="At most so many."
)
@click.option("--all-results", is_flag=True, help="All of them.")
@option.parent_job_name()
@click.option("--archived-only", is_flag=True, help="Only archived jobs.")
@click.option("--include-archived", is_flag=True, help="Archived jobs as well.")
@click.option(
    "--status",
    multiple=True,
    type=click.Choice([status.value for status in JobStatus], case_sensitive=False),
    metavar="STATUS",
    help="Only jobs of this status, such as Running or Failed. May be repeated.",
)
@click.option("--tag", multiple=True, metavar="KEY[=VALUE]", help="Only jobs with this tag. May be repeated.")
@click.option("--since", metavar="TIME", help="Only jobs created since then: 30m, 12h, 7d, or 2026-03-31[T12:00].")
@click.option("--until", metavar="TIME", help="Only jobs created before then, written like --since.")
@click.option("--experiment", metavar="NAME", help="Only jobs of this experiment.")
@click.option(
    "--text", metavar="TEXT", help="Only jobs with this in their name, display name, experiment or description."
)
@click.option(
    "--sort",
    type=click.Choice([sign + order for order in JOB_ORDERS for sign in ("", "-")]),
    default="-created",
    show_default=True,
    metavar="ORDER",
    help="By created, name, experiment or duration; with - in front the largest first.",
)
@click.option(
    "--counts", is_flag=True, help="Say how many there are instead. Goes with --experiment and archived jobs."
)
def list_(
    *,
    counts: bool,
    max_results: int,
    all_results: bool,
    parent_job_name: str | None,
    archived_only: bool,
    include_archived: bool,
    status: tuple[str, ...],
    tag: tuple[str, ...],
    since: str | None,
    until: str | None,
    experiment: str | None,
    text: str | None,
    sort: str,
) -> None:
    """Print jobs."""
    if archived_only and include_archived:
        raise UsageError("--archived-only and --include-archived cannot both be given")
    archived = "archived" if archived_only else "all" if include_archived else None
    if counts:
        _refuse_narrower(max_results, all_results, parent_job_name, status, tag, since, until, text, sort)
        found = connected().count_jobs(experiment=experiment, archived=archived)
        notice.show(found, table=_count_rows(found))
        return
    if parent_job_name is not None and sort != "-created":
        notice.warn("--sort has no effect with --parent-job-name: steps are in the order of their file")
    jobs = list(
        connected().list_jobs(
            limit=None if all_results else max_results,
            parent=parent_job_name,
            archived=archived,
            status=list(status) or None,
            tag=list(tag) or None,
            since=None if since is None else since_text(since, datetime.now(timezone.utc)),
            until=None if until is None else since_text(until, datetime.now(timezone.utc), "--until"),
            experiment=experiment,
            text=text,
            sort=None if sort == "-created" else sort,
        )
    )
    notice.show(jobs, table=[job_row(job) for job in jobs])


def _refuse_narrower(*given: Any) -> None:
    """Raise `UsageError` for what the server counts nothing by: a number of all would look like one of some."""
    names = ("-r", "--all-results", "--parent-job-name", "--status", "--tag", "--since", "--until", "--text", "--sort")
    for name, value, default in zip(names, given, (MAX_RESULTS, *[None] * 7, "-created"), strict=True):
        if value and value != default:
            raise UsageError(
                f"--counts and {name} cannot both be given",
                hint="to count some of them: pipeyard job list --all-results ... --query 'length(@)'",
            )


def _count_rows(found: Mapping[str, Any]) -> list[dict[str, Any]]:
    rows = [{"what": "all", "name": "", "jobs": found["total"]}]
    rows += [{"what": "status", "name": name, "jobs": count} for name, count in found["status"].items()]
    return rows + [{"what": "experiment", "name": name, "jobs": count} for name, count in found["experiments"].items()]


def since_text(text: str, now: datetime, option_name: str = "--since") -> str:
    """Return a moment written as an age (`12h`) or a date as UTC with `Z`."""
    number, unit = text[:-1], text[-1:].lower()
    if unit in _UNITS and number.isdecimal():
        try:
            moment = now - timedelta(**{_UNITS[unit]: int(number)})
        except OverflowError:
            moment = datetime(1970, 1, 1, tzinfo=timezone.utc)
    else:
        try:
            moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
        except ValueError as error:
            raise UsageError(
                f"{option_name} `{text}` is no time",
                hint="write an age (30m, 12h, 7d) or a date (2026-03-31, 2026-03-31T12:00)",
            ) from error
        if moment.tzinfo is None:
            # A date without a zone is meant as the clock on the wall shows it.
            moment = moment.astimezone()
    moment = moment.astimezone(timezone.utc)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"


def job_row(job: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a table shows of a job."""
    created = (job.get("creation_context") or {}).get("created_at") or ""
    return {
        "name": job["name"],
        "display_name": job.get("display_name"),
        "experiment_name": job.get("experiment_name"),
        "status": job.get("label") or job.get("status"),
        "created": created.partition(".")[0].replace("T", " "),
        "duration": duration_text(job.get("duration_seconds")),
    }


def _event_row(event: Mapping[str, Any]) -> dict[str, Any]:
    data = event.get("data") or {}
    return {
        "seq": event["seq"],
        "at": event["at"],
        "kind": event["kind"],
        "step": event.get("step"),
        "attempt": event.get("attempt"),
        "data": ", ".join(f"{key}={value}" for key, value in data.items() if value not in (None, "", [], {})),
    }
