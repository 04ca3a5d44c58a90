"""
What is below a folder: files, folders, links and things that are neither.

In:       a folder.
Out:      a `Tree` of relative paths.
Not here: reading the files (`manifest.py`), deciding about links (`link.py`).
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import field
from pathlib import Path

from pipeyard.model.errors import UserError
from pipeyard.model.value import dataclass

_NAMES_SHOWN = 5


@dataclass(slots=True)
class Tree:
    """Paths relative to `root`, with `/` between names."""

    root: str
    # Parents before what is in them; the root itself is not listed.
    folders: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    # Symbolic links that were not followed.
    links: list[str] = field(default_factory=list)
    # Sockets, pipes, devices: path and what it is.
    specials: list[tuple[str, str]] = field(default_factory=list)

    def refuse_specials(self, what: str) -> None:
        """Raise `UserError` naming what cannot be kept, if there is any."""
        if not self.specials:
            return
        shown = ", ".join(f"`{path}` ({kind})" for path, kind in self.specials[:_NAMES_SHOWN])
        more = len(self.specials) - _NAMES_SHOWN
        raise UserError(
            f"{what} holds what is no file: {shown}" + (f" and {more} more" if more > 0 else ""),
            code="special-file",
            hint="only files and folders can be kept; remove the others",
        )


def walk(root: str | Path, *, follow: bool = False) -> Tree:
    """
    Return everything below a folder.

    With *follow*, a link is what it points to: a file, or a folder that is entered
    unless the walk is in it already, so that a ring ends. A link to nothing stays a link.
    """
    tree = Tree(os.fspath(root))
    identities = frozenset({_identity(tree.root)}) if follow else frozenset()
    waiting = [("", identities)]
    while waiting:
        prefix, above = waiting.pop()
        for entry in _entries(os.path.join(tree.root, prefix)):  # noqa: PTH118 (text; ten thousand of them)
            path = prefix + entry.name
            if entry.is_symlink() and not (follow and os.path.exists(entry.path)):  # noqa: PTH110 (as above)
                tree.links.append(path)
            elif entry.is_dir(follow_symlinks=follow):
                inside = above
                if follow:
                    identity = _identity(entry.path)
                    if identity in above:
                        continue
                    inside = above | {identity}
                tree.folders.append(path)
                waiting.append((path + "/", inside))
            elif entry.is_file(follow_symlinks=follow):
                tree.files.append(path)
            else:
                tree.specials.append((path, _kind(entry.stat(follow_symlinks=follow).st_mode)))
    tree.files.sort()
    return tree


def _entries(folder: str) -> Iterator[os.DirEntry[str]]:
    try:
        found = os.scandir(folder)
    except PermissionError:
        # A step may take its own folders' permissions away; what is in them is kept all the same.
        os.chmod(folder, stat.S_IRWXU)  # noqa: PTH101 (as above)
        found = os.scandir(folder)
    with found:
        yield from found


def _identity(path: str) -> tuple[int, int]:
    status = os.stat(path)  # noqa: PTH116 (as above)
    return status.st_dev, status.st_ino


def _kind(mode: int) -> str:
    kinds = {stat.S_IFSOCK: "socket", stat.S_IFIFO: "pipe", stat.S_IFBLK: "device", stat.S_IFCHR: "device"}
    return kinds.get(stat.S_IFMT(mode), "special file")
