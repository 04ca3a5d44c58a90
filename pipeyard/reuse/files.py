"""
Which files of two trees differ.

In:       the manifests of a folder or file, earlier and now.
Out:      the paths that were changed, came or went.
Not here: sentences about them (`reason.py`).
"""

from __future__ import annotations

from pipeyard.model.assets import Manifest
from pipeyard.model.value import dataclass


@dataclass(frozen=True, slots=True)
class FileDifference:
    """A file that is not what it was."""

    path: str
    # `changed`, `added` or `removed`.
    verb: str


def file_differences(before: Manifest, now: Manifest) -> tuple[FileDifference, ...]:
    """Return the files that differ: changed ones first, then new ones, then those that are gone; each by path."""
    old = {entry.path: (entry.size, entry.sha256) for entry in before.entries}
    new = {entry.path: (entry.size, entry.sha256) for entry in now.entries}
    changed = sorted(path for path in new.keys() & old.keys() if new[path] != old[path])
    return (
        *(FileDifference(path, "changed") for path in changed),
        *(FileDifference(path, "added") for path in sorted(new.keys() - old.keys())),
        *(FileDifference(path, "removed") for path in sorted(old.keys() - new.keys())),
    )
