"""
A job and its steps as arguments: `pipeyard job resume NAME`, `--step outer/inner`.

Out:      decorators, what completes their values, the name that was meant.
Not here: names of other things (`option.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any, TypeVar

import click
from click.shell_completion import CompletionItem

from pipeyard.cli.option import complete_jobs

Function = TypeVar("Function", bound=Callable[..., Any])


def job_argument() -> Callable[[Function], Function]:
    """Return the argument JOB, which may be given as `--name` too, as everywhere else."""

    def decorate(function: Function) -> Function:
        flag = click.option(
            "-n", "--name", metavar="NAME", shell_complete=complete_jobs, help="The same as the argument JOB."
        )
        argument = click.argument("job", metavar="[JOB]", required=False, shell_complete=complete_jobs)
        return argument(flag(function))

    return decorate


def job_name() -> Callable[[Function], Function]:
    """Return the argument JOB or `--name`, which a command gets as `name`."""

    def decorate(function: Function) -> Function:
        @wraps(function)
        def named(*, job: str | None, name: str | None, **rest: Any) -> Any:
            return function(name=named_job(job, name), **rest)

        return job_argument()(named)  # type: ignore[return-value]

    return decorate


def named_job(argument: str | None, flag: str | None) -> str:
    """Return the job that was named, one way or the other."""
    # Imported here: help can do without.
    from pipeyard.model.errors import UsageError  # noqa: PLC0415

    if argument and flag and argument != flag:
        raise UsageError(f"two jobs are named: `{argument}` and `{flag}`", hint="give one")
    found = argument or flag
    if not found:
        raise UsageError("no job is named", hint="give its name; to see which there are: pipeyard job list -o table")
    return found


def steps() -> Callable[[Function], Function]:
    """Return the option `--step`, which may be repeated."""
    return click.option(
        "--step",
        multiple=True,
        metavar="STEP",
        shell_complete=complete_steps,
        help="A step to run again. May be repeated.",
    )


def complete_steps(context: click.Context, parameter: click.Parameter, typed: str) -> list[CompletionItem]:
    """Offer the steps of the job that was typed before."""
    del parameter
    # Behind `--step` and nothing else, arguments were not given their names yet.
    name = context.params.get("job") or context.params.get("name") or next(iter(context.args), None)
    if not name:
        return []
    # Imported here: help and parsing need no connection.
    from pipeyard.cli.connection import connected_if_running  # noqa: PLC0415
    from pipeyard.model.errors import PipeyardError  # noqa: PLC0415

    workspace = connected_if_running(context)
    if workspace is None:
        return []
    try:
        found = list(_steps_of(workspace, str(name)))
    except PipeyardError:
        return []
    return [CompletionItem(key, help=status) for key, status in found if key.startswith(typed)]


def _steps_of(workspace: Any, name: str) -> Iterator[tuple[str, str]]:
    """Yield the path and the status of each step, inner ones after the pipeline that they are in."""
    waiting = workspace.children(name)
    while waiting:
        child = waiting.pop(0)
        yield str(child["step"]), str(child.get("label") or child["status"])
        if child["type"] == "pipeline":
            waiting[:0] = workspace.children(child["name"])
