"""
`pipeyard draft create`, `update`, `restore` and `delete`.

Not here: looking at drafts (`draft_show.py`), submitting them (`draft_submit.py`).
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from pipeyard.cli import notice, option
from pipeyard.cli.command import command
from pipeyard.cli.draft_show import draft_row
from pipeyard.cli.option import complete_jobs
from pipeyard.cli.option_draft import complete_drafts, complete_templates, draft_argument, drafts_and
from pipeyard.model.errors import UsageError


@command(
    "create",
    short_help="Begin one: empty, or from a file, an example, a job.",
    help="Begin a draft, and print it as JSON. A file is taken in with the components and the code that it names by "
    "path; a zip with everything in it. A file that has problems is taken in as well: that is what drafts are for.",
    examples=(
        ("An empty one:", "pipeyard draft create --name report"),
        ("From a file and what it names:", "pipeyard draft create --file pipeline.yml"),
        ("From an example:", "pipeyard draft create --template regression"),
        ("From a job, to change it:", "pipeyard draft create --job NAME"),
        ("A copy:", "pipeyard draft create --from DRAFT"),
    ),
)
@click.option("-f", "--file", type=click.Path(), metavar="FILE", help="A pipeline's YAML file, or a zip.")
@click.option(
    "--template",
    metavar="NAME",
    shell_complete=complete_templates,
    help="An example; `draft templates` lists them.",
)
@click.option("--job", metavar="NAME", shell_complete=complete_jobs, help="A pipeline job that was submitted.")
@click.option("--from", "source", metavar="DRAFT", shell_complete=complete_drafts, help="Another draft.")
@click.option("--main", metavar="PATH", help="Which file in a zip is the pipeline, if it cannot be guessed.")
@click.option("-n", "--name", metavar="NAME", help="Its name. Default: what the pipeline calls itself.")
def create(
    *,
    file: str | None,
    template: str | None,
    job: str | None,
    source: str | None,
    main: str | None,
    name: str | None,
) -> None:
    """Begin a draft."""
    given = {"--file": file, "--template": template, "--job": job, "--from": source}
    chosen = [flag for flag, value in given.items() if value is not None]
    if len(chosen) > 1:
        raise UsageError(f"a draft begins with one thing, and {' and '.join(chosen)} are given")
    if main is not None and (file is None or not _is_zip(file)):
        raise UsageError("--main names a file in a zip, which --file has to be")
    # Imported here: help needs no connection.
    from pipeyard.cli.connection import connected  # noqa: PLC0415

    if file is not None:
        data, main = (_read(file), main) if _is_zip(file) else _packed(file)
        found = connected().drafts.take_in(data, name=name, main=main)
    else:
        drafts = connected().drafts
        origin = None if source is None else drafts.named(source)
        body = {"name": name, "template": template, "job": job, "draft": origin}
        found = drafts.create({key: value for key, value in body.items() if value is not None})
    _show(found)


@command(
    "update",
    short_help="Change its name, or its text by that of a file.",
    help="Change a draft's name, or its text by that of a file; files beside it stay. While somebody edits it in the "
    "Studio it is left alone, unless it is taken over; earlier states stay in either case.",
    examples=(
        ("Another name:", "pipeyard draft update DRAFT --name report"),
        ("Another text:", "pipeyard draft update DRAFT --file pipeline.yml"),
        ("Although somebody edits it:", "pipeyard draft update DRAFT -f pipeline.yml --take-over"),
    ),
)
@draft_argument()
@click.option("-n", "--name", metavar="NAME", help="Its new name.")
@click.option("-f", "--file", type=click.Path(), metavar="FILE", help="A YAML file that has its new text.")
@option.flag("--take-over", text="Change it although somebody edits it.")
def update(*, draft: str, name: str | None, file: str | None, take_over: bool) -> None:
    """Change a draft."""
    if name is None and file is None:
        raise UsageError("what is to be changed?", hint="give --name or --file")
    drafts, id_ = drafts_and(draft)
    body: dict[str, Any] = {"name": name, "text": None if file is None else _text(file)}
    _changed(drafts, id_, body, take_over=take_over)


@command(
    "restore",
    short_help="Bring it back, or an earlier state of it.",
    help="Bring back a draft that was put away, or make an earlier state of a draft the newest one. Nothing is lost by that.",
    examples=(
        ("After `draft delete`:", "pipeyard draft restore DRAFT"),
        ("As it was:", "pipeyard draft restore DRAFT --revision 12"),
    ),
)
@draft_argument()
@click.option("--revision", type=click.IntRange(min=1), metavar="N", help="The state; `draft revisions` lists them.")
@option.flag("--take-over", text="Change it although somebody edits it.")
def restore(*, draft: str, revision: int | None, take_over: bool) -> None:
    """Bring something back."""
    drafts, id_ = drafts_and(draft)
    if revision is None:
        _show(drafts.restore(id_))
    else:
        _changed(drafts, id_, {}, take_over=take_over, revision=revision)


@command(
    "delete",
    short_help="Put it away, or forget it for good.",
    help="Put a draft away: it is not listed any more, and `draft restore` brings it back. With --forever nothing of it stays.",
    examples=(
        ("Put it away:", "pipeyard draft delete DRAFT"),
        ("Forget it:", "pipeyard draft delete DRAFT --forever --yes"),
    ),
)
@draft_argument()
@option.flag("--forever", text="Nothing of it stays, no earlier state either.")
@option.flag("-y", "--yes", text="Do not ask.")
def delete(*, draft: str, forever: bool, yes: bool) -> None:
    """Put a draft away."""
    drafts, id_ = drafts_and(draft)
    if forever:
        name = drafts.show(id_)["name"]
        option.confirm(f"Forget draft `{name}` ({id_}) with all its states?", yes=yes)
    drafts.delete(id_, forever=forever)
    notice.say(f"Forgot {id_}." if forever else f"Put away. To bring it back: pipeyard draft restore {id_}")


def _changed(drafts: Any, id_: str, body: dict[str, Any], *, take_over: bool, revision: int | None = None) -> None:
    """Save a change to the newest state, as somebody who edits for a moment."""
    holder = f"command line {os.getpid()}" if take_over else None
    found = drafts.hold(id_, holder, take_over=True) if holder is not None else drafts.show(id_)
    whole = {**body, "revision": found["revision"], "holder": holder}
    try:
        found = drafts.save(id_, whole) if revision is None else drafts.restore_revision(id_, revision, whole)
    finally:
        if holder is not None:
            drafts.release(id_, holder)
    _show(found)


def _show(found: Mapping[str, Any]) -> None:
    notice.show(found, table=[draft_row(found)])


def _is_zip(file: str) -> bool:
    return file.lower().endswith(".zip")


def _packed(file: str) -> tuple[bytes, str]:
    # Imported here: the language costs a library.
    from pipeyard.client.draftfile import draft_zip  # noqa: PLC0415

    return draft_zip(file)


def _text(file: str) -> str:
    from pipeyard.client.sourcefile import read_text  # noqa: PLC0415 - as above.

    return read_text(Path(file))


def _read(file: str) -> bytes:
    from pipeyard.client.sourcefile import missing  # noqa: PLC0415 - as above.

    try:
        return Path(file).read_bytes()
    except FileNotFoundError as error:
        raise missing(Path(file)) from error
