"""
`list` and `show` of components, data, environments and models.

Not here: creating (`component_create.py` and its siblings), changing (`asset_change.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import click

from pipeyard.cli import asset_option, notice, option
from pipeyard.cli.asset_option import NOUNS, ONE, assets_of, one_of
from pipeyard.cli.command import Command, command
from pipeyard.model.assets import AssetKind
from pipeyard.model.errors import UsageError

# A name may have thousands of versions, of which the newest matter.
MAX_RESULTS = 100


def _list_of(kind: AssetKind) -> Command:
    noun, word = NOUNS[kind], kind.value

    @command(
        "list",
        short_help=f"List {kind.plural}, or the versions of one.",
        help=f"List {kind.plural} by name, or the versions of one, created last first; "
        "archived ones are left out unless asked for.",
        examples=(
            ("For reading:", f"pipeyard {word} list -o table"),
            ("The versions of one:", f"pipeyard {word} list -n NAME -o table"),
            ("Found by a tag:", f"pipeyard {word} list --text team:vision -o table"),
            ("Their names, for a script:", f"pipeyard {word} list --query '[].name' -o tsv"),
        ),
    )
    @asset_option.asset_name(kind, required=False, text=f"All versions of this {noun}.")
    @click.option(
        "-r", "--max-results", type=click.IntRange(min=1), metavar="N", help=f"At most so many. Default: {MAX_RESULTS}."
    )
    @option.flag("--all-results", text="All of them.")
    @click.option(
        "--text", metavar="WORDS", help="Only those with each of these words in their name, type or tags (KEY:VALUE)."
    )
    @option.flag("--archived-only", text="Only archived ones.")
    @option.flag("--include-archived", text="Archived ones as well.")
    @_stage_of(kind)
    @_curated_of(kind)
    @asset_option.registry_name()
    def list_(
        *,
        name: str | None,
        max_results: int | None,
        all_results: bool,
        archived_only: bool,
        include_archived: bool,
        registry_name: str | None,
        text: str | None,
        stage: str | None = None,
        curated: bool = False,
    ) -> None:
        """Print assets."""
        if curated:
            _show_curated(name)
            return
        if archived_only and include_archived:
            raise UsageError("--archived-only and --include-archived cannot both be given")
        if text is not None and name is not None:
            raise UsageError("--text searches names; it cannot be given with --name")
        assets = assets_of(kind, registry_name)
        query = {"archived": "archived" if archived_only else "all" if include_archived else None, "stage": stage}
        # One more than is shown tells whether there are more.
        limit = None if all_results else max_results or MAX_RESULTS + 1
        if name is None:
            found = list(assets.names(limit=limit, text=text, **query))
        else:
            found = list(assets.versions(name, limit=limit, **query))
        if max_results is None and not all_results and len(found) > MAX_RESULTS:
            found = found[:MAX_RESULTS]
            notice.say(f"Only the first {MAX_RESULTS} are listed; --all-results lists all")
        rows = [version_row(item) if name is not None else _name_row(item) for item in found]
        notice.show(found, table=rows)

    return list_


def _show_of(kind: AssetKind) -> Command:
    word = kind.value

    @command(
        "show",
        short_help="Show a version, or where it was used.",
        help=f"Show a version of {ONE[kind]}, with all that its file says; exit code 3 when there is none. "
        "Without a version: the default one, which is the one created last unless another was set.",
        examples=(
            ("The newest version:", f"pipeyard {word} show -n NAME --label latest"),
            ("Its number, for a script:", f"pipeyard {word} show -n NAME --query version -o tsv"),
            ("Which jobs used it:", f"pipeyard {word} show -n NAME -v 1 --lineage"),
        ),
    )
    @asset_option.asset_name(kind)
    @asset_option.which_version(kind, "Version to show.")
    @option.flag("--lineage", text="Show which job made it, and which jobs and versions use it.")
    @asset_option.registry_name()
    def show(*, name: str, version: str | None, label: str | None, lineage: bool, registry_name: str | None) -> None:
        """Print a version."""
        one_of(version, label)
        assets = assets_of(kind, registry_name)
        if lineage:
            found = assets.lineage(name, version=version, label=label)
            notice.show(found, table=list(found["used_by"]))
            return
        found = assets.version(name, version=version, label=label)
        notice.show(found, table=[version_row(found)])

    return show


def _curated_of(kind: AssetKind) -> Callable[[Any], Any]:
    if kind is not AssetKind.ENVIRONMENT:
        return lambda function: function
    return option.flag("--curated", text="List what Azure's own environments are here, and the file to add to.")


def _show_curated(name: str | None) -> None:
    # Imported here: only this flag needs them.
    from pipeyard.cli.connection import connected_server  # noqa: PLC0415
    from pipeyard.client.environments import curated  # noqa: PLC0415

    found = [entry for entry in curated(connected_server()) if name in (None, entry["name"])]
    rows = [
        {
            "name": entry["name"],
            "python": entry["python"],
            "packages": entry["image"] or ", ".join(entry["pip"]),
            "file": entry["file"],
        }
        for entry in found
    ]
    notice.show(found, table=rows)


def _stage_of(kind: AssetKind) -> Callable[[Any], Any]:
    if kind is not AssetKind.MODEL:
        return lambda function: function
    return click.option("--stage", metavar="STAGE", help="Only models of this stage, such as Production.")


def version_row(version: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a table shows of a version."""
    return {
        "name": version["name"],
        "version": version["version"],
        "kind": version.get("type"),
        "stage": version.get("stage"),
        "display_name": version.get("display_name"),
        "created": _created(version),
        "archived": version.get("archived") or None,
    }


def _name_row(container: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": container["name"],
        "latest_version": container.get("latest_version"),
        "kind": container.get("type"),
        "stage": container.get("stage"),
        "display_name": container.get("display_name"),
        "created": _created(container),
        "archived": container.get("archived") or None,
    }


def _created(item: Mapping[str, Any]) -> str:
    at = (item.get("creation_context") or {}).get("created_at") or ""
    return str(at).partition(".")[0].replace("T", " ")


list_component = _list_of(AssetKind.COMPONENT)
list_data = _list_of(AssetKind.DATA)
list_environment = _list_of(AssetKind.ENVIRONMENT)
list_model = _list_of(AssetKind.MODEL)
show_component = _show_of(AssetKind.COMPONENT)
show_data = _show_of(AssetKind.DATA)
show_environment = _show_of(AssetKind.ENVIRONMENT)
show_model = _show_of(AssetKind.MODEL)
