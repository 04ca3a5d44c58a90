"""
`pipeyard job resume` and `job rerun`.

In:       a job that ended.
Out:      the new job's JSON on stdout, like `job create`.
Not here: what is taken over (the server decides), one step on this terminal (`job_run_step.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

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
        ("Which steps it has:", "pipeyard job list -p NAME -o table"),
    ),
)
@steps()
@_of_an_old_job
def rerun(*, job: str | None, name: str | None, step: tuple[str, ...], latest: bool, stream: bool, web: bool) -> int:
    """Run steps again."""
    old = named_job(job, name)
    return _again(old, "rerun", {"latest": latest, "steps": list(step)}, stream=stream, web=web)


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
