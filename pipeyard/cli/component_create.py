"""
`pipeyard component create`.

Source: the `ml component` row of section 15.
"""

from __future__ import annotations

import click

from pipeyard.cli import asset_option, option
from pipeyard.cli.asset_create import create_asset, given_by, what_file
from pipeyard.cli.command import command
from pipeyard.model.assets import AssetKind


@command(
    "create",
    short_help="Check a file and register it.",
    help="Check a component's file, send its code, and register it. A version is written once: "
    "the same again changes nothing, something else under the same version is refused. "
    "Without a version the next number is taken.",
    examples=(
        ("Register a component:", "pipeyard component create --file train.yml"),
        ("Under a version of its own:", "pipeyard component create --file train.yml --version 2"),
        ("With other values:", "pipeyard component create -f train.yml --set version=3 description='Faster'"),
        ("In a registry, for all workspaces:", "pipeyard component create -f train.yml --registry-name team"),
    ),
)
@option.file(what_file(AssetKind.COMPONENT))
@asset_option.asset_name(AssetKind.COMPONENT, required=False, text="Its name, instead of the file's.")
@click.option("-v", "--version", metavar="VERSION", help="Its version, instead of the file's.")
@option.words("--set", "KEY=VALUE...", "Change a value of the file by its path, such as inputs.rate.default=0.1.")
@option.flag("--skip-validation", text="Accepted: a component is always checked.")
@option.form()
@asset_option.registry_name()
def create(
    *,
    file: str,
    name: str | None,
    version: str | None,
    set: tuple[tuple[str, ...], ...],  # noqa: A002 - the name of the flag.
    skip_validation: bool,
    form: str | None,
    registry_name: str | None,
) -> int:
    """Register a component."""
    del skip_validation
    given = [*given_by("--name", ("name",), name), *given_by("--version", ("version",), version)]
    return create_asset(AssetKind.COMPONENT, file, given, set, registry=registry_name, form=form)
