"""
`pipeyard data create`.

Source: the `ml data` row of section 15.
"""

from __future__ import annotations

import click

from pipeyard.cli import asset_option, option
from pipeyard.cli.asset_create import create_asset, given_by, what_file
from pipeyard.cli.command import command
from pipeyard.model.assets import AssetKind
from pipeyard.model.errors import UsageError


@command(
    "create",
    short_help="Register data from a file or by flags.",
    help="Register a file, a folder or a table. Local data is sent and kept; data behind a URI stays where it is. "
    "A version is written once; without a version the next number is taken. Flags win over the file.",
    examples=(
        ("A folder:", "pipeyard data create --name titanic --path ./data"),
        ("A file:", "pipeyard data create --name titanic --version 1 --type uri_file --path ./data/titanic.csv"),
        ("From a YAML file:", "pipeyard data create --file data.yml --set tags.team=vision"),
        (
            "What is in a datastore already:",
            "pipeyard data create -n raw --path azureml://datastores/workspaceblobstore/paths/raw/",
        ),
    ),
)
@option.file(what_file(AssetKind.DATA), required=False)
@asset_option.asset_name(AssetKind.DATA, required=False, text="Its name.")
@click.option("-v", "--version", metavar="VERSION", help="Its version. Default: the next number.")
@click.option("-t", "--type", metavar="TYPE", help="uri_file, uri_folder (the default) or mltable.")
@click.option("-p", "--path", metavar="PATH", help="A local path, a URI, or another asset.")
@click.option("-z", "--datastore", "--datastore-name", metavar="NAME", help="Where a local path is sent.")
@click.option("-d", "--description", metavar="TEXT", help="What it is.")
@option.words("--tags", "KEY=VALUE...", "Tags.")
@option.words("--set", "KEY=VALUE...", "Change a value of the file by its path.")
@option.flag("--skip-validation", text="Accepted: an asset is always checked.")
@option.form()
@asset_option.registry_name()
def create(
    *,
    file: str | None,
    name: str | None,
    version: str | None,
    type: str | None,  # noqa: A002 - the name of the flag.
    path: str | None,
    datastore: str | None,
    description: str | None,
    tags: tuple[tuple[str, ...], ...],
    set: tuple[tuple[str, ...], ...],  # noqa: A002 - the name of the flag.
    skip_validation: bool,
    form: str | None,
    registry_name: str | None,
) -> int:
    """Register data."""
    del skip_validation
    if file is None and path is None:
        raise UsageError("which data?", hint="give --path and --name, or a file with --file")
    given = [
        *given_by("--name", ("name",), name),
        *given_by("--version", ("version",), version),
        *given_by("--type", ("type",), type),
        *given_by("--path", ("path",), path),
        *given_by("--datastore", ("datastore",), datastore),
        *given_by("--description", ("description",), description),
        *given_by("--tags", ("tags",), option.tags_of(tags)),
    ]
    return create_asset(AssetKind.DATA, file, given, set, registry=registry_name, form=form)
