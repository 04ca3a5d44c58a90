"""
The files below a folder, symbolic links followed.

In:       a folder on this machine.
Out:      relative POSIX paths and where their bytes are.
Not here: which of them belong to a code snapshot (`snapshot.py`), reading them (`hashing.py`).
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

from pipeyard.model.errors import UserError
from pipeyard.model.value import dataclass

# Whether to leave out (relative path, whether it is a folder).
Skip = Callable[[str, bool], bool]


@dataclass(frozen=True, slots=True)
class FoundFile:
    """One file: its place in the tree, and its bytes on this machine."""

    path: str
    source: Path


def list_files(root: Path, skip: Skip) -> tuple[FoundFile, ...]:
    """
    Return every file below *root* that is not skipped, sorted by path.

    A link counts as what it points to. A folder that contains itself by way of a
    link, a broken link, and a name that is no valid text are errors.
    """
    found = list(_walk(root, "", skip, (_identity(root),)))
    return tuple(sorted(found, key=lambda item: item.path))


def _walk(folder: Path, prefix: str, skip: Skip, around: tuple[tuple[int, int], ...]) -> Iterator[FoundFile]:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        raise unreadable(folder, error) from error
    for entry in entries:
        yield from _enter(entry, prefix, skip, around)


def _enter(
    entry: os.DirEntry[str], prefix: str, skip: Skip, around: tuple[tuple[int, int], ...]
) -> Iterator[FoundFile]:
    path, place = prefix + entry.name, Path(entry.path)
    # A folder that is left out is not looked into, so a broken link in it does no harm.
    if skip(path, entry.is_dir(follow_symlinks=False)):
        return
    _check_name(path)
    try:
        mode = entry.stat().st_mode
    except OSError as error:
        raise unreadable(place, error) from error
    if stat.S_ISREG(mode):
        yield FoundFile(path, place)
    elif stat.S_ISDIR(mode):
        if entry.is_symlink() and skip(path, True):  # noqa: FBT003 - the parameter of `Skip`.
            return
        inner = _identity(place)
        if inner in around:
            raise UserError(
                f"`{place}` is a link to a folder that contains it",
                code="link-ring",
                hint="leave it out with a line in .amlignore, or remove the link",
            )
        yield from _walk(place, path + "/", skip, (*around, inner))
    # Sockets, pipes and devices are no content.


def _identity(folder: Path) -> tuple[int, int]:
    try:
        status = folder.stat()
    except OSError as error:
        raise unreadable(folder, error) from error
    return status.st_dev, status.st_ino


def _check_name(path: str) -> None:
    try:
        path.encode("utf-8")
    except UnicodeEncodeError:
        shown = path.encode("utf-8", "backslashreplace").decode()
        raise UserError(
            f"the name of `{shown}` is not valid UTF-8",
            code="bad-file-name",
            hint="rename the file, or leave it out with a line in .amlignore",
        ) from None


def unreadable(place: Path, error: OSError) -> UserError:
    """Return the error for a file that is there and cannot be read."""
    if isinstance(error, FileNotFoundError) and place.is_symlink():
        return UserError(f"`{place}` is a link to something that does not exist", code="broken-link")
    return UserError(f"`{place}` cannot be read: {error.strerror or error}", code="unreadable-file")
