"""
Files that the server sends, put into a folder.

In:       what to fetch, and where to.
Out:      files; each appears under its name only when it is whole.
Not here: which files (`job_download.py`, `asset_download.py`).
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from pipeyard.cli import notice
from pipeyard.cli.command import settings_of
from pipeyard.cli.progress import ProgressLine, size_text
from pipeyard.model.errors import OutsideError
from pipeyard.model.value import dataclass


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """One file to fetch; nothing is asked of the server before its pieces are. A size that is not known yet is 0."""

    target: Path
    size: int
    pieces: Iterable[bytes]


def fetch(files: Sequence[RemoteFile], folder: Path) -> None:
    """Fetch all files and say how much it was; *folder* is where people find them."""
    progress = ProgressLine(quiet=settings_of().only_show_errors)
    progress.begin("Downloading", sum(file.size for file in files))
    try:
        size = sum(_fetch(file, progress) for file in files)
    finally:
        progress.end()
    count = f"{len(files)} file{'' if len(files) == 1 else 's'}"
    notice.say(f"Downloaded {count}, {size_text(size)}, to {folder}")


def inside(folder: Path, path: str) -> Path:
    """Return the place of a file that the server named; one that would leave the folder is refused."""
    parts = path.split("/")
    if not path or path.startswith("/") or ".." in parts or "\0" in path:
        raise OutsideError(f"the server named a file that would leave the folder: `{path}`", code="bad-answer")
    return folder.joinpath(*parts)


def _fetch(file: RemoteFile, progress: ProgressLine) -> int:
    """Return how many bytes it was."""
    count = 0
    file.target.parent.mkdir(parents=True, exist_ok=True)
    scratch = file.target.with_name(f".{file.target.name[:100]}.{os.getpid()}.part")
    try:
        with scratch.open("wb") as writer:
            for piece in file.pieces:
                writer.write(piece)
                count += len(piece)
                progress.advance(len(piece))
        scratch.replace(file.target)
    finally:
        scratch.unlink(missing_ok=True)
    return count
