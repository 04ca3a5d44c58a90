"""
`pipeyard job create` and `job validate`.

In:       a file and what the flags change in it.
Out:      the created job's JSON on stdout; problems, drawn, on stderr (for `validate`: the result).
Not here: the check itself (`client/checking.py`), following the job (`follow.py`).
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from pipeyard.cli import notice, option
from pipeyard.cli.command import command, settings_of
from pipeyard.cli.connection import connected, connected_if_running
from pipeyard.cli.job_show import job_row
from pipeyard.cli.output import render
from pipeyard.cli.problems import problems_json, render_count
from pipeyard.cli.progress import ProgressLine
from pipeyard.cli.verdict import draw, pairs_of, refuse, refused, warn_if_slow
from pipeyard.client.checking import CheckedJob, check_job_file
from pipeyard.client.registered import OF_AZURE, Registered
from pipeyard.client.submission import Choices, ask_server, submit, warnings_of
from pipeyard.client.workspace import Workspace
from pipeyard.graph.references import assets_of
from pipeyard.model.diagnostic import Diagnostic
from pipeyard.model.errors import UserError

Function = TypeVar("Function", bound=Callable[..., Any])

NOTHING_SUBMITTED = "Nothing was submitted."


def _of_a_file(function: Function) -> Function:
    """Add the options that `create` and `validate` share."""
    for decorate in (
        option.form(),
        option.flag("--strict", text="A compute that was not created is an error."),
        option.words("--set", "KEY=VALUE...", "Change a value of the file by its path, such as inputs.rate=0.1."),
        option.file("The job's YAML file."),
    ):
        function = decorate(function)
    return function


@command(
    "create",
    short_help="Check a file and run it.",
    help="Check a job's file, send what it needs, and start it. Prints the job as JSON and returns at once; "
    "the job goes on when the terminal closes. Nothing is written when anything is wrong.",
    examples=(
        ("Run a pipeline:", "pipeyard job create --file pipeline.yml"),
        ("Follow it to its end:", "pipeyard job create --file pipeline.yml --stream"),
        ("With other values:", "pipeyard job create -f pipeline.yml --set inputs.rate=0.1 settings.force_rerun=True"),
        ("Its name, for a script:", "name=$(pipeyard job create -f pipeline.yml --query name -o tsv)"),
    ),
)
@_of_a_file
@click.option("-n", "--name", metavar="NAME", help="Name of the job; must be new. Default: made up.")
@click.option("-a", "--save-as", type=click.Path(dir_okay=False), metavar="FILE", help="Write the created job as YAML.")
@option.flag("-s", "--stream", text="Follow the job's logs until it ends; fails if the job fails.")
@option.flag("-e", "--web", text="Open the job's page in a browser.")
@option.flag("--skip-validation", text="Leave the check to the server.")
def create(
    *,
    file: str,
    set: tuple[tuple[str, ...], ...],  # noqa: A002 - the name of the flag.
    strict: bool,
    form: str | None,
    name: str | None,
    save_as: str | None,
    stream: bool,
    web: bool,
    skip_validation: bool,
) -> int:
    """Run a job."""
    warn_if_slow()
    # A server is started only when the file is sound and names what only a server knows.
    checked = check_job_file(file, pairs_of(set), Registered(connected_if_running, connected))
    problems, texts = checked.diagnostics, checked.files.texts
    if checked.has_errors and not (skip_validation and checked.spec is not None):
        return refuse(problems, texts, form, NOTHING_SUBMITTED)
    draw(problems, texts, form, sys.stderr)
    workspace = connected()
    try:
        job = submit(workspace, checked, Choices(name, strict), _watcher())
    except UserError as error:
        return refused(error, texts, form, NOTHING_SUBMITTED)
    draw(warnings_of(job, checked), texts, form, sys.stderr)
    if web:
        # Imported here: opening a browser costs a library.
        from pipeyard.cli.browser import open_page  # noqa: PLC0415

        open_page(workspace, job)
    code = 0
    if stream:
        job, code = _followed(workspace, job)
    notice.show(job, table=[job_row(job)])
    if save_as is not None:
        # Last: the job exists whether or not this file can be written.
        Path(save_as).write_text(render(job, "yaml"), "utf-8")
    return code


@command(
    "validate",
    short_help="Check a file; needs no server.",
    help="Check a job's file and every file that it names. Shows all problems at once, each with its place. "
    "Fails if there is an error; warnings alone are no failure. "
    "A running server is asked about what only it knows; none is started.",
    examples=(
        ("Check a pipeline:", "pipeyard job validate --file pipeline.yml"),
        ("One line for each problem:", "pipeyard job validate -f pipeline.yml --format short"),
        ("For a program:", "pipeyard job validate -f pipeline.yml -o json"),
    ),
)
@_of_a_file
def validate(
    *,
    file: str,
    set: tuple[tuple[str, ...], ...],  # noqa: A002 - the name of the flag.
    strict: bool,
    form: str | None,
) -> int:
    """Check a job."""
    warn_if_slow()
    checked = check_job_file(file, pairs_of(set), Registered(connected_if_running))
    asked = _from_server(checked, strict=strict)
    problems = [*checked.diagnostics, *(asked or ())]
    unchecked = _unchecked(checked, was_asked=asked is not None)
    has_errors = any(problem.is_error for problem in problems)
    settings = settings_of()
    if settings.output is not None or settings.query is not None:
        notice.show({**problems_json(problems), "unchecked": unchecked})
        return int(has_errors)
    draw(problems, checked.files.texts, form, sys.stdout)
    if unchecked:
        notice.say(f"Not checked, because only a server knows them: {', '.join(unchecked)}")
    notice.say(f"{file}: {render_count(problems)}")
    return int(has_errors)


def _unchecked(checked: CheckedJob, *, was_asked: bool) -> list[str]:
    """Return what only a server knows and none was asked about; Azure's own environments stand for any Python."""
    graph = checked.graph
    assets = {} if graph is None or was_asked else assets_of(graph)
    named = [reference for reference in assets if reference.registry not in OF_AZURE]
    return sorted({str(reference) for reference in (*checked.unchecked, *named)})


def _from_server(checked: CheckedJob, *, strict: bool) -> Sequence[Diagnostic] | None:
    """Return what a running server adds; None when none runs or the file is wrong anyway."""
    workspace = None if checked.has_errors else connected_if_running()
    if workspace is None:
        return None
    known = {(problem.code, problem.message) for problem in checked.diagnostics}
    found = ask_server(workspace, checked, Choices(strict=strict), _watcher())
    return [problem for problem in found if (problem.code, problem.message) not in known]


def _watcher() -> ProgressLine:
    settings = settings_of()
    return ProgressLine(quiet=settings.only_show_errors, verbose=settings.verbose)


def _followed(workspace: Workspace, job: Mapping[str, Any]) -> tuple[Mapping[str, Any], int]:
    # Imported here: most submits return at once.
    from pipeyard.cli.follow import follow  # noqa: PLC0415

    # The JSON is the result; the logs are messages.
    code = follow(workspace, str(job["name"]), sys.stderr)
    return workspace.job(str(job["name"])), code
