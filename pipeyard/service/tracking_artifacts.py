"""
Files that MLflow's clients send, list and fetch.

In:       a place as clients write it: `<run>/<path>`, `~models/<path>`, `~versions/<name>/<version>/<path>`.
Out:      files and folders of this machine.
Not here: taking bytes from the wire (`api/mlflow/`), who may write where (there too).

The files of a run lie with the other files of its job, so `job download` and the Studio have them.
A file appears under its final name only when it is whole. No path leads out of its run.
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from pipeyard.model.assets import AssetKind, AssetRef, DatastoreUri
from pipeyard.model.errors import NotAllowed, NotFound, StoreError, UserError
from pipeyard.model.record import ARTIFACT_DATASTORE, artifact_root
from pipeyard.model.value import dataclass
from pipeyard.registry.resolve import resolve
from pipeyard.service.elsewhere import is_elsewhere
from pipeyard.service.files import below
from pipeyard.service.tracking_runs import show_run
from pipeyard.service.world import World
from pipeyard.tracking.run import MODELS_ROOT

VERSIONS_ROOT = "~versions"
# What the engine and the launcher write into a job's artifacts themselves.
_OURS = frozenset({"user_logs", "system_logs", "azureml-logs"})
_PART = ".pipeyard-part-"


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a path of a client is."""

    # The run whose files these are; None: no run's.
    run: str | None
    folder: Path
    # Below the folder.
    path: str
    may_write: bool
    # Whether the path is a file that stands for a folder which holds only it.
    is_lone_file: bool = False


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of a list."""

    name: str
    is_folder: bool
    size: int


def spot_of(world: World, workspace: str, place: str) -> Spot:
    """Return where a place is. Raises `NotFound`, and `UserError` for a path that leads out."""
    parts = place.strip("/").split("/")
    if "\0" in place or any(part in ("", ".", "..") or part.startswith(_PART) for part in parts):
        raise UserError(f"`{place}` is no path of artifacts", code="bad-path")
    head, rest = parts[0], "/".join(parts[1:])
    if head == MODELS_ROOT:
        folder = world.datastores.local_path(workspace, DatastoreUri(ARTIFACT_DATASTORE, "LoggedModels"))
        return Spot(None, folder, rest, may_write=True)
    if head == VERSIONS_ROOT:
        return _of_version(world, workspace, parts[1:])
    run = show_run(world, workspace, head)
    folder = world.datastores.local_path(workspace, artifact_root(run.writer))
    may_write = run.writer == run.name and (not rest or parts[1] not in _OURS)
    return Spot(run.name, folder, rest, may_write=may_write)


def list_files(spot: Spot) -> Sequence[Listed]:
    """Return what is directly in a folder, by name; nothing for a file, by which clients know it from a folder."""
    place = below(spot.folder, spot.path) if spot.folder.exists() else None
    if place is None:
        return []
    if place.is_file():
        return [Listed(place.name, is_folder=False, size=place.stat().st_size)] if spot.is_lone_file else []
    found = []
    root = spot.folder.resolve()
    for entry in sorted(os.scandir(place), key=lambda entry: entry.name):
        if entry.name.startswith(_PART) or not Path(entry.path).resolve().is_relative_to(root):
            continue
        # A running step may remove it while we look.
        with suppress(OSError):
            found.append(Listed(entry.name, entry.is_dir(), 0 if entry.is_dir() else entry.stat().st_size))
    return found


def find_file(spot: Spot, place: str) -> Path:
    """Return where a file is."""
    found = below(spot.folder, spot.path) if spot.folder.exists() else None
    if found is None or not found.is_file():
        raise NotFound(f"there is no artifact `{place}`", code="no-artifact")
    return found


@contextmanager
def receiving(spot: Spot, place: str) -> Iterator[BinaryIO]:
    """Yield a file to write to; it appears under its name, whole and durable, when the block ends well."""
    if not spot.may_write or not spot.path:
        raise NotAllowed(f"nothing can be written to `{place}`", code="not-yours")
    target = spot.folder.joinpath(*spot.path.split("/"))
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _check_inside(spot, target.parent, place)
        if target.is_dir():
            raise UserError(f"`{place}` is a folder", code="bad-path")
        part = target.with_name(f"{_PART}{secrets.token_hex(8)}")
        try:
            with part.open("xb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            part.replace(target)
            _sync_folder(target.parent)
        finally:
            part.unlink(missing_ok=True)
    except OSError as problem:
        raise StoreError(f"`{place}` cannot be stored: {problem.strerror}", may_retry=True) from problem


def remove(spot: Spot, place: str) -> None:
    """Remove a file or folder of a run; nothing there is no error."""
    if not spot.may_write or not spot.path:
        raise NotAllowed(f"`{place}` cannot be removed", code="not-yours")
    found = below(spot.folder, spot.path) if spot.folder.exists() else None
    if found is None:
        return
    try:
        if found.is_dir():
            shutil.rmtree(found)
        else:
            found.unlink()
    except OSError as problem:
        raise StoreError(f"`{place}` cannot be removed: {problem.strerror}") from problem


def _of_version(world: World, workspace: str, parts: Sequence[str]) -> Spot:
    """Return where the files of a registered version are, whoever made it; they are only read."""
    if len(parts) < 2:  # noqa: PLR2004 - name and version.
        raise NotFound("a registered version's files are below its name and version", code="no-artifact")
    name, version = parts[0], parts[1]
    asset = resolve(world.assets, workspace, AssetRef(AssetKind.MODEL, name, version))
    if asset.uri is None:
        raise NotFound(f"the files of version {version} of model `{name}` are not on this server", code="no-artifact")
    if world.transfers is not None and is_elsewhere(world, workspace, asset.uri):
        place = world.transfers.bring(workspace, asset.uri, digest=asset.content).path
    else:
        place = world.datastores.local_path(workspace, asset.uri)
    rest = "/".join(parts[2:])
    if place.is_file():
        # A model of one file: whatever else is beside it is not part of it.
        if rest not in ("", place.name):
            raise NotFound(f"version {version} of model `{name}` is the file `{place.name}`", code="no-artifact")
        return Spot(None, place.parent, place.name, may_write=False, is_lone_file=not rest)
    return Spot(None, place, rest, may_write=False)


def _check_inside(spot: Spot, folder: Path, place: str) -> None:
    """Refuse what a link that a step made would lead out to."""
    if not folder.resolve().is_relative_to(spot.folder.resolve()):
        raise UserError(f"`{place}` leads out of its run", code="bad-path")


def _sync_folder(folder: Path) -> None:
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
