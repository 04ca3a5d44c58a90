"""
Where a path below a folder is, and that it does not lead out.

In:       paths that came from users, from requests, from manifests.
Out:      paths on this machine.
Not here: which folder a datastore is (`local.py`).

Invariant: names are only ever joined here, so that `..`, absolute paths and
symbolic links cannot leave the folder they are relative to. Blanks, quotes,
newlines and any alphabet are ordinary characters.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from pipeyard.model.errors import UserError

# Names of our own beside an output while it is being put in place.
RESERVED_PREFIX = ".pipeyard-"

# What Linux and macOS file systems allow for one name.
_NAME_BYTES_MAX = 255


def split_path(path: str) -> tuple[str, ...]:
    """
    Return the names in a relative POSIX path; empty ones and `.` are left out.

    `UserError` when it could lead out of the folder it is relative to, or can be
    no path at all.
    """
    if path.startswith("/"):
        raise _bad_path(path, "it is absolute", "write it relative to the datastore")
    names = tuple(name for name in path.split("/") if name not in ("", "."))
    for name in names:
        check_name(name, path)
    return names


def check_name(name: str, path: str | None = None) -> None:
    """Refuse what cannot be the name of one file or folder below a datastore."""
    whole = name if path is None else path
    if name in ("", ".", "..") or "/" in name:
        raise _bad_path(whole, f"it holds `{name}`", "name a place below the folder")
    if "\0" in name:
        raise _bad_path(whole.replace("\0", "\\0"), "it holds a NUL character", "leave it out")
    try:
        size = len(os.fsencode(name))
    except UnicodeEncodeError:
        raise _bad_path(ascii(whole), "it holds half a character", "use text that is valid Unicode") from None
    if size > _NAME_BYTES_MAX:
        raise _bad_path(whole, f"a name in it is {size} bytes long", f"use at most {_NAME_BYTES_MAX}")
    if name.startswith(RESERVED_PREFIX):
        raise _bad_path(whole, f"names that begin with `{RESERVED_PREFIX}` are Pipeyard's own", "use another name")


def _bad_path(path: str, reason: str, hint: str) -> UserError:
    shown = path if len(path) <= 200 else path[:200] + "..."  # noqa: PLR2004 (fits on two lines)
    return UserError(f"`{shown}` cannot be used as a path: {reason}", code="bad-path", hint=hint)


def below(folder: Path, path: str) -> Path:
    """
    Return the place of *path* below *folder*; nothing has to exist there.

    Symbolic links on the way are followed and must not lead out.
    """
    names = split_path(path)
    place = folder.joinpath(*names)
    if _may_hold_link(os.fspath(folder), names):
        check_inside(folder, place)
    return place


def _may_hold_link(folder: str, names: tuple[str, ...]) -> bool:
    """Return whether any of some nested names is a link. Without one the place is where its names say."""
    for name in names:
        folder = f"{folder}/{name}"
        try:
            mode = os.lstat(folder).st_mode
        except FileNotFoundError:
            # Nothing is there, and nothing below it.
            return False
        except OSError:
            return True
        if stat.S_ISLNK(mode):
            return True
    return False


def check_inside(folder: Path, place: Path) -> None:
    """Refuse a place that, after symbolic links, is not in *folder*."""
    real_folder = os.path.realpath(folder)
    real_place = os.path.realpath(place)
    if real_place != real_folder and not real_place.startswith(real_folder.rstrip("/") + "/"):
        raise UserError(
            f"`{place.name}` is a symbolic link, or lies behind one, that leads out of its datastore",
            code="link-leads-out",
            hint="copy the data into the datastore",
        )
