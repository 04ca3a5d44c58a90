"""
`pipeyard job download`.

In:       a job that has ended.
Out:      its files below `<path>/<job name>/`: `artifacts/` and `named-outputs/<output>/`.
Not here: where the server keeps them.

Source: section 11.3, "download". A file appears under its name only when it is whole.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import click

from pipeyard.cli import notice, option
from pipeyard.cli.command import command, settings_of
from pipeyard.cli.connection import connected
from pipeyard.cli.progress import ProgressLine, size_text
from pipeyard.client.workspace import Workspace
from pipeyard.model.errors import Conflict, NotFound, OutsideError, UsageError
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
    progress = ProgressLine(quiet=settings_of().only_show_errors)
    progress.begin("Downloading", sum(file.size for file in files))
    try:
        for file in files:
            _fetch(file, progress)
    finally:
        progress.end()
    notice.say(f"Downloaded {len(files)} files, {size_text(sum(file.size for file in files))}, to {target}")


@dataclass(frozen=True, slots=True)
class _RemoteFile:
    target: Path
    size: int
    pieces: Iterable[bytes]


def _check_ended(job: dict[str, object]) -> None:
    if not JobStatus(str(job["status"])).is_terminal:
        raise Conflict(
            f"job `{job['name']}` has not ended: {job['status']}",
            code="not-ended",
            hint=f"wait for it: pipeyard job stream -n {job['name']}",
        )


def _chosen(
    workspace: Workspace, name: str, target: Path, *, every: bool, output_name: str | None
) -> Iterator[_RemoteFile]:
    if output_name in {None, "default", "artifacts"}:
        for item in workspace.artifacts(name):
            place = _inside(target / "artifacts", str(item["path"]))
            yield _RemoteFile(place, int(item["size"]), workspace.artifact(name, str(item["path"])))
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
            place = _inside(target / "named-outputs" / output, str(item["path"]))
            yield _RemoteFile(place, int(item["size"]), workspace.output_file(name, output, str(item["path"])))


def _inside(folder: Path, path: str) -> Path:
    parts = path.split("/")
    if not path or path.startswith("/") or ".." in parts or "\0" in path:
        raise OutsideError(f"the server named a file that would leave the folder: `{path}`", code="bad-answer")
    return folder.joinpath(*parts)


def _fetch(file: _RemoteFile, progress: ProgressLine) -> None:
    file.target.parent.mkdir(parents=True, exist_ok=True)
    scratch = file.target.with_name(f".{file.target.name[:100]}.{os.getpid()}.part")
    try:
        with scratch.open("wb") as writer:
            for piece in file.pieces:
                writer.write(piece)
                progress.advance(len(piece))
        scratch.replace(file.target)
    finally:
        scratch.unlink(missing_ok=True)
