"""
Everything an attempt needs, put in place: folders, code, inputs.

In:       a checked order and an existing staging folder.
Out:      the folder filled; how each input was delivered.
Not here: starting the command (`child.py`).

Runs in the forked child: a copy of ten gigabytes holds nobody else up.
"""

from __future__ import annotations

import os

from pipeyard.launcher import duplicate, guard, mounts
from pipeyard.launcher.order import GUARD_FILE, WORKING_DIR, InputOrder, Order
from pipeyard.launcher.refusal import Refusal, refusal_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType

    from pipeyard.launcher.container import Binder

    # The module `mounts`, or what stands in for it.
    Binds = ModuleType | Binder

# Modes that show data where it is rather than a copy.
_MOUNTED = frozenset({"ro_mount", "rw_mount", "eval_mount"})
# Modes that may take a while to carry out.
COPIED = frozenset({"download", "eval_mount", "eval_download"})


def stage(order: Order, root: str, mount_way: str, binder: Binder | None = None) -> dict[str, str]:
    """
    Fill *root*; return how each input was delivered. Raises `Refusal`.

    With a *binder* nothing is mounted: it is told what somebody else shall mount.
    """
    _make_working_folder(order, root)
    for folder in order.folders:
        _make_folder(root, folder, has_code=order.code is not None)
    _write_files(order, root)
    return _deliver_inputs(order, root, mount_way, binder)


def _write_files(order: Order, root: str) -> None:
    for path, text in order.files.items():
        target = os.path.join(root, path)
        try:
            make_folders(os.path.dirname(target))
            if order.code is not None:
                _stay_below(root, target)
            with open(target, "x", encoding="utf-8", errors="surrogateescape") as file:
                file.write(text)
        except OSError as error:
            raise refusal_of(error, f"write `{path}`") from error


def _make_working_folder(order: Order, root: str) -> None:
    folder = os.path.join(root, WORKING_DIR)
    try:
        os.mkdir(folder, 0o755)
        if order.code is None:
            return
        if not os.path.exists(order.code):
            raise Refusal("missing-source", f"could not copy the code `{order.code_label}`: it does not exist")
        duplicate.copy_into(order.code, folder)
    except OSError as error:
        raise refusal_of(error, "copy the code") from error


def make_folders(path: str) -> None:
    """Make a folder, and those above it where they are missing; `FileExistsError` if something else has its name."""
    try:
        # Mostly all that is needed, and one call of the system instead of three.
        os.mkdir(path)
    except OSError:
        os.makedirs(path, exist_ok=True)


