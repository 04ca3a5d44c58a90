"""
How a file looks from outside, and whether that is enough to say that it is unchanged.

In:       places on this machine.
Out:      looks: device, inode and times.
Not here: reading files (`manifest.py`), deciding what a change means (`contents.py`, `original.py`).

Invariant: a look is kept only if the file was still for a while when its bytes were read. A
write that follows so soon that the clock of the file system has not moved would leave no trace.
"""

from __future__ import annotations

import os

from pipeyard.model.assets import FileEntry, FileLook, Manifest

# Twice the coarsest tick of a kernel's clock.
STILL_NS = 20_000_000
# File systems that keep whole seconds, or pairs of them.
_COARSE_NS = 1_000_000_000
_STILL_COARSE_NS = 2 * _COARSE_NS


def look_of(status: os.stat_result) -> FileLook:
    """Return how a file looks; its size is kept elsewhere."""
    return (status.st_dev, status.st_ino, status.st_mtime_ns, status.st_ctime_ns)


def was_still(changed_ns: int, read_ns: int) -> bool:
    """Return whether a file last changed at *changed_ns* could not have changed again, unseen, after it was read."""
    return changed_ns < read_ns - (STILL_NS if changed_ns % _COARSE_NS else _STILL_COARSE_NS)


def with_looks(manifest: Manifest, place: str, read_ns: int, *, is_renamed: bool = True) -> Manifest:
    """
    Return the manifest with how its files look in their final place.

    *read_ns* is a time before they were read. With *is_renamed*, a single file has just been
    given its name by us, which counts as a change: it is judged by its contents' own time.
    """
    if not manifest.entries:
        return manifest
    looks = [_settled(entry, f"{place}/{entry.path}", read_ns) for entry in manifest.entries if not manifest.is_file]
    if manifest.is_file:
        looks = [_settled(manifest.entries[0], place, read_ns, by_contents=is_renamed)]
    return Manifest(manifest.entries, manifest.is_file, tuple(looks))


def _settled(entry: FileEntry, place: str, read_ns: int, *, by_contents: bool = False) -> FileLook | None:
    try:
        status = os.stat(place)  # noqa: PTH116 (text; ten thousand of them)
    except OSError:
        # Whoever needs it will find out.
        return None
    changed_ns = status.st_mtime_ns if by_contents else max(status.st_mtime_ns, status.st_ctime_ns)
    if status.st_size != entry.size or not was_still(changed_ns, read_ns):
        return None
    return look_of(status)
