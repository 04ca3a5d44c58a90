"""
`pipeyard job download`.

In:       a job that has ended.
Out:      its files below `<path>/<job name>/`: `artifacts/` and `named-outputs/<output>/`.
Not here: where the server keeps them.

Source: section 11.3, "download".
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from pipeyard.cli import option
from pipeyard.cli.command import command
from pipeyard.cli.connection import connected
from pipeyard.cli.fetch import RemoteFile, fetch, inside
from pipeyard.client.workspace import Workspace
from pipeyard.model.errors import Conflict, NotFound, UsageError
from pipeyard.model.nearest import nearest
from pipeyard.model.status import JobStatus


@command(
    "download",
    short_help="Fetch a job's logs and outputs.",
    help="Fetch the files of a job that has ended, into a folder named after it. "
    "Without more flags: its artifacts (logs, and what it wrote to outputs/).",
    examples=(
        ("Its logs and artifacts:", "pipeyard job download -n NAME"),
        ("One output:", "pipeyard job download -n NAME --output-name model -p ./results"),
        ("Everything:", "pipeyard job download -n NAME --all"),
    ),
)
@option.job_name()
@option.flag("--all", text="Artifacts and all outputs.")
@click.option(
    "-p",
    "--download-path",
    type=click.Path(file_okay=False),
    default=".",
    metavar="FOLDER",
    help="Where to. Default: here.",
)
@click.option("--output-name", metavar="NAME", help="Only this output; `default` means the artifacts.")
def download(*, name: str, all: bool, download_path: str, output_name: str | None) -> None:  # noqa: A002 - the name of the flag.
    """Fetch files."""
    if all and output_name is not None:
        raise UsageError("--all and --output-name cannot both be given")
    workspace = connected()
    _check_ended(workspace.job(name))
    target = Path(download_path) / name
    files = list(_chosen(workspace, name, target, every=all, output_name=output_name))
    fetch(files, target)


def _check_ended(job: dict[str, object]) -> None:
    if not JobStatus(str(job["status"])).is_terminal:
        raise Conflict(
            f"job `{job['name']}` has not ended: {job['status']}",
            code="not-ended",
            hint=f"wait for it: pipeyard job stream -n {job['name']}",
        )


def _chosen(
    workspace: Workspace, name: str, target: Path, *, every: bool, output_name: str | None
) -> Iterator[RemoteFile]:
    if output_name in {None, "default", "artifacts"}:
        for item in workspace.artifacts(name):
            place = inside(target / "artifacts", str(item["path"]))
            yield RemoteFile(place, int(item["size"]), workspace.artifact(name, str(item["path"])))
    if not every and output_name in {None, "default", "artifacts"}:
        return
    outputs = {str(item["name"]) for item in workspace.outputs(name)}
    if output_name is not None and output_name not in outputs:
        close = nearest(output_name, sorted(outputs))
        listed = ", ".join(sorted(outputs)) or "none"
        raise NotFound(
            f"job `{name}` has no output `{output_name}`",
            hint=f"did you mean `{close}`?" if close else f"its outputs: {listed}",
        )
    for output in sorted(outputs) if output_name is None else [output_name]:
        for item in workspace.output_files(name, output):
            place = inside(target / "named-outputs" / output, str(item["path"]))
            yield RemoteFile(place, int(item["size"]), workspace.output_file(name, output, str(item["path"])))
