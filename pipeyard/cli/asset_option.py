"""
Options that the commands of all assets share, and the server's assets that they mean.

Out:      decorators; what completes names and versions; the assets of the workspace or registry.
Not here: the commands (`asset_*.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from typing import Any, TypeVar

import click
from click.shell_completion import CompletionItem

from pipeyard.cli.connection import connected, connected_if_running
from pipeyard.client.assets import Assets
from pipeyard.client.workspace import Workspace
from pipeyard.model.assets import AssetKind
from pipeyard.model.errors import PipeyardError, UsageError

Function = TypeVar("Function", bound=Callable[..., Any])

_OFFERED = 200
NOUNS = {
    AssetKind.COMPONENT: "component",
    AssetKind.DATA: "data asset",
    AssetKind.ENVIRONMENT: "environment",
    AssetKind.MODEL: "model",
}
ONE = {kind: f"an {noun}" if noun[0] in "aeiou" else f"a {noun}" for kind, noun in NOUNS.items()}


def asset_name(kind: AssetKind, *, required: bool = True, text: str | None = None) -> Callable[[Function], Function]:
    """Return the option `--name` of an asset."""
    return click.option(
        "-n",
        "--name",
        required=required,
        metavar="NAME",
        shell_complete=_names_of(kind),
        help=text or f"Name of the {NOUNS[kind]}.",
    )


def which_version(kind: AssetKind, text: str) -> Callable[[Function], Function]:
    """Return the options `--version` and `--label`, of which one at most is given."""

    def decorate(function: Function) -> Function:
        function = click.option("-l", "--label", metavar="LABEL", help="A label instead, such as latest.")(function)
        return click.option("-v", "--version", metavar="VERSION", shell_complete=_versions_of(kind), help=text)(
            function
        )

    return decorate


def registry_name(
    *, required: bool = False, text: str = "In this registry, not in the workspace."
) -> Callable[[Function], Function]:
    """Return the option `--registry-name`."""
    return click.option(
        "--registry-name", required=required, metavar="NAME", shell_complete=_complete_registries, help=text
    )


def one_of(version: str | None, label: str | None) -> None:
    """Refuse a version together with a label."""
    if version is not None and label is not None:
        raise UsageError("--version and --label cannot both be given")


def home_of(registry: str | None) -> Workspace:
    """Return the workspace that the command is about, or the registry; a server is started if need be."""
    workspace = connected()
    return workspace if registry is None else workspace.registry(registry)


def assets_of(kind: AssetKind, registry: str | None) -> Assets:
    """Return the assets of one kind there."""
    return home_of(registry).assets(kind)


Complete = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]


def _names_of(kind: AssetKind) -> Complete:
    def complete(context: click.Context, parameter: click.Parameter, typed: str) -> list[CompletionItem]:
        del parameter
        return _offered(context, typed, lambda assets: assets.names(limit=_OFFERED), kind, "name")

    return complete


def _versions_of(kind: AssetKind) -> Complete:
    def complete(context: click.Context, parameter: click.Parameter, typed: str) -> list[CompletionItem]:
        del parameter
        name = context.params.get("name")
        if not name:
            return []
        return _offered(context, typed, lambda assets: assets.versions(name, limit=_OFFERED), kind, "version")

    return complete


def _offered(
    context: click.Context, typed: str, ask: Callable[[Assets], Any], kind: AssetKind, key: str
) -> list[CompletionItem]:
    """Return what a server that runs offers; completion never starts one and never fails."""
    try:
        workspace = connected_if_running(context)
        if workspace is None:
            return []
        registry = context.params.get("registry_name")
        home = workspace if registry is None else workspace.registry(registry)
        found = list(islice(ask(home.assets(kind)), _OFFERED))
    except PipeyardError:
        return []
    return [
        CompletionItem(item[key], help=item.get("display_name") or item.get("description") or "")
        for item in found
        if item[key].startswith(typed)
    ]


def _complete_registries(context: click.Context, parameter: click.Parameter, typed: str) -> list[CompletionItem]:
    del parameter
    try:
        workspace = connected_if_running(context)
        found = [] if workspace is None else workspace.registries()
    except PipeyardError:
        return []
    return [CompletionItem(item["name"]) for item in found if item["name"].startswith(typed)]
