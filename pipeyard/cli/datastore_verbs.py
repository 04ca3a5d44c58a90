"""
`pipeyard datastore create`, `list`, `show`, `test`, `update`, `delete`.

Not here: looking into one (`datastore_files.py`).

Source: section 8.1 and the `ml datastore` row of section 15.

Invariant: nothing printed here holds a credential. Problems are drawn without the lines
of the file, because one of those may hold one.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

import click
from click.shell_completion import CompletionItem

from pipeyard.cli import notice, option
from pipeyard.cli.command import command
from pipeyard.cli.connection import connected, connected_if_running
from pipeyard.model.datastore import DatastoreSpec
from pipeyard.model.diagnostic import Diagnostic
from pipeyard.model.errors import PipeyardError, UsageError, UserError

Groups = tuple[tuple[str, ...], ...]


def complete(context: click.Context, parameter: click.Parameter, typed: str) -> list[CompletionItem]:
    """Offer the names of datastores, if a server runs."""
    del parameter
    try:
        workspace = connected_if_running(context)
        found = [] if workspace is None else workspace.datastores()
    except PipeyardError:
        return []
    return [CompletionItem(item["name"]) for item in found if item["name"].startswith(typed)]


datastore_name = click.option(
    "-n", "--name", required=True, metavar="NAME", shell_complete=complete, help="Name of the datastore."
)


@command(
    "create",
    short_help="Create a datastore from its YAML file.",
    help="Create a datastore, or change the one of that name. It is looked at once, to see whether the credentials "
    "let us in; they are kept apart and never shown.",
    examples=(
        ("From a file:", "pipeyard datastore create --file blob.yml"),
        (
            "With a secret that is in no file:",
            'pipeyard datastore create -f blob.yml --set credentials.account_key="$KEY"',
        ),
    ),
)
@option.file("The datastore's YAML file.")
@click.option("-n", "--name", metavar="NAME", help="Its name, instead of the file's.")
@option.words("--set", "KEY=VALUE...", "Change a value of the file by its path.")
@option.flag("--skip-validation", text="Do not look whether it can be reached.")
def create(*, file: str, name: str | None, set: Groups, skip_validation: bool) -> int:  # noqa: A002 - the name of the flag.
    """Create a datastore."""
    # Imported here, and below: listing and showing need no language.
    from pipeyard.cli.verdict import pairs_of  # noqa: PLC0415
    from pipeyard.client.datastorefile import read_datastore  # noqa: PLC0415

    spec, problems = read_datastore(file, name, pairs_of(set))
    return _saved(spec, problems, "Nothing was created.", skip_validation=skip_validation)


@command(
    "list",
    short_help="List datastores.",
    help="List datastores, the built-in ones first.",
    examples=(("Their names:", "pipeyard datastore list --query '[].name' -o tsv"),),
)
@click.option("-r", "--max-results", type=click.IntRange(min=1), metavar="N", help="At most so many.")
def list_(*, max_results: int | None) -> None:
    """Print datastores."""
    found = connected().datastores()[:max_results]
    notice.show(found, table=[_row(item) for item in found])


@command(
    "show",
    short_help="Show a datastore.",
    help="Show a datastore, never its credentials; exit code 3 when there is none.",
    examples=(("The default one:", "pipeyard datastore show -n workspaceblobstore"),),
)
@datastore_name
def show(name: str) -> None:
    """Print a datastore."""
    found = connected().datastore(name)
    notice.show(found, table=[_row(found)])


@command(
    "test",
    short_help="See whether a datastore can be reached and lets us in.",
    help="Ask a datastore for a sign of life, with the credentials that are kept for it. "
    "When it does not answer or does not let us in, the error says which, and what to check.",
    examples=(("Before a long job:", "pipeyard datastore test -n blob && pipeyard job create --file pipeline.yml"),),
)
@datastore_name
def test(name: str) -> None:
    """Reach a datastore."""
    found = connected().reach_datastore(name)
    notice.say(f"Datastore `{name}` answers and lets us in.")
    notice.show(found)


@command(
    "update",
    short_help="Change a datastore, or its credentials.",
    help="Change a datastore. Credentials stay as they are unless new ones are given, all of them at once.",
    examples=(
        ("Describe it:", 'pipeyard datastore update -n blob --set description="Raw data"'),
        ("A new key:", 'pipeyard datastore update -n blob --set credentials.account_key="$KEY"'),
    ),
)
@datastore_name
@option.words("--set", "KEY=VALUE...", "Set values by path, such as description=raw or credentials.account_key=...")
@option.words("--add", "PATH KEY=VALUE...", "Add entries to a mapping, such as --add tags team=vision.")
@option.words("--remove", "PATH...", "Remove a value, such as --remove description.")
@option.flag("--force-string", text="Accepted: each value is read as its field asks for.")
def update(
    *,
    name: str,
    set: Groups,  # noqa: A002 - the name of the flag.
    add: Groups,
    remove: Groups,
    force_string: bool,
) -> int:
    """Change a datastore."""
    del force_string
    from pipeyard.cli.verdict import pairs_of  # noqa: PLC0415
    from pipeyard.client.datastorefile import changed_datastore  # noqa: PLC0415

    pairs = [*pairs_of(set), *_added(add), *(f"{path}=null" for group in remove for path in group)]
    if not pairs:
        raise UsageError("nothing to change", hint="give --set, --add or --remove")
    spec, problems = changed_datastore(connected().datastore(name), pairs)
    return _saved(spec, problems, "Nothing was changed.")


@command(
    "delete",
    short_help="Forget a datastore; its data stays where it is.",
    help="Forget a datastore and its credentials. What it holds stays where it is. "
    "Refused for the built-in ones, and while something uses it.",
    examples=(("Without being asked:", "pipeyard datastore delete -n blob --yes"),),
)
@datastore_name
@option.flag("-y", "--yes", text="Do not ask.")
def delete(*, name: str, yes: bool) -> None:
    """Forget a datastore."""
    option.confirm(f"Forget the datastore `{name}`?", yes=yes)
    connected().delete_datastore(name)


def _added(groups: Groups) -> list[str]:
    pairs = []
    for path, *words in groups:
        if not words or not all("=" in word for word in words):
            raise UsageError("--add takes a mapping and what to add to it", hint="for example: --add tags team=vision")
        pairs += [f"{path}.{word}" for word in words]
    return pairs


def _saved(
    spec: DatastoreSpec | None, problems: tuple[Diagnostic, ...], outcome: str, *, skip_validation: bool = False
) -> int:
    from pipeyard.cli.verdict import draw, refuse, refused  # noqa: PLC0415
    from pipeyard.client.datastorefile import body_of  # noqa: PLC0415

    if spec is None or spec.name is None or any(problem.is_error for problem in problems):
        return refuse(problems, {}, None, outcome)
    draw(problems, {}, None, sys.stderr)
    try:
        found = connected().save_datastore(spec.name, body_of(spec), skip_validation=skip_validation)
    except UserError as error:
        return refused(error, {}, None, outcome)
    # The file's check gave them already.
    found.pop("warnings", None)
    notice.show(found, table=[_row(found)])
    return 0


def _row(datastore: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": datastore["name"],
        # `type` is left out of tables, where it would say the same in each row.
        "kind": datastore["type"],
        "default": "yes" if datastore.get("is_default") else None,
        "description": datastore.get("description"),
    }
