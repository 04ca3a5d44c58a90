"""
`pipeyard datastore list` and `show`.
"""

from __future__ import annotations

import click

from pipeyard.cli import notice
from pipeyard.cli.command import command
from pipeyard.cli.connection import connected
from pipeyard.model.errors import NotFound
from pipeyard.model.nearest import nearest


@command(
    "list",
    short_help="List datastores.",
    help="List datastores.",
    examples=(("Their names:", "pipeyard datastore list --query '[].name' -o tsv"),),
)
def list_() -> None:
    """Print datastores."""
    notice.show(connected().datastores())


@command(
    "show",
    short_help="Show a datastore.",
    help="Show a datastore; exit code 3 when there is none.",
    examples=(("The default one:", "pipeyard datastore show -n workspaceblobstore"),),
)
@click.option("-n", "--name", required=True, metavar="NAME", help="Name of the datastore.")
def show(name: str) -> None:
    """Print a datastore."""
    found = {str(item["name"]): item for item in connected().datastores()}
    if name not in found:
        close = nearest(name, found)
        raise NotFound(
            f"there is no datastore `{name}`",
            hint=f"did you mean `{close}`?" if close else f"there are: {', '.join(found)}",
        )
    notice.show(found[name])
