"""
Bring a tree of files to the server, sending only what it lacks.

In:       hashed files.
Out:      the URI under which the server keeps the tree.
Not here: choosing the files (`snapshot.py`), rewriting documents (`pack.py`).

On the same machine a content is put into the server's drop folder, as a reflink where
the file system can, else as a copy; being able to write there proves the same user.
Never a hard link: the user may change the file afterwards.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from pipeyard.client.hashing import Advance, HashedFile
from pipeyard.client.tree import unreadable
from pipeyard.client.workspace import Workspace
from pipeyard.model.assets import DatastoreUri, FileEntry, Manifest
from pipeyard.model.default import DEFAULT_DATASTORE
from pipeyard.model.digest import manifest_digest
from pipeyard.model.errors import UserError
from pipeyard.model.value import dataclass

_READ_BYTES = 1 << 20
# `_IOW(0x94, 9, int)` of Linux: share the blocks of another file.
_FICLONE = 0x40049409


@dataclass(frozen=True, slots=True)
class Tree:
    """A folder or file, ready to be sent: `name` is its base name."""

    name: str
    files: tuple[HashedFile, ...]
    is_file: bool = False
    # Where the server keeps it.
    datastore: str = DEFAULT_DATASTORE

    @property
    def manifest(self) -> Manifest:
        """Return what is in it."""
        return Manifest(tuple(item.entry for item in self.files), self.is_file)

    @property
    def digest(self) -> str:
        """Return what names it."""
        return manifest_digest(self.manifest)

    @property
    def uri(self) -> DatastoreUri:
        """Return where the server keeps it."""
        return DatastoreUri(self.datastore, f"LocalUpload/{self.digest}/{self.name}")


def upload(workspace: Workspace, tree: Tree, advance: Advance) -> str:
    """Return the URI of the tree once the server has all of it."""
    answer = workspace.begin_upload(
        {
            "digest": tree.digest,
            "name": tree.name,
            "is_file": tree.is_file,
            "datastore": tree.datastore,
            "files": [_entry_json(item.entry) for item in tree.files],
        }
    )
    if answer.get("upload") is None:
        return str(answer["uri"])
    missing = _missing_files(tree.files, answer["missing"])
    left = _drop(missing, answer.get("drop"), advance)
    if left:
        workspace.send_content(answer["upload"], _stream(left, advance))
    return workspace.complete_upload(answer["upload"])


def _entry_json(entry: FileEntry) -> Mapping[str, object]:
    return {"path": entry.path, "size": entry.size, "sha256": entry.sha256, "executable": entry.executable}


def _missing_files(files: Sequence[HashedFile], missing: Sequence[str]) -> list[HashedFile]:
    wanted = set(missing)
    chosen: dict[str, HashedFile] = {}
    for item in files:
        if item.entry.sha256 in wanted:
            chosen.setdefault(item.entry.sha256, item)
    return list(chosen.values())


def _drop(files: Sequence[HashedFile], drop: str | None, advance: Advance) -> list[HashedFile]:
    """Put what can be put into the drop folder; return what must be sent."""
    folder = Path(drop) if drop else None
    if folder is None or not os.access(folder, os.W_OK | os.X_OK):
        return list(files)
    left = []
    for item in files:
        target = folder / item.entry.sha256
        try:
            _clone(item.source, target)
        except OSError:
            # Whatever the reason, sending may still work, and says what is wrong if not.
            with suppress(OSError):
                target.unlink()
            left.append(item)
        else:
            advance(item.entry.size)
    return left


def _clone(source: Path, target: Path) -> None:
    with source.open("rb") as reader, target.open("xb") as writer:
        if not _reflink(reader.fileno(), writer.fileno()):
            while piece := reader.read(_READ_BYTES):
                writer.write(piece)


def _reflink(source: int, target: int) -> bool:
    if not sys.platform.startswith("linux"):
        return False
    import fcntl  # noqa: PLC0415 - not on every platform.

    try:
        fcntl.ioctl(target, _FICLONE, source)
    except OSError:
        return False
    return True


def _stream(files: Sequence[HashedFile], advance: Callable[[int], None]) -> Iterator[bytes]:
    for item in files:
        head = {"sha256": item.entry.sha256, "size": item.entry.size}
        yield json.dumps(head).encode() + b"\n"
        left = item.entry.size
        try:
            with item.source.open("rb") as file:
                while left and (piece := file.read(min(_READ_BYTES, left))):
                    left -= len(piece)
                    advance(len(piece))
                    yield piece
        except OSError as error:
            raise unreadable(item.source, error) from error
        if left:
            # The announced length cannot be kept, so the rest of the body would be misread.
            raise UserError(
                f"`{item.source}` became shorter while it was being sent",
                code="file-changed",
                hint="submit again when nothing writes to it",
            )
