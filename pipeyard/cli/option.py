"""
Options that several commands have.

Out:      decorators, and what completes their values.
Not here: the global flags (`command.py`).

Completion asks a server that runs; it never starts one and never fails.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from itertools import islice
from typing import Any, TypeVar

import click
from click.shell_completion import CompletionItem

from pipeyard.cli.command import Words
from pipeyard.cli.terminal import is_terminal
from pipeyard.model.errors import PipeyardError, UsageError

Function = TypeVar("Function", bound=Callable[..., Any])

_NAMES_OFFERED = 200


def complete_jobs(context: click.Context, parameter: click.Parameter, typed: str) -> list[CompletionItem]:
    """Offer the newest jobs."""
    del parameter
    # Imported here: help and parsing need no connection.
    from pipeyard.cli.connection import connected_if_running  # noqa: PLC0415

    workspace = connected_if_running(context)
    if workspace is None:
        return []
    try:
        jobs = list(islice(workspace.list_jobs(limit=_NAMES_OFFERED), _NAMES_OFFERED))
    except PipeyardError:
        return []
    return [
        CompletionItem(job["name"], help=f"{job.get('status', '')} {job.get('display_name', '')}".strip())
        for job in jobs
        if job["name"].startswith(typed)
    ]


def _complete_computes(context: click.Context, parameter: click.Parameter, typed: str) -> list[CompletionItem]:
    del parameter
    from pipeyard.cli.connection import connected_if_running  # noqa: PLC0415 - as above.

    workspace = connected_if_running(context)
    if workspace is None:
        return []
    try:
        return [CompletionItem(item["name"]) for item in workspace.computes() if item["name"].startswith(typed)]
    except PipeyardError:
        return []


def parent_job_name() -> Callable[[Function], Function]:
    """Return the option `--parent-job-name`."""
    return click.option(
        "-p", "--parent-job-name", metavar="NAME", shell_complete=complete_jobs, help="Only the steps of this job."
    )


def compute_name(*, required: bool = True) -> Callable[[Function], Function]:
    """Return the option `--name` of a compute."""
    return click.option(
        "-n",
        "--name",
        required=required,
        metavar="NAME",
        shell_complete=_complete_computes,
        help="Name of the compute.",
    )


def instance(function: Function) -> Function:
    """Add the options that say what an instance of a compute has, in place of a size."""
    count = click.option("--gpus", type=click.IntRange(min=0), metavar="N", help="GPUs of an instance.")(function)
    amount = click.option("--memory", metavar="SIZE", help="Memory of an instance, such as 16GB.")(count)
    return click.option("--cpus", type=click.IntRange(min=1), metavar="N", help="CPUs of an instance.")(amount)


def image_policy(function: Function) -> Function:
    """Add the option that says what becomes of images that steps name."""
    return click.option(
        "--image-policy",
        type=click.Choice(["require", "prefer", "ignore"]),
        help="Whether steps run in the images that they name: only there, there if podman or docker is found, or never.",
    )(function)


def sandbox(function: Function) -> Function:
    """Add the option that says whether steps may write to their own folders only."""
    return click.option(
        "--sandbox/--no-sandbox",
        default=None,
        help="Whether steps that run outside of containers may write to nothing but their own folders (by bubblewrap).",
    )(function)


def file(text: str, *, required: bool = True) -> Callable[[Function], Function]:
    """Return the option `--file`."""
    return click.option("-f", "--file", required=required, type=click.Path(), metavar="FILE", help=text)


def words(name: str, metavar: str, text: str, *more: str) -> Callable[[Function], Function]:
    """Return an option that takes all words up to the next flag, and may be repeated."""
    return click.option(*more, name, type=Words(), multiple=True, metavar=metavar, help=text)


def form() -> Callable[[Function], Function]:
    """Return the option `--format`."""
    return click.option(
        "--format",
        "form",
        type=click.Choice(["short", "full"]),
        help="How problems are shown: one line each, or with the line of the file. "
        "Full on a terminal, short when piped.",
    )


def tags_of(groups: tuple[tuple[str, ...], ...]) -> dict[str, str]:
    """Return the tags behind `--tags`; `UsageError` for a word that is none."""
    tags = {}
    for word in (word for group in groups for word in group):
        key, found, value = word.partition("=")
        if not found or not key:
            raise UsageError(f"--tags takes KEY=VALUE, this is `{word}`")
        tags[key] = value
    return tags


def flag(*names: str, text: str) -> Callable[[Function], Function]:
    """Return a flag that is on or off."""
    return click.option(*names, is_flag=True, help=text)


def confirm(question: str, *, yes: bool) -> None:
    """Ask whether to go on; with nobody to ask, only a flag says yes."""
    if yes:
        return
    if not is_terminal(sys.stdin):
        raise UsageError("nobody can be asked whether to delete it", hint="give --yes")
    click.confirm(question, abort=True, err=True)
