"""
`pipeyard model create`.

Source: the `ml model` row of section 15.
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
    short_help="Register a model from a file or by flags.",
    help="Register a model: local files, or what a job wrote. A version is written once; "
    "without a version the next number is taken. Flags win over the file.",
    examples=(
        ("A local file:", "pipeyard model create --name iris --path ./model.pkl"),
        (
            "What a step wrote:",
            "pipeyard model create -n iris -t mlflow_model -p azureml://jobs/JOB/outputs/model_output",
        ),
        ("From a YAML file:", "pipeyard model create --file model.yml --set stage=Production"),
    ),
)
@option.file(what_file(AssetKind.MODEL), required=False)
@asset_option.asset_name(AssetKind.MODEL, required=False, text="Its name.")
@click.option("-v", "--version", metavar="VERSION", help="Its version. Default: the next number.")
@click.option("-t", "--type", metavar="TYPE", help="custom_model (the default), mlflow_model or triton_model.")
@click.option("-p", "--path", metavar="PATH", help="A local path or a URI.")
@click.option("-s", "--stage", metavar="STAGE", help="How far it is, such as Development or Production.")
@click.option("--datastore", metavar="NAME", help="Where a local path is sent.")
@click.option("-d", "--description", metavar="TEXT", help="What it is.")
@option.words("--tags", "KEY=VALUE...", "Tags.")
@option.words("--set", "KEY=VALUE...", "Change a value of the file by its path.")
@option.form()
@asset_option.registry_name()
def create(
    *,
    file: str | None,
    name: str | None,
    version: str | None,
    type: str | None,  # noqa: A002 - the name of the flag.
    path: str | None,
    stage: str | None,
    datastore: str | None,
    description: str | None,
    tags: tuple[tuple[str, ...], ...],
    set: tuple[tuple[str, ...], ...],  # noqa: A002 - the name of the flag.
    form: str | None,
    registry_name: str | None,
) -> int:
    """Register a model."""
    if file is None and path is None:
        raise UsageError("which model?", hint="give --path and --name, or a file with --file")
    given = [
        *given_by("--name", ("name",), name),
        *given_by("--version", ("version",), version),
        *given_by("--type", ("type",), type),
        *given_by("--path", ("path",), path),
        *given_by("--stage", ("stage",), stage),
        *given_by("--datastore", ("datastore",), datastore),
        *given_by("--description", ("description",), description),
        *given_by("--tags", ("tags",), option.tags_of(tags)),
    ]
    return create_asset(AssetKind.MODEL, file, given, set, registry=registry_name, form=form)
