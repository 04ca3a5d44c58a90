"""
`pipeyard draft list`, `show`, `revisions` and `export`.

Not here: changing drafts (`draft_make.py`), what is wrong with one (`draft_submit.py`).
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from pipeyard.cli import notice, option
from pipeyard.cli.command import command
from pipeyard.cli.fetch import RemoteFile, fetch, inside
from pipeyard.cli.option_draft import draft_argument, drafts_and
from pipeyard.model.errors import UsageError, UserError

MAX_RESULTS = 100


@command(
    "list",
    short_help="List drafts, changed last first.",
    help="List drafts, changed last first; those that were put away are left out unless asked for.",
    examples=(
        ("For reading:", "pipeyard draft list -o table"),
        ("Found by words of its name:", "pipeyard draft list --text 'weekly report'"),
        ("What can be brought back:", "pipeyard draft list --archived-only -o table"),
    ),
)
@click.option("--text", metavar="WORDS", help="Only those with each of these words in their name.")
@click.option(
    "-r", "--max-results", type=click.IntRange(min=1), metavar="N", help=f"At most so many. Default: {MAX_RESULTS}."
)
@option.flag("--all-results", text="All of them.")
@option.flag("--archived-only", text="Only those that were put away.")
@option.flag("--include-archived", text="Those that were put away as well.")
def list_(
    *, text: str | None, max_results: int | None, all_results: bool, archived_only: bool, include_archived: bool
) -> None:
    """Print drafts."""
    from pipeyard.cli.connection import connected  # noqa: PLC0415 - help needs no connection.

    if archived_only and include_archived:
        raise UsageError("--archived-only and --include-archived cannot both be given")
    archived = "archived" if archived_only else "all" if include_archived else None
    limit = None if all_results else max_results or MAX_RESULTS + 1
    found = list(connected().drafts.each(limit=limit, text=text, archived=archived))
    if max_results is None and not all_results and len(found) > MAX_RESULTS:
        found.pop()
        notice.say(f"Only the first {MAX_RESULTS} are shown; --all-results shows all.")
    notice.show(found, table=[draft_row(one) for one in found])


@command(
    "show",
    short_help="Show one, as it is or as it was.",
    help="Show a draft: its text, its files, who edits it.",
    examples=(
        ("Everything that is known of it:", "pipeyard draft show DRAFT"),
        ("Its YAML alone:", "pipeyard draft show DRAFT --query text -o tsv"),
        ("As it was:", "pipeyard draft show DRAFT --revision 12"),
    ),
)
@draft_argument()
@click.option("--revision", type=click.IntRange(min=1), metavar="N", help="An earlier state of it.")
def show(*, draft: str, revision: int | None) -> None:
    """Print a draft."""
    drafts, id_ = drafts_and(draft)
    found = drafts.show(id_, revision)
    notice.show(found, table=[draft_row(found)])


@command(
    "revisions",
    short_help="List its earlier states.",
    help="List the states of a draft that are kept, newest first. Of states long ago only the last of each minute is kept, "
    "and each that was submitted or restored.",
    examples=(
        ("For reading:", "pipeyard draft revisions DRAFT -o table"),
        ("Make one the newest again:", "pipeyard draft restore DRAFT --revision 12"),
    ),
)
@draft_argument()
def revisions(*, draft: str) -> None:
    """Print the states of a draft."""
    drafts, id_ = drafts_and(draft)
    found = drafts.revisions(id_)
    columns = ("saved_at", "saved_by", "reason", "job", "name")
    notice.show(found, table=[{"state": one["revision"], **{name: one[name] for name in columns}} for one in found])


@command(
    "templates",
    short_help="List the examples that one can begin with.",
    help="List the examples that a draft can begin with, each with what it shows.",
    examples=(
        ("For reading:", "pipeyard draft templates -o table"),
        ("Begin with one:", "pipeyard draft create --template regression"),
    ),
)
def templates() -> None:
    """Print the examples."""
    from pipeyard.cli.connection import connected  # noqa: PLC0415 - help needs no connection.

    found = connected().drafts.templates()
    columns = ("name", "steps", "title", "description")
    notice.show(found, table=[{name: one[name] for name in columns} for one in found])


@command(
    "export",
    short_help="Write it as files that `job create` runs.",
    help="Write a draft's YAML, or with components of its own a folder with everything that it needs. "
    "What is written means the same: `pipeyard job create` runs it, and reuses what the draft's own jobs left.",
    examples=(
        ("Here:", "pipeyard draft export DRAFT"),
        ("Into a folder:", "pipeyard draft export DRAFT --download-path ./pipelines"),
        ("As one zip file:", "pipeyard draft export DRAFT --zip"),
    ),
)
@draft_argument()
@click.option(
    "-p", "--download-path", type=click.Path(file_okay=False), default=".", metavar="FOLDER", help="Default: here."
)
@option.flag("--zip", text="One zip file, even if there is only one file in it.")
@option.flag("--overwrite", text="Replace files that are there.")
def export(*, draft: str, download_path: str, zip: bool, overwrite: bool) -> None:  # noqa: A002 - the name of the flag.
    """Write a draft."""
    drafts, id_ = drafts_and(draft)
    data = b"".join(drafts.zip(id_))
    files = _unpacked(data)
    top = next(iter(files)).partition("/")[0]
    target = Path(download_path)
    if zip:
        wanted = {target / f"{top}.zip": data}
    elif len(files) == 1:
        wanted = {target / f"{top}.yml": next(iter(files.values()))}
    else:
        wanted = {inside(target, path): content for path, content in files.items()}
    there = next((place for place in wanted if place.exists()), None)
    if there is not None and not overwrite:
        raise UserError(f"`{there}` is there already", code="file-exists", hint="give --overwrite, or another folder")
    fetch([RemoteFile(place, len(content), [content]) for place, content in wanted.items()], target)
    if not zip:
        main = f"{top}.yml" if len(files) == 1 else f"{top}/{drafts.show(id_)['main']}"
        notice.say(f"Run it: pipeyard job create --file {target / main}")


def draft_row(found: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the columns of a draft in a table."""
    columns = ("name", "modified_at", "modified_by", "held_by", "origin", "file_count")
    # A table shows no `id` and no `revision`, as Azure's do not.
    return {"draft": found["id"], **{name: found[name] for name in columns}, "state": found["revision"]}


def _unpacked(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {info.filename: archive.read(info) for info in archive.infolist()}
