"""
Read-only inputs where nothing can be mounted: permissions, and a look at the files before and after.

In:       the data that a command may only read.
Out:      its files without write permission; later the name of one that was changed all the same.
Not here: mounts (`mounts.py`).

Permissions stay removed: what lies in a datastore is a result, and two steps may
read it at once. Folders keep theirs, so that a datastore can still be tidied up;
files added to them or removed from them are noticed.
"""

from __future__ import annotations

import json
import os
import stat

_WRITE_BITS = 0o222

# Relative path to what would differ: kind, size, time of change, file number.
Snapshot = dict[str, list[int]]


def protect(source: str) -> None:
    """Remove write permission from every file of ours."""
    for path, found in _walk(source):
        if stat.S_ISREG(found.st_mode) and found.st_mode & _WRITE_BITS:
            _change_mode(path, stat.S_IMODE(found.st_mode) & ~_WRITE_BITS)


def unprotect(source: str) -> None:
    """Give the owner write permission back: the data is an original to be changed now."""
    for path, found in _walk(source):
        if stat.S_ISREG(found.st_mode) and not found.st_mode & stat.S_IWUSR:
            _change_mode(path, stat.S_IMODE(found.st_mode) | stat.S_IWUSR)


def snapshot(source: str) -> Snapshot:
    """Return what the data looks like now."""
    return {os.path.relpath(path, source): _looks(found) for path, found in _walk(source)}


def save(path: str, snapshots: dict[str, tuple[str, Snapshot]]) -> None:
    """Keep what inputs looked like: name to source and snapshot."""
    with open(path, "w", encoding="ascii") as file:
        json.dump(snapshots, file)


def find_change(path: str) -> str | None:
    """Return a sentence about the first kept input that looks different now; None if all are as they were."""
    with open(path, "rb") as file:
        kept = json.loads(file.read())
    for name, (source, before) in kept.items():
        now = snapshot(source)
        for changed in sorted({*before, *now}):
            if before.get(changed) != now.get(changed):
                verb = "removed" if changed not in now else "added" if changed not in before else "changed"
                what = os.path.basename(source) if changed == "." else changed
                return f"the command {verb} `{what}` in input `{name}`, which it may only read (mode ro_mount)"
    return None


def _walk(source: str) -> list[tuple[str, os.stat_result]]:
    # Links inside the data are looked at, not through.
    found = os.stat(source)
    if not stat.S_ISDIR(found.st_mode):
        return [(source, found)]
    paths, folders = [], [source]
    while folders:
        try:
            entries = list(os.scandir(folders.pop()))
        except FileNotFoundError:
            continue
        for entry in entries:
            paths.append((entry.path, entry.stat(follow_symlinks=False)))
            if entry.is_dir(follow_symlinks=False):
                folders.append(entry.path)
    return paths


def _looks(found: os.stat_result) -> list[int]:
    kind = stat.S_IFMT(found.st_mode)
    if stat.S_ISDIR(found.st_mode):
        return [kind]  # Its size and time change with its entries, which are compared one by one.
    # Not the time of the last change of mode: another step may protect the same file.
    return [kind, found.st_size, found.st_mtime_ns, found.st_ino]


def _change_mode(path: str, mode: int) -> None:
    try:
        os.chmod(path, mode)
    except PermissionError:
        return  # Another user's file: the look before and after still holds.
