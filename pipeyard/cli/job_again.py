"""
`pipeyard job resume`, `job rerun` and `job resubmit`.

In:       a job; for the first two, one that ended.
Out:      the new job's JSON on stdout, like `job create`.
Not here: what is taken over (the server decides), one step on this terminal (`job_run_step.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from pipeyard.cli import notice, option
from pipeyard.cli.command import command
from pipeyard.cli.option_job import job_argument, named_job, steps

Function = TypeVar("Function", bound=Callable[..., Any])


def _of_an_old_job(function: Function) -> Function:
    for decorate in (
        option.flag("-e", "--web", text="Open the new job's page in a browser."),
        option.flag("-s", "--stream", text="Follow the new job's logs until it ends; fails if the job fails."),
        option.flag(
            "--latest", text="Look up labels such as @latest and data from the Web anew. Default: what the job had."
        ),
        job_argument(),
    ):
        function = decorate(function)
    return function


@command(
    "resume",
    short_help="Go on with a job that failed or was canceled.",
    help="Create a job that goes on where JOB ended: every step that completed there is taken over, also one that is "
    "not deterministic, and the others run. It runs the versions that JOB was accepted with. "
    "Of a job that completed nothing is left to do; then it is printed itself. The files that it was made from are not read again: "
    "for a corrected file use job create, which reuses what did not change.",
    examples=(
        ("Go on after a failure:", "pipeyard job resume NAME --stream"),
        ("The new job's name:", "name=$(pipeyard job resume NAME --query name -o tsv)"),
        ("With the newest versions of what it names:", "pipeyard job resume NAME --latest"),
    ),
)
@_of_an_old_job
def resume(*, job: str | None, name: str | None, latest: bool, stream: bool, web: bool) -> int:
    """Go on with a job."""
    old = named_job(job, name)
    return _again(old, "resume", {"latest": latest}, stream=stream, web=web)


@command(
    "rerun",
    short_help="Run steps of a job again, with all that depends on them.",
    help="Create a job in which the named steps of JOB run, and every step that depends on them; the rest is taken over "
    "from JOB. A step inside a pipeline of the job is named with that pipeline: outer/inner; "
    "a pipeline's own name means all steps in it.",
    examples=(
        ("Train again, on the same data:", "pipeyard job rerun NAME --step train --stream"),
        ("Two steps, one of them inside `prepare`:", "pipeyard job rerun NAME --step prepare/split --step report"),
        ("Of a parallel step only what failed:", "pipeyard job rerun NAME --step score --failed-batches"),
        ("Which steps it has:", "pipeyard job list -p NAME -o table"),
    ),
)
@option.flag(
    "--failed-batches",
    text="Of the named steps, which have to be parallel ones, run only the mini-batches that failed or were not "
    "reached; what the others returned and wrote is taken over. Without --step: of the only parallel step.",
)
@steps()
@_of_an_old_job
def rerun(
    *,
    job: str | None,
    name: str | None,
    step: tuple[str, ...],
    failed_batches: bool,
    latest: bool,
    stream: bool,
    web: bool,
) -> int:
    """Run steps again."""
    old = named_job(job, name)
    if not step and not failed_batches:
        # Imported here: help can do without.
        from pipeyard.model.errors import UsageError  # noqa: PLC0415

        raise UsageError(
            "no step is named", hint=f"--step STEP; to see which there are: pipeyard job list -p {old} -o table"
        )
    wishes = {"latest": latest, "steps": list(step), "failed_batches": failed_batches}
    return _again(old, "rerun", wishes, stream=stream, web=web)


@command(
    "resubmit",
    short_help="Create a job like another one, with other inputs.",
    help="Create a job like JOB, with other values for some of its inputs; the rest means what it meant there, and steps "
    "that nothing changed for are reused. No file is read: for changed code use job create.",
    examples=(
        ("With another learning rate:", "pipeyard job resubmit NAME --input learning_rate=0.1 --stream"),
        ("On other data:", "pipeyard job resubmit NAME --input raw=azureml:titanic:2 --input rows=100"),
        ("The same again, every step anew:", "pipeyard job resubmit NAME --force-rerun"),
        ("Which inputs it has:", "pipeyard job show -n NAME --query inputs"),
    ),
)
@click.option(
    "--input",
    "inputs",
    multiple=True,
    metavar="NAME=VALUE",
    help="Another value for an input: a number, a text, or where data is. May be repeated.",
)
@click.option("--display-name", metavar="TEXT", help="What the new job is called. Default: as JOB.")
@click.option("--experiment-name", metavar="NAME", help="The new job's experiment. Default: that of JOB.")
@option.flag("--force-rerun", text="Run every step, whatever results stand from earlier.")
@_of_an_old_job
def resubmit(
    *,
    job: str | None,
    name: str | None,
    inputs: tuple[str, ...],
    display_name: str | None,
    experiment_name: str | None,
    force_rerun: bool,
    latest: bool,
    stream: bool,
    web: bool,
) -> int:
    """Run a job with other inputs."""
    old = named_job(job, name)
    wishes = {
        "inputs": _values_of(inputs),
        "display_name": display_name,
        "experiment_name": experiment_name,
        "force_rerun": force_rerun,
        "latest": latest,
    }
    return _again(old, "resubmit", wishes, stream=stream, web=web)


def _values_of(words: tuple[str, ...]) -> dict[str, Any]:
    # Imported here: help and completion read no values.
    from pipeyard.model.errors import UsageError  # noqa: PLC0415
    from pipeyard.spec.scalar import read_plain  # noqa: PLC0415

    values: dict[str, Any] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or not name.strip():
            raise UsageError(f"--input takes NAME=VALUE, this is `{word}`", hint="such as --input epochs=20")
        values[name.strip()] = read_plain(value) if value else ""
    return values


def _again(old: str, verb: str, wishes: dict[str, Any], *, stream: bool, web: bool) -> int:
    # Imported here: help and completion need no connection.
    from pipeyard.cli.connection import connected  # noqa: PLC0415
    from pipeyard.cli.job_show import job_row  # noqa: PLC0415
    from pipeyard.client.identity import host_name, user_name  # noqa: PLC0415

    workspace = connected()
    new = workspace.run_again(old, verb, {**wishes, "user": user_name(), "host": host_name()})
    is_new = new["name"] != old
    if not is_new:
        notice.say(f"Job `{old}` has completed: nothing is left to do, and no job was created.")
        notice.say(f"To run some of its steps again: pipeyard job rerun {old} --step STEP")
    if web:
        from pipeyard.cli.browser import open_page  # noqa: PLC0415 - opening a browser costs a library.

        open_page(workspace, new)
    code = 0
    if stream and is_new:
        from pipeyard.cli.job_send import followed  # noqa: PLC0415 - most calls return at once.

        new, code = followed(workspace, new)
    notice.show(new, table=[job_row(new)])
    return code
