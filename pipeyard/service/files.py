"""
The files of a job: its artifacts (logs, `outputs/`, `logs/`) and its outputs.

In:       a job's name and a path that somebody asked for.
Out:      listings, and places on this machine to read from.
Not here: sending bytes (`api/files.py`), lines of a log (`log.py`).

Invariant: no path leads out of the folder that it is relative to, by `..` or by a symbolic link.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from pipeyard.launch.plan import OUTPUTS_DIR, WORKING_DIR
from pipeyard.model.assets import DatastoreUri
from pipeyard.model.errors import NotFound, UserError
from pipeyard.model.nearest import nearest
from pipeyard.model.record import JobRecord, OutputRecord, artifact_root, user_log
from pipeyard.model.value import dataclass
from pipeyard.service.elsewhere import is_elsewhere
from pipeyard.service.jobs import show_job
from pipeyard.service.outputs import outputs_of, writer_of
from pipeyard.service.world import World

# Folders of the working folder that become artifacts when the step ends.
LIVE_FOLDERS = ("outputs", "logs")


@dataclass(frozen=True, slots=True)
class JobFile:
    """One file as it is now."""

    path: str
    size: int
    place: Path


def list_artifacts(world: World, workspace: str, name: str) -> Sequence[JobFile]:
    """Return every artifact of a job by path, those that a running step is writing included."""
    job = show_job(world, workspace, name)
    found: dict[str, JobFile] = {}
    for prefix, root in _artifact_roots(world, job):
        for file in files_below(root):
            path = prefix + file.path
            found.setdefault(path, JobFile(path, file.size, file.place))
    return [found[path] for path in sorted(found)]


def find_artifact(world: World, workspace: str, name: str, path: str) -> Path:
    """Return where an artifact is: a file, or a folder of them."""
    job = show_job(world, workspace, name)
    wanted = path.strip("/")
    for prefix, root in _artifact_roots(world, job):
        if wanted.startswith(prefix) or f"{wanted}/" == prefix:
            place = below(root, wanted[len(prefix) :])
            if place is not None:
                return place
    raise _not_there(
        f"job `{name}` has no file `{path}`", wanted, [file.path for file in list_artifacts(world, workspace, name)]
    )


def list_outputs(world: World, workspace: str, name: str) -> Sequence[OutputRecord]:
    """Return what is known of a job's outputs, by name."""
    return outputs_of(world.store, show_job(world, workspace, name))


def list_output_files(
    world: World, workspace: str, name: str, output: str, *, with_bytes: bool = True
) -> Sequence[JobFile]:
    """
    Return the files of one output by path; while its step runs, those written so far.

    Without *with_bytes*, files of a datastore that is elsewhere are listed and not fetched: their places are nothing.
    """
    found = _find_output(world, workspace, name, output)
    manifest = None if found.writer is None else world.store.load_manifest(workspace, *found.writer)
    if manifest is None:
        return sorted(files_below(found.here(world)), key=lambda file: file.path)
    if not with_bytes and found.is_elsewhere(world):
        return [JobFile(entry.path, entry.size, Path(entry.path)) for entry in manifest.entries]
    root = found.here(world)
    base = root.parent if root.is_file() else root
    return [JobFile(entry.path, entry.size, base / entry.path) for entry in manifest.entries]


def find_output_file(world: World, workspace: str, name: str, output: str, path: str) -> Path:
    """Return where a file or folder of an output is; an empty path is the output itself."""
    root = _find_output(world, workspace, name, output).here(world)
    wanted = path.strip("/")
    if root.is_file() and wanted in ("", root.name):
        return root
    place = below(root, wanted)
    if place is not None:
        return place
    listed = [file.path for file in list_output_files(world, workspace, name, output, with_bytes=False)]
    raise _not_there(f"output `{output}` of job `{name}` has no file `{path}`", wanted, listed)


def log_path(world: World, job: JobRecord, rank: int | None = None) -> Path:
    """Return where a job's own log is or will be; of several processes that of *rank*, else of the first."""
    count = job.process_count
    if rank is not None and not 0 <= rank < count:
        has = f"has the ranks 0 to {count - 1}" if count > 1 else "is one process, whose rank is 0"
        raise NotFound(f"job `{job.name}` {has}, so there is no log of rank {rank}")
    uri = user_log(job.writer, rank=(rank or 0) if count > 1 else None)
    return world.datastores.local_path(job.workspace, uri)


def files_below(root: Path) -> Iterator[JobFile]:
    """Yield the plain files below a folder; links that lead out of it and odd things are left out."""
    if root.is_file():
        yield JobFile(root.name, root.stat().st_size, root)
        return
    real_root = root.resolve()
    for folder, _, names in os.walk(root):
        for name in names:
            place = Path(folder, name)
            if place.is_symlink() and not place.resolve().is_relative_to(real_root):
                continue
            try:
                if place.is_file():
                    yield JobFile(place.relative_to(root).as_posix(), place.stat().st_size, place)
            except OSError:
                # A running step may remove it while we look.
                continue


def below(root: Path, path: str) -> Path | None:
    """Return the file or folder at *path* below *root*, None if there is none; refuse what leads out."""
    parts = path.split("/") if path else []
    if "\0" in path or any(part in ("", ".", "..") for part in parts):
        raise UserError(f"`{path}` is no path below a job", code="bad-path", hint="leave out `.`, `..` and empty parts")
    try:
        place = root.joinpath(*parts).resolve(strict=True)
        is_inside = place.is_relative_to(root.resolve())
        return place if is_inside and (place.is_file() or place.is_dir()) else None
    except (OSError, ValueError):
        return None


def _artifact_roots(world: World, job: JobRecord) -> Iterator[tuple[str, Path]]:
    yield "", world.datastores.local_path(job.workspace, artifact_root(job.writer))
    staging = world.staging_of(job.name)
    if staging is not None:
        for folder in LIVE_FOLDERS:
            yield f"{folder}/", staging / WORKING_DIR / folder


@dataclass(frozen=True, slots=True)
class _Output:
    """Where an output is: in a datastore, or still in the folder of a running step."""

    workspace: str
    uri: DatastoreUri | None = None
    # What is there, unless others may write to it too.
    digest: str | None = None
    # The (job name, output name) under which its files are kept.
    writer: tuple[str, str] | None = None
    live: Path | None = None

    def is_elsewhere(self, world: World) -> bool:
        """Return whether its bytes have to be fetched."""
        return self.uri is not None and is_elsewhere(world, self.workspace, self.uri)

    def here(self, world: World) -> Path:
        """Return where its bytes are on this machine, fetched first if need be."""
        if self.uri is None:
            assert self.live is not None  # One of the two is always set.
            return self.live
        if world.transfers is not None and self.is_elsewhere(world):
            return world.transfers.bring(self.workspace, self.uri, digest=self.digest).path
        return world.datastores.local_path(self.workspace, self.uri)


def _find_output(world: World, workspace: str, name: str, output: str) -> _Output:
    job = show_job(world, workspace, name)
    known = outputs_of(world.store, job)
    writer, written = writer_of(job, output)
    for row in known:
        if row.output == output:
            if row.freed_at is not None:
                raise NotFound(
                    f"output `{output}` of job `{name}` was freed by gc on {row.freed_at}",
                    code="output-freed",
                    hint="run the job again: what it needs is made anew",
                )
            # A pipeline's row is a step's under another name.
            own = replace(row, job_name=writer, output=written)
            return _Output(workspace, row.uri, row.digest if own.is_own_place else None, (writer, written))
    staging = world.staging_of(writer)
    live = below(staging / OUTPUTS_DIR, written) if staging is not None and "/" not in written else None
    if live is not None:
        return _Output(workspace, live=live)
    raise _not_there(
        f"job `{name}` has no output `{output}`" + ("" if job.status.is_terminal else " yet"),
        output,
        [row.output for row in known],
    )


def _not_there(message: str, wanted: str, known: Sequence[str]) -> NotFound:
    close = nearest(wanted, known)
    return NotFound(message, hint=f"did you mean `{close}`?" if close else None)
