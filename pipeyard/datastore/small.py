"""
Whether what an attempt left is so little that the server stores it by itself.

In:       a task for a worker.
Out:      yes or no, by a few looks at names and sizes.
Not here: storing (`worker.py`), who does it (`output.py`).

To hand a task to a worker and take its answer costs half a millisecond, of which the next
step of a chain waits for each; a few small files are read and hashed in less.
"""

from __future__ import annotations

import os
import stat

from pipeyard.datastore.publish import Publication
from pipeyard.datastore.worker import AttemptTask

_FILES_MAX = 8
_BYTES_MAX = 64 << 10


def is_small(task: AttemptTask) -> bool:
    """Return whether a task is a few small files at places of our own."""
    try:
        sizes = [size for publication in task.outputs for size in _sizes_of(publication)]
        sizes += [size for source, _ in task.artifacts for size in _sizes_in(source)]
    except (_Other, OSError):
        return False
    return len(sizes) <= _FILES_MAX and sum(sizes) <= _BYTES_MAX


class _Other(Exception):
    """Something else than a few files: a worker finds out what."""


def _sizes_of(publication: Publication) -> list[int]:
    if publication.is_direct or publication.merges:
        # Much may be there already.
        raise _Other
    found = os.lstat(publication.source)
    if stat.S_ISREG(found.st_mode):
        return [found.st_size]
    if stat.S_ISDIR(found.st_mode):
        return _sizes_in(publication.source)
    raise _Other


def _sizes_in(folder: str) -> list[int]:
    sizes: list[int] = []
    try:
        entries = os.scandir(folder)
    except FileNotFoundError:
        return sizes
    with entries:
        for entry in entries:
            if len(sizes) == _FILES_MAX or not entry.is_file(follow_symlinks=False):
                raise _Other
            sizes.append(entry.stat(follow_symlinks=False).st_size)
    return sizes