def open_log(path: str) -> int:
    """Return the log of a command, opened to append to. Raises `Refusal`."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
    try:
        try:
            return os.open(path, flags, 0o644)
        except FileNotFoundError:
            os.makedirs(os.path.dirname(path), exist_ok=True)
            return os.open(path, flags, 0o644)
    except OSError as error:
        raise refusal_of(error, "open the log") from error


def _make_folder(root: str, folder: str, *, has_code: bool) -> None:
    target = os.path.join(root, folder)
    try:
        if has_code:
            _stay_below(root, target)
        make_folders(target)
    except FileExistsError:
        return  # The code has a file of that name; it is the user's.
    except OSError as error:
        raise refusal_of(error, f"make the folder `{folder}`") from error


def _deliver_inputs(order: Order, root: str, mount_way: str, binder: Binder | None) -> dict[str, str]:
    for item in order.inputs:
        if not os.path.exists(item.source):
            raise Refusal("missing-source", f"input `{item.name}`: nothing is at `{item.label}`")
    is_mounting = mount_way != mounts.NONE and any(item.mode in _MOUNTED for item in order.inputs)
    if binder is not None:
        is_mounting = True
    elif is_mounting:
        is_mounting = _enter_namespace(mount_way)
    way = _Way(mounts if binder is None else binder, is_mounting=is_mounting)
    ways: dict[str, str] = {}
    watched: dict[str, tuple[str, guard.Snapshot]] = {}
    for item in order.inputs:
        target = os.path.join(root, item.path)
        try:
            if order.code is not None:
                _stay_below(root, target)
            ways[item.name] = _deliver(item, target, way)
            if ways[item.name] == "permissions":
                watched[item.name] = (item.source, guard.snapshot(item.source))
        except OSError as error:
            raise refusal_of(error, f"put input `{item.name}` in place") from error
    if watched:
        guard.save(os.path.join(root, GUARD_FILE), watched)
    return ways


class _Way:
    """How data is shown where it is: who binds, if anybody can."""

    __slots__ = ("binds", "is_mounting")

    def __init__(self, binds: Binds, *, is_mounting: bool) -> None:
        self.binds = binds
        self.is_mounting = is_mounting


def _deliver(item: InputOrder, target: str, way: _Way) -> str:
    make_folders(os.path.dirname(target))
    if item.mode == "download":
        return duplicate.copy_any(item.source, target)
    if item.mode in ("eval_mount", "eval_download"):
        return _deliver_files(item, target, way if way.is_mounting and item.mode == "eval_mount" else None)
    is_read_only = item.mode == "ro_mount"
    if way.is_mounting and _bind(way.binds, item.source, target, is_read_only=is_read_only):
        return "bind" if is_read_only else "original"
    if is_read_only:
        guard.protect(item.source)
    else:
        guard.unprotect(item.source)
    os.symlink(item.source, target)
    return "permissions" if is_read_only else "original"


def _deliver_files(item: InputOrder, target: str, way: _Way | None) -> str:
    """Put the files of a table where the command looks for its folder."""
    os.mkdir(target)
    if way is not None and _link_files(item, target, way.binds):
        return "bind"
    ways = {duplicate.copy_any(source, inner) for source, inner in _each_file(item, target)}
    return "reflink" if ways == {"reflink"} else "copy"


def _link_files(item: InputOrder, target: str, binds: Binds) -> bool:
    # Hard links take no space and look like the files that they are; the folder is then bound
    # onto itself, read-only, so that nobody can write to the originals by these names.
    try:
        for source, inner in _each_file(item, target):
            os.link(os.path.realpath(source), inner)
        binds.bind(target, target, is_read_only=True)
    except OSError:
        # On another disk, or of another user: copies do as well.
        binds.unbind_only(target)
        _empty(target)
        return False
    return True


def _empty(folder: str) -> None:
    for above, folders, files in os.walk(folder, topdown=False):
        for name in files:
            os.unlink(os.path.join(above, name))
        for name in folders:
            os.rmdir(os.path.join(above, name))


def _each_file(item: InputOrder, target: str):  # type: ignore[no-untyped-def]  # noqa: ANN202 - naming Iterator would cost the launcher an import
    for path, source in item.files:
        if not os.path.isfile(source):
            raise Refusal("missing-source", f"input `{item.name}`: the table's file `{path}` is not there any more")
        inner = os.path.join(target, path)
        os.makedirs(os.path.dirname(inner), exist_ok=True)
        yield source, inner


def _enter_namespace(way: str) -> bool:
    try:
        mounts.enter_namespace(way)
    except OSError as error:
        if error.filename is None:
            return False  # No (more) namespaces here: nothing was changed yet, go on without.
        raise refusal_of(error, "enter a mount namespace") from error
    return True


def _bind(binds: Binds, source: str, target: str, *, is_read_only: bool) -> bool:
    try:
        binds.bind(source, target, is_read_only=is_read_only)
    except OSError:
        # Some file systems cannot be bound. What was bound but could not be made
        # read-only must not stay writable under the target's name.
        binds.unbind(target)
        return False
    return True


def _stay_below(root: str, target: str) -> None:
    # Asked only where there is code: what we made ourselves holds no links.
    # A link in the code could lead out of the folder: `data -> /` and an input at `wd/data/x`.
    parent = os.path.realpath(os.path.dirname(target))
    if not (parent + "/").startswith(os.path.realpath(root) + "/"):
        raise Refusal("bad-order", f"`{target}` would lie outside the attempt's own folder")
