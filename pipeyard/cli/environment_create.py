"""
`pipeyard environment create`.

Source: the `ml environment` row of section 15.
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
    short_help="Register an environment from a file or by flags.",
    help="Register what steps run in: an image, with packages if need be, or a build context. "
    "A version is written once; without a version the next number is taken. Flags win over the file.",
    examples=(
        ("An image:", "pipeyard environment create --name base --image python:3.11"),
        ("With packages:", "pipeyard environment create -n sklearn -i python:3.11 --conda-file conda.yml"),
        ("A build context:", "pipeyard environment create -n own --build-context ./docker -d Dockerfile"),
        ("From a YAML file:", "pipeyard environment create --file env.yml --version 2"),
    ),
)
@option.file(what_file(AssetKind.ENVIRONMENT), required=False)
@asset_option.asset_name(AssetKind.ENVIRONMENT, required=False, text="Its name.")
@click.option("-v", "--version", metavar="VERSION", help="Its version. Default: the next number.")
@click.option("-i", "--image", metavar="IMAGE", help="A container image.")
@click.option("-c", "--conda-file", type=click.Path(), metavar="FILE", help="A conda file; needs an image.")
@click.option("-b", "--build-context", type=click.Path(), metavar="FOLDER", help="Folder to build an image from.")
@click.option("-d", "--dockerfile-path", metavar="FILE", help="The Dockerfile in it. Default: Dockerfile.")
@click.option("--os-type", metavar="TYPE", help="linux (the default) or windows; kept and shown.")
@click.option("--description", metavar="TEXT", help="What it is.")
@option.words("--tags", "KEY=VALUE...", "Tags.")
@click.option("--datastore", metavar="NAME", help="Where a build context is sent.")
@option.flag("--no-wait", text="Accepted: an environment is there at once.")
@option.words("--set", "KEY=VALUE...", "Change a value of the file by its path.")
@option.form()
@asset_option.registry_name()
def create(
    *,
    file: str | None,
    name: str | None,
    version: str | None,
    image: str | None,
    conda_file: str | None,
    build_context: str | None,
    dockerfile_path: str | None,
    os_type: str | None,
    description: str | None,
    tags: tuple[tuple[str, ...], ...],
    datastore: str | None,
    no_wait: bool,
    set: tuple[tuple[str, ...], ...],  # noqa: A002 - the name of the flag.
    form: str | None,
    registry_name: str | None,
) -> int:
    """Register an environment."""
    del no_wait
    if file is None and image is None and build_context is None:
        raise UsageError("which environment?", hint="give --image or --build-context, or a file with --file")
    given = [
        *given_by("--name", ("name",), name),
        *given_by("--version", ("version",), version),
        *given_by("--image", ("image",), image),
        *given_by("--conda-file", ("conda_file",), conda_file),
        *given_by("--build-context", ("build", "path"), build_context),
        *given_by("--dockerfile-path", ("build", "dockerfile_path"), dockerfile_path),
        *given_by("--os-type", ("os_type",), os_type),
        *given_by("--description", ("description",), description),
        *given_by("--tags", ("tags",), option.tags_of(tags)),
        *given_by("--datastore", ("datastore",), datastore),
    ]
    return create_asset(AssetKind.ENVIRONMENT, file, given, set, registry=registry_name, form=form)
