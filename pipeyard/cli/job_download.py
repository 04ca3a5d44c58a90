"""
`pipeyard job download`.

In:       a job that has ended.
Out:      its files below `<path>/<job name>/`: `artifacts/`, `named-outputs/<output>/` and `code/`.
Not here: where the server keeps them.

Source: section 11.3, "download".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from pipeyard.cli import option
from pipeyard.cli.command import command
from pipeyard.cli.connection import connected
from pipeyard.cli.fetch import RemoteFile, fetch, inside
from pipeyard.cli.option_job import job_name
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
        ("The code that a step ran:", "pipeyard job download -n STEP_JOB --code"),
    ),
)
@job_name()
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
@option.flag("--code", text="Only the code that a step ran, by the name of its own job; it need not have ended.")
def download(*, name: str, all: bool, download_path: str, output_name: str | None, code: bool) -> None:  # noqa: A002 - the name of the flag.
    """Fetch files."""
    if sum((all, code, output_name is not None)) > 1:
        raise UsageError("only one of --all, --output-name and --code can be given")
    workspace = connected()
    target = Path(download_path) / name
    if code:
        fetch([_code_file(workspace, name, target / "code", item) for item in workspace.code(name)], target)
        return
    _check_ended(workspace.job(name))
    files = list(_chosen(workspace, name, target, every=all, output_name=output_name))
    fetch(files, target)


def _code_file(workspace: Workspace, name: str, folder: Path, item: Mapping[str, Any]) -> RemoteFile:
    path = str(item["path"])
    return RemoteFile(inside(folder, path), int(item["size"]), workspace.code_file(name, path))


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
