"""
`pipeyard datastore list-files`, `download`.

In:       a datastore, and a path in it.
Out:      what is there; files below `<path>/`.
Not here: how the server reaches a datastore that is elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from pipeyard.cli import notice, option
from pipeyard.cli.command import command
from pipeyard.cli.connection import connected
from pipeyard.cli.datastore_verbs import datastore_name
from pipeyard.cli.fetch import RemoteFile, fetch, inside
from pipeyard.cli.progress import size_text
from pipeyard.client.workspace import Workspace
from pipeyard.model.errors import NotFound, PipeyardError, UsageError

_ENTRIES = 1000
# What the server says of a path that is no folder.
_NO_FOLDER = frozenset({"bad-path", "datastore-http"})


@command(
    "list-files",
    short_help="List what is in a folder of a datastore.",
    help="List what is directly in a folder of a datastore, on this machine or elsewhere: folders have no size. "
    "Credentials are those that are kept for the datastore.",
    examples=(
        ("The top of it:", "pipeyard datastore list-files -n workspaceblobstore -o table"),
        ("A folder:", "pipeyard datastore list-files -n blob --path raw/2022 -o table"),
        ("Only names, all of them:", "pipeyard datastore list-files -n blob --all --query '[].name' -o tsv"),
    ),
)
@datastore_name
@click.option("--path", metavar="PATH", default="", help="The folder, relative to the datastore. Default: its top.")
@click.option(
    "-r", "--max-results", type=click.IntRange(min=1), metavar="N", help=f"At most so many. Default: {_ENTRIES}."
)
@option.flag("--all", text="All of it, however much.")
def list_files(*, name: str, path: str, max_results: int | None, all: bool) -> None:  # noqa: A002 - the name of the flag.
    """Print the entries of a folder."""
    if all and max_results is not None:
        raise UsageError("--all and --max-results cannot both be given")
    wanted = max_results or _ENTRIES
    # One more than is shown, to know whether there is more.
    found = list(connected().folder(name, path.strip("/"), None if all else wanted + 1))
    if not all and len(found) > wanted:
        found = found[:wanted]
        if max_results is None:
            notice.warn(f"the first {wanted} are listed; --all lists everything")
    rows = [
        {"name": f"{row['name']}/" if row["size"] is None else row["name"], "size": _size(row["size"])} for row in found
    ]
    notice.show(found, table=rows)


@command(
    "download",
    short_help="Fetch a file or a folder of a datastore.",
    help="Fetch a file of a datastore, or a folder with everything below it, into a folder of this machine. "
    "Nothing of it is registered or kept elsewhere.",
    examples=(
        ("One file, to here:", "pipeyard datastore download -n blob --path raw/2022/a.csv"),
        ("A folder:", "pipeyard datastore download -n blob --path raw/2022 -p ./data"),
    ),
)
@datastore_name
@click.option("--path", metavar="PATH", required=True, help="The file or folder, relative to the datastore.")
@click.option(
    "-p",
    "--download-path",
    type=click.Path(file_okay=False),
    default=".",
    metavar="FOLDER",
    help="Where to. Default: here.",
)
def download(*, name: str, path: str, download_path: str) -> None:
    """Fetch files."""
    wanted = path.strip("/")
    if not wanted:
        raise UsageError("--path names nothing", hint="pipeyard datastore list-files shows what there is")
    workspace, target = connected(), Path(download_path)
    fetch(list(_wanted(workspace, name, wanted, inside(target, wanted.rpartition("/")[2]))), target)


def _wanted(workspace: Workspace, name: str, path: str, target: Path) -> Iterator[RemoteFile]:
    """Yield the files of a folder, or the file of that path."""
    try:
        found = list(workspace.folder(name, path))
    except PipeyardError as problem:
        if not isinstance(problem, NotFound) and problem.code not in _NO_FOLDER:
            raise
        # No folder, so a file, or nothing: the server says so when it is asked for.
        yield RemoteFile(target, 0, workspace.datastore_file(name, path))
        return
    for entry in found:
        below, place = f"{path}/{entry['name']}", inside(target, str(entry["name"]))
        if entry["size"] is None:
            yield from _wanted(workspace, name, below, place)
        else:
            yield RemoteFile(place, int(entry["size"]), workspace.datastore_file(name, below))


def _size(size: int | None) -> str | None:
    return None if size is None else size_text(size)
