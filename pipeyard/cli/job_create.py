"""
`pipeyard job create` and `job validate`: their flags and help.

Not here: what they do (`job_send.py`), for which the whole language has to be loaded.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from pipeyard.cli import option
from pipeyard.cli.command import command
from pipeyard.model.errors import UsageError

Function = TypeVar("Function", bound=Callable[..., Any])


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
        ("Only say which steps would run, and why:", "pipeyard job create -f pipeline.yml --dry-run"),
        ("Its name, for a script:", "name=$(pipeyard job create -f pipeline.yml --query name -o tsv)"),
    ),
)
@_of_a_file
@click.option("-n", "--name", metavar="NAME", help="Name of the job; must be new. Default: made up.")
@click.option(
    "-a",
    "--save-as",
    type=click.Path(dir_okay=False),
    metavar="FILE",
    help="Write what is known of the created job, as `job show` prints it, as YAML.",
)
@option.flag("-s", "--stream", text="Follow the job's logs until it ends; fails if the job fails.")
@option.flag("-e", "--web", text="Open the job's page in a browser.")
@option.flag("--skip-validation", text="Leave the check to the server.")
@option.flag("--verify", text="Read every byte of earlier results before they are reused.")
@option.flag("--dry-run", text="Create nothing; say which steps would run, and why.")
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
    verify: bool,
    dry_run: bool,
) -> int:
    """Run a job."""
    if dry_run:
        from pipeyard.cli.job_foresee import foresee_job  # noqa: PLC0415 - as below.

        for flag, is_given in (("--stream", stream), ("--web", web), ("--save-as", save_as is not None)):
            if is_given:
                raise UsageError(f"{flag} needs a job, and --dry-run creates none")
        return foresee_job(file, set, strict=strict, form=form, verify=verify)
    # Imported here: help and wrong flags need no check.
    from pipeyard.cli.job_send import Wishes, create_job  # noqa: PLC0415

    return create_job(file, Wishes(set, strict, form, name, save_as, stream, web, skip_validation, verify))


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
    from pipeyard.cli.job_send import validate_job  # noqa: PLC0415 - as above.

    return validate_job(file, set, strict=strict, form=form)
