"""
`create`, `list`, `show` and `delete` of workspaces and of registries, `update` of workspaces, and the history of changes.

Not here: which workspace a command is about (`connection.py`, `configure.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import click
from click.shell_completion import CompletionItem

from pipeyard.cli import notice, option
from pipeyard.cli.command import Command, command
from pipeyard.cli.connection import connected, connected_server, server_if_running
from pipeyard.client.workspace import Workspace
from pipeyard.model.errors import PipeyardError, UsageError

Function = TypeVar("Function", bound=Callable[..., Any])
Find = Callable[[Workspace, str], Workspace]
ListAll = Callable[[Workspace], Sequence[Mapping[str, Any]]]


def _create_of(word: str, find: Find, list_all: ListAll) -> Command:
    @command(
        "create",
        short_help=f"Create a {word}, or change it.",
        help=f"Create a {word}; one that is there gets the values that are given.",
        examples=(
            (f"Create a {word}:", f"pipeyard {word} create -n vision"),
            ("With words to find it by:", f"pipeyard {word} create -n vision --tags team=vision"),
        ),
    )
    @_name_option(word, list_all)
    @click.option("--display-name", metavar="TEXT", help="Name shown to people.")
    @click.option("--description", metavar="TEXT", help="What it is for.")
    @click.option("-l", "--location", metavar="REGION", help="Accepted for Azure's sake; no effect.")
    @option.words("--tags", "KEY=VALUE...", "Tags.")
    @option.flag("--no-wait", text="Accepted: it is there at once.")
    def create(
        *,
        name: str,
        display_name: str | None,
        description: str | None,
        location: str | None,
        tags: tuple[tuple[str, ...], ...],
        no_wait: bool,
    ) -> None:
        """Create one."""
        del location, no_wait
        values: dict[str, Any] = {"display_name": display_name, "description": description}
        values = {key: value for key, value in values.items() if value is not None}
        if tags:
            values["tags"] = option.tags_of(tags)
        found = find(connected_server(), name).save(values)
        notice.show(found, table=[_row(found)])

    return create


@command(
    "update",
    short_help="Change a workspace.",
    help="Change a workspace that is there. What is not given stays as it is; jobs that run go on as they began.",
    examples=(
        ("No step outside its image:", "pipeyard workspace update -n vision --image-policy require"),
        ("Other words to find it by:", "pipeyard workspace update -n vision --tags team=vision"),
    ),
)
@click.option("-n", "--name", metavar="NAME", help="Name of the workspace. Default: the one that commands work in.")
@click.option("--display-name", metavar="TEXT", help="Name shown to people.")
@click.option("--description", metavar="TEXT", help="What it is for.")
@option.image_policy
@option.words("--tags", "KEY=VALUE...", "Tags, all of them.")
@option.flag("--no-wait", text="Accepted: the change is there at once.")
def update(*, name: str | None, tags: tuple[tuple[str, ...], ...], no_wait: bool, **flags: str | None) -> None:
    """Change one."""
    del no_wait
    values: dict[str, Any] = {key: value for key, value in flags.items() if value is not None}
    if tags:
        values["tags"] = option.tags_of(tags)
    if not values:
        raise UsageError("nothing to change", hint="give --image-policy, --display-name, --description or --tags")
    workspace = connected() if name is None else Workspace.called(connected_server(), name)
    # Asked first: saving would create it.
    workspace.describe()
    found = workspace.save(values)
    notice.show(found, table=[_row(found)])


def _list_of(word: str, plural: str, list_all: ListAll) -> Command:
    @command(
        "list",
        short_help=f"List {plural}.",
        help=f"List {plural} by name.",
        examples=(("Their names:", f"pipeyard {word} list --query '[].name' -o tsv"),),
    )
    @click.option("-r", "--max-results", type=click.IntRange(min=1), metavar="N", help="At most so many.")
    def list_(*, max_results: int | None) -> None:
        """Print all."""
        found = list(list_all(connected_server()))[:max_results]
        notice.show(found, table=[_row(item) for item in found])

    return list_


def _show_of(word: str, find: Find, list_all: ListAll, *, required: bool) -> Command:
    @command(
        "show",
        short_help=f"Show a {word}.",
        help=f"Show a {word}; exit code 3 when there is none.",
        examples=((f"Show a {word}:", f"pipeyard {word} show -n vision"),),
    )
    @_name_option(word, list_all, required=required)
    def show(*, name: str | None) -> None:
        """Print one."""
        found = (connected() if name is None else find(connected_server(), name)).describe()
        notice.show(found, table=[_row(found)])

    return show


def _delete_of(word: str, find: Find, list_all: ListAll, what: str) -> Command:
    @command(
        "delete",
        short_help=f"Delete a {word} and everything in it.",
        help=f"Delete a {word} with {what}. This cannot be undone. Its history of changes stays.",
        examples=(("Without being asked:", f"pipeyard {word} delete -n vision --yes"),),
    )
    @_name_option(word, list_all)
    @option.flag("-y", "--yes", text="Do not ask.")
    @option.flag("--all-resources", text="Accepted for Azure's sake; no effect.")
    @option.flag("-p", "--permanently-delete", text="Accepted: it is always for good.")
    @option.flag("--no-wait", text="Accepted: it is gone at once.")
    def delete(*, name: str, yes: bool, all_resources: bool, permanently_delete: bool, no_wait: bool) -> None:
        """Delete one."""
        del all_resources, permanently_delete, no_wait
        option.confirm(f"Delete the {word} `{name}` with {what}?", yes=yes)
        find(connected_server(), name).delete()

    return delete


@command(
    "history",
    short_help="Show who changed what, and when.",
    help="Show every create, change, archive and delete in a workspace, newest first. Nothing is ever taken out of it.",
    examples=(
        ("The last changes, for reading:", "pipeyard workspace history -r 20 -o table"),
        ("Of one component:", "pipeyard workspace history --kind component --asset-name train"),
    ),
)
@click.option("-r", "--max-results", type=click.IntRange(min=1), default=50, show_default=True, help="At most so many.")
@click.option("--kind", metavar="KIND", help="Only of component, data, environment, model, compute, datastore, ...")
@click.option("--asset-name", metavar="NAME", help="Only of what is called so.")
def history(*, max_results: int, kind: str | None, asset_name: str | None) -> None:
    """Print changes."""
    found = list(connected().history(limit=max_results, kind=kind, name=asset_name))
    notice.show(found, table=[_entry_row(entry) for entry in found])


@command(
    "search",
    short_help="Find jobs, drafts, assets, computes and datastores by words.",
    help="Find what has some words in its name, type or tags: jobs, drafts (also by a step), components, data, "
    "environments, models, computes, datastores. It is what Ctrl K finds in the Studio; names that begin with the words come first.",
    examples=(
        ("By a part of a name:", "pipeyard workspace search spring -o table"),
        ("Names of components alone:", "pipeyard workspace search fit --query \"[?kind=='components'].name\" -o tsv"),
    ),
)
@click.argument("text", metavar="TEXT")
@click.option(
    "-r",
    "--max-results",
    type=click.IntRange(1, 50),
    default=8,
    show_default=True,
    help="At most so many of each kind.",
)
def search(text: str, *, max_results: int) -> None:
    """Print what was found."""
    found = connected().search(text, max_results)
    keys = ("kind", "name", "display_name", "detail")
    notice.show(found, table=[{key: hit.get(key) for key in keys} for hit in found])


def _entry_row(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "at": str(entry["at"]).partition(".")[0].replace("T", " "),
        "by": entry["by"],
        "action": entry["action"],
        "what": entry["kind"],
        "name": entry["name"],
        "version": entry.get("version"),
    }


def _row(item: Mapping[str, Any]) -> dict[str, Any]:
    created = str((item.get("creation_context") or {}).get("created_at") or "")
    return {
        "name": item["name"],
        "display_name": item.get("display_name"),
        "description": item.get("description"),
        "created": created.partition(".")[0].replace("T", " "),
    }


def workspace_names() -> list[str]:
    """Return the workspaces of a server that runs, for completion; nothing when none does."""
    return _names(Workspace.workspaces)


def _names(list_all: ListAll) -> list[str]:
    try:
        running = server_if_running()
        return [] if running is None else [str(item["name"]) for item in list_all(running)]
    except PipeyardError:
        return []


def _name_option(word: str, list_all: ListAll, *, required: bool = True) -> Callable[[Function], Function]:
    def complete(context: click.Context, parameter: click.Parameter, typed: str) -> list[CompletionItem]:
        del context, parameter
        return [CompletionItem(name) for name in _names(list_all) if name.startswith(typed)]

    text = f"Name of the {word}." if required else f"Name of the {word}. Default: the one that commands work in."
    return click.option("-n", "--name", required=required, metavar="NAME", shell_complete=complete, help=text)


_IN_WORKSPACE = "its jobs, assets, outputs and logs"
_IN_REGISTRY = "its assets and their files"

create = _create_of("workspace", Workspace.called, Workspace.workspaces)
list_ = _list_of("workspace", "workspaces", Workspace.workspaces)
show = _show_of("workspace", Workspace.called, Workspace.workspaces, required=False)
delete = _delete_of("workspace", Workspace.called, Workspace.workspaces, _IN_WORKSPACE)
create_registry = _create_of("registry", Workspace.registry, Workspace.registries)
list_registries = _list_of("registry", "registries", Workspace.registries)
show_registry = _show_of("registry", Workspace.registry, Workspace.registries, required=True)
delete_registry = _delete_of("registry", Workspace.registry, Workspace.registries, _IN_REGISTRY)
