"""
`pipeyard job why`.

In:       a job that exists.
Out:      for each step why it ran, or which earlier result stood for it.
Not here: what would be decided now (`job create --dry-run`, in `job_send.py`), the lines (`reasons.py`).
"""

from __future__ import annotations

import sys

import click

from pipeyard.cli.command import command
from pipeyard.cli.option_job import complete_steps, job_argument, named_job


@command(
    "why",
    short_help="Say why each step ran, or was reused.",
    help="Say of each step of a job what was decided when it was due: which earlier result stood for it and in what "
    "they are equal, or what had changed since it ran before, down to the file of its code, the package of its environment "
    "and the value of its inputs. To know before: pipeyard job create --dry-run.",
    examples=(
        ("Why did it run again:", "pipeyard job why NAME"),
        ("One step, or one pipeline inside:", "pipeyard job why NAME --step prepare/split"),
        ("For a program:", "pipeyard job why NAME -o json --query \"steps[?decision=='ran'].step\""),
    ),
)
@job_argument()
@click.option(
    "--step", metavar="STEP", shell_complete=complete_steps, help="Only this step, or the steps of this pipeline in it."
)
def why(*, job: str | None, name: str | None, step: str | None) -> None:
    """Explain a job."""
    # Imported here: help can do without.
    from pipeyard.cli import notice  # noqa: PLC0415
    from pipeyard.cli.command import settings_of  # noqa: PLC0415
    from pipeyard.cli.connection import connected  # noqa: PLC0415
    from pipeyard.cli.reasons import count_of, lines_of, rows_of  # noqa: PLC0415
    from pipeyard.cli.terminal import may_colour  # noqa: PLC0415

    found = connected().why(named_job(job, name), step)
    settings = settings_of()
    if settings.output is not None or settings.query is not None:
        notice.show(found, table=rows_of(found["steps"]))
        return
    lines = lines_of(found["steps"], colour=may_colour(sys.stdout))
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    notice.say(count_of(found["steps"]))
