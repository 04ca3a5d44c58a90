"""
A draft's files in a folder of this machine, for as long as somebody looks at them.

In:       what is in a draft, and a way to the bytes of its files.
Out:      a folder that holds the pipeline and its files as a person would have them; gone when the block ends.
Not here: reading them (`compose.py`).

Each content is written once and linked from then on, so that a check on each keystroke writes one small file.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from pipeyard.model.draft_record import DraftContent, DraftFile
from pipeyard.ports import ReadContent

_CONTENTS = "contents"
_FILE_MODE, _PROGRAM_MODE = 0o600, 0o700


class DraftFolders:
    """Folders of drafts, below one that is our own."""

    def __init__(self, root: Path) -> None:
        """Take a folder; nothing is made before the first use."""
        self._root = root

    def clean_up(self) -> None:
        """Remove what an earlier server left. Nothing here is worth keeping: the database has it all."""
        shutil.rmtree(self._root, ignore_errors=True)

    @contextmanager
    def lend(self, content: DraftContent, read: ReadContent) -> Iterator[Path]:
        """Give a folder with everything in a draft. Its paths were checked when they were taken in."""
        self._root.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Links inside the path of the home would make paths in it look as if they led out.
        folder = Path(tempfile.mkdtemp(prefix="draft-", dir=self._root)).resolve()
        try:
            made: set[Path] = set()
            for file in content.files:
                target = _made(folder, file.path, made)
                self._put(file, target, read)
            _made(folder, content.main, made).write_bytes(content.text.encode())
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _put(self, file: DraftFile, target: Path, read: ReadContent) -> None:
        kept = self._root / _CONTENTS / (f"{file.sha256}.x" if file.executable else file.sha256)
        if not kept.exists():
            _write(kept, read(file.sha256), _PROGRAM_MODE if file.executable else _FILE_MODE)
        try:
            os.link(kept, target)
        except OSError:
            # A file system without links, or a file with too many.
            shutil.copy2(kept, target)


def _made(folder: Path, path: str, made: set[Path]) -> Path:
    target = folder / path
    if target.parent not in made:
        target.parent.mkdir(parents=True, exist_ok=True)
        made.add(target.parent)
    return target


def _write(place: Path, data: bytes, mode: int) -> None:
    """Put a content in place whole, whoever else writes it at this moment."""
    place.parent.mkdir(mode=0o700, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=place.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(name).chmod(mode)
        Path(name).replace(place)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise
