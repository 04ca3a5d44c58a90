"""
Which files a code snapshot has.

In:       the folder (or file) behind `code`, and `additional_includes`.
Out:      the files, sorted by their path in the snapshot.
Not here: their digests (`hashing.py`), sending them (`upload.py`).

Source: section 4.3 of the language reference. `.amlignore` in the code root decides,
else `.gitignore` there, never both and none further down or up; the last matching
pattern wins.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from pipeyard.client.scratch import Scratch
from pipeyard.client.tree import FoundFile, Skip, list_files, unreadable
from pipeyard.model.errors import UserError
from pipeyard.model.value import dataclass

IGNORE_FILES = (".amlignore", ".gitignore")
ALWAYS_SKIPPED = frozenset({"__pycache__", ".git", ".venv", ".ipynb_checkpoints"})
_ZIP_DATE = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Include:
    """One entry of `additional_includes`: as written, and where that is."""

    text: str
    place: Path


def snapshot_code(code: Path | None, includes: Sequence[Include], scratch: Scratch) -> tuple[FoundFile, ...]:
    """
    Return the files of a snapshot; never an empty tuple.

    *scratch* gives a folder for zips made on the way; it must outlive the result.
    """
    skip = _skip_of(code)
    merged = {item.path: item for item in _root_files(code, skip)}
    tops = {path.partition("/")[0] for path in merged}
    for include in includes:
        _merge(merged, tops, include, skip, scratch)
    if not merged:
        shown = code if code is not None else "additional_includes"
        raise UserError(
            f"the code folder `{shown}` holds no files",
            code="empty-code",
            hint="put the scripts there, or look at its .amlignore or .gitignore: it may leave out all of them",
        )
    return tuple(merged[path] for path in sorted(merged))


def _root_files(code: Path | None, skip: Skip) -> Iterable[FoundFile]:
    if code is None:
        return ()
    if code.is_file():
        return (FoundFile(code.name, code),)
    if not code.is_dir():
        raise UserError(f"there is no folder or file `{code}`", code="missing-file")
    return list_files(code, skip)


def _merge(merged: dict[str, FoundFile], tops: set[str], include: Include, skip: Skip, scratch: Scratch) -> None:
    place = include.place
    name = place.name
    if not name:
        raise UserError(f"`{include.text}` is the root of the file system", code="bad-include")
    if place.is_dir():
        if name in merged:
            raise _clash(include, name)
        inner = list_files(place, lambda path, is_folder: skip(f"{name}/{path}", is_folder))
        new = [FoundFile(f"{name}/{item.path}", item.source) for item in inner]
    elif place.is_file():
        new = [FoundFile(name, place)]
    elif place.suffix == ".zip" and place.with_suffix("").is_dir():
        new = [FoundFile(name, _zip(place.with_suffix(""), scratch, skip))]
    else:
        raise UserError(f"there is no file or folder `{include.text}`", code="missing-file")
    for item in new:
        # Folders merge; two files of one name do not.
        if item.path in merged or (item.path == name and name in tops):
            raise _clash(include, item.path)
        if not skip(item.path, False):  # noqa: FBT003 - the parameter of `Skip`.
            merged[item.path] = item
    tops.add(name)


def _clash(include: Include, path: str) -> UserError:
    return UserError(
        f"`{include.text}` brings `{path}`, which is already in the code folder",
        code="include-clash",
        hint="rename one of the two, or remove the entry of additional_includes",
    )


def _zip(folder: Path, scratch: Scratch, skip: Skip) -> Path:
    # The same files must give the same bytes, so dates are fixed.
    # Imported here: few snapshots hold a zip.
    import zipfile  # noqa: PLC0415

    target = scratch() / f"{len(list(scratch().iterdir()))}-{folder.name}.zip"
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for item in list_files(folder, lambda path, is_folder: skip(f"{folder.name}/{path}", is_folder)):
            entry = zipfile.ZipInfo(f"{folder.name}/{item.path}", _ZIP_DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            try:
                mode = item.source.stat().st_mode
                entry.external_attr = (0o755 if mode & 0o100 else 0o644) << 16
                archive.writestr(entry, item.source.read_bytes())
            except OSError as error:
                raise unreadable(item.source, error) from error
    return target


def _skip_of(code: Path | None) -> Skip:
    is_ignored = _ignored_by(code) if code is not None and code.is_dir() else None

    def skip(path: str, is_folder: bool) -> bool:  # noqa: FBT001 - the shape of `Skip`.
        if path.rpartition("/")[2] in ALWAYS_SKIPPED:
            return True
        return is_ignored is not None and is_ignored(path, is_folder)

    return skip


def _ignored_by(code: Path) -> Callable[[str, bool], bool] | None:
    name = next((name for name in IGNORE_FILES if (code / name).is_file()), None)
    if name is None:
        return None
    # Imported here because most code folders have no ignore file.
    from pathspec import PathSpec  # noqa: PLC0415

    try:
        lines = (code / name).read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"`{code / name}` cannot be read: {error}", code="unreadable-file") from error
    try:
        spec = PathSpec.from_lines("gitignore", lines)
    except ValueError as error:
        raise UserError(f"`{code / name}` has a pattern that is none: {error}", code="bad-ignore-file") from error
    has_exceptions = any(pattern.include is False for pattern in spec.patterns)

    def is_ignored(path: str, is_folder: bool) -> bool:  # noqa: FBT001 - the shape of `Skip`.
        if not is_folder:
            return spec.match_file(path)
        # A later `!pattern` may want a file of an ignored folder, so such a folder is entered.
        return not has_exceptions and spec.match_file(path + "/")

    return is_ignored
