"""
`pipeyard job cancel`, `update`, `archive`, `restore`.

Not here: what may be changed when (the server decides).
"""

from __future__ import annotations

from pipeyard.cli import notice, option
from pipeyard.cli.change import FIELDS, changed_fields
from pipeyard.cli.command import command
from pipeyard.cli.connection import connected
from pipeyard.cli.option_job import job_name
from pipeyard.model.errors import UsageError


@command(
    "cancel",
    short_help="End a job and all its running steps.",
    help="End a job: running steps get SIGTERM, then after a while SIGKILL. What they wrote is kept.",
    examples=(("Cancel a job:", "pipeyard job cancel -n NAME"),),
)
@job_name()
def cancel(name: str) -> None:
    """Ask a job to end."""
    notice.show(connected().act_on_job(name, "cancel"))


@command(
    "archive",
    short_help="Hide a job from lists.",
    help="Hide a job that has ended from lists. Nothing is deleted.",
    examples=(("Archive a job:", "pipeyard job archive -n NAME"),),
)
@job_name()
def archive(name: str) -> None:
    """Hide a job."""
    connected().act_on_job(name, "archive")


@command(
    "restore",
    short_help="Show an archived job in lists again.",
    help="Show an archived job in lists again.",
    examples=(
        ("Restore a job:", "pipeyard job restore -n NAME"),
        ("Which jobs are archived:", "pipeyard job list --archived-only -o table"),
    ),
)
@job_name()
def restore(name: str) -> None:
    """Show a job again."""
    connected().act_on_job(name, "restore")


@command(
    "update",
    short_help="Change a job's tags, properties, display name or description.",
    help=f"Change {', '.join(FIELDS)} of a job. Properties can only be added.",
    examples=(
        ("Set tags:", "pipeyard job update -n NAME --set tags.team=vision tags.run=3"),
        ("Rename it:", 'pipeyard job update -n NAME --set display_name="Nightly training"'),
        ("Remove a tag:", "pipeyard job update -n NAME --remove tags.run"),
    ),
)
@job_name()
@option.words("--set", "KEY=VALUE...", "Set values by path, such as tags.team=vision.")
@option.words("--add", "PATH KEY=VALUE...", "Add entries to a mapping, such as --add tags team=vision.")
@option.words("--remove", "PATH...", "Remove a value, such as --remove tags.team.")
@option.flag("--force-string", text="Take values as text even where they read as JSON.")
@option.flag("-e", "--web", text="Open the job's page in a browser.")
def update(
    *,
    name: str,
    set: tuple[tuple[str, ...], ...],  # noqa: A002 - the name of the flag.
    add: tuple[tuple[str, ...], ...],
    remove: tuple[tuple[str, ...], ...],
    force_string: bool,
    web: bool,
) -> None:
    """Change a job."""
    if not (set or add or remove):
        raise UsageError("nothing to change", hint="give --set, --add or --remove")
    workspace = connected()
    changes = changed_fields(workspace.job(name), "job", set=set, add=add, remove=remove, force_string=force_string)
    job = workspace.update_job(name, changes)
    if web:
        from pipeyard.cli.browser import open_page  # noqa: PLC0415 - opening a browser costs a library.

        open_page(workspace, job)
    notice.show(job)
