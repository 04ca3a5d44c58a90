"""
The files of a draft on their way in and out.

In:       files one by one, or a zip that somebody else made.
Out:      paths that lead nowhere else, and bytes; a zip of a draft.
Not here: keeping them (`ports.DraftStore`).

Invariant: every path of a draft is relative, has no `.` or `..` in it, and names a file and no link. How large a
zip says that it is counts for nothing: bytes are counted while they are unpacked.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import io
import stat
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pipeyard.model.draft_record import MAIN_FILE, DraftContent, DraftFile
from pipeyard.model.errors import UserError
from pipeyard.model.value import dataclass

FILES_MAX = 5_000
BYTES_MAX = 64 << 20
_PATH_BYTES_MAX = 1_000
_NAME_BYTES_MAX = 255
_PIECE_BYTES = 1 << 18
# Of files that may be the pipeline: those in a sentence, and those that somebody chooses among.
_NAMED_MAX = 10
_OFFERED_MAX = 200
# Nobody wants them in a draft, and every archive of a working folder has them.
_LEFT_OUT = frozenset({"__pycache__", ".git", ".venv", ".ipynb_checkpoints", "__MACOSX", ".DS_Store"})
_MAIN_NAMES = ("pipeline.yml", "pipeline.yaml", "job.yml", "job.yaml")
_YAML = (".yml", ".yaml")
_ZIP_DATE = (1980, 1, 1, 0, 0, 0)
_ENCRYPTED = 0x1
_HINT_DATA = "a draft holds a pipeline, its components and their code; register data with `pipeyard data create`"


class WhichFile(UserError):
    """It is not clear which file is the pipeline; says which may be."""

    code = "which-file"

    def __init__(self, message: str, hint: str, files: Sequence[str]) -> None:
        """Take the files that may be."""
        super().__init__(message, hint=hint)
        self.files = tuple(files)


@dataclass(frozen=True, slots=True)
class FileChange:
    """The new bytes of a file."""

    data: bytes
    executable: bool = False


@dataclass(frozen=True, slots=True)
class Folder:
    """The files of a draft, and their bytes by SHA-256."""

    files: tuple[DraftFile, ...]
    contents: Mapping[str, bytes]


def changes_of(value: Any, *, may_remove: bool = False) -> dict[str, Any]:
    """Return files by path, from `{path: {"text" or "base64", "executable"?}}` or a list in which each has a `path`."""
    if isinstance(value, Sequence) and not isinstance(value, str):
        if not all(isinstance(one, Mapping) and isinstance(one.get("path"), str) for one in value):
            raise UserError("each of `files` has to have a `path`", code="bad-request")
        pairs = [(one["path"], one) for one in value]
    elif isinstance(value, Mapping):
        pairs = list(value.items())
    else:
        raise UserError("`files` has to be a list, or a JSON object by path", code="bad-request")
    found: dict[str, FileChange | None] = {}
    for path, one in pairs:
        if one is None and may_remove:
            found[path] = None
            continue
        checked_path(path)
        if path in found:
            raise UserError(f"`{path}` is given twice", code="bad-path")
        found[path] = _change_of(path, one)
    return found


def folder_of(files: Mapping[str, FileChange]) -> Folder:
    """Return files as they are kept; `UserError` when they are too many, or one is where another has a folder."""
    refuse_large(len(files), sum(len(one.data) for one in files.values()))
    refuse_clashes(files)
    contents: dict[str, bytes] = {}
    kept = []
    for path in sorted(files):
        one = files[path]
        sha256 = hashlib.sha256(one.data).hexdigest()
        contents[sha256] = one.data
        kept.append(DraftFile(path, len(one.data), sha256, one.executable))
    return Folder(tuple(kept), contents)


def changed(before: Sequence[DraftFile], changes: Mapping[str, FileChange | None]) -> Folder:
    """Return a draft's files after some were replaced, added or removed; only new bytes are among the contents."""
    new = folder_of({path: one for path, one in changes.items() if one is not None})
    kept = {file.path: file for file in before if file.path not in changes}
    kept |= {file.path: file for file in new.files}
    refuse_large(len(kept), sum(file.size for file in kept.values()))
    refuse_clashes(kept)
    return Folder(tuple(kept[path] for path in sorted(kept)), new.contents)


def checked_path(path: str) -> str:
    """Return a path that is one of a file inside a folder; `UserError` for any other."""
    try:
        size = len(path.encode())
    except UnicodeEncodeError:
        raise UserError("the name of a file is not valid text", code="bad-path") from None
    parts = path.split("/")
    if "\0" in path or any(part in ("", ".", "..") for part in parts):
        raise UserError(f"`{path}` is no path of a file inside a folder", code="bad-path")
    if "\\" in path or (len(parts[0]) == 2 and parts[0][1] == ":"):  # noqa: PLR2004 - a drive, such as `C:`.
        raise UserError(
            f"`{path}` is a path of another system", code="bad-path", hint="write `/` between folders, and no drive"
        )
    if size > _PATH_BYTES_MAX or any(len(part.encode()) > _NAME_BYTES_MAX for part in parts):
        raise UserError("a path is longer than file systems allow", code="bad-path")
    return path


# --- zips ----------------------------------------------------------------------------------------


def unzipped(data: bytes) -> dict[str, FileChange]:
    """Return the files in a zip, without the one folder that holds them all; `UserError` for what is none, or evil."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            found = dict(_entries(archive))
    except (zipfile.BadZipFile, EOFError, OSError, NotImplementedError, RuntimeError, ValueError) as problem:
        raise UserError("this is no zip file that can be read", code="bad-zip") from problem
    if not found:
        raise UserError("the zip file holds no files", code="bad-zip")
    return _without_top(found)


def zipped(content: DraftContent, bytes_of: Mapping[str, bytes], top: str) -> bytes:
    """Return a draft as a zip in which everything lies in the folder *top*; equal drafts give equal bytes."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        main = DraftFile(content.main, 0, "")
        for file in sorted((main, *content.files), key=lambda one: one.path):
            entry = zipfile.ZipInfo(f"{top}/{file.path}", _ZIP_DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3  # Unix: only then are modes read.
            entry.external_attr = (stat.S_IFREG | (0o755 if file.executable else 0o644)) << 16
            archive.writestr(entry, content.text.encode() if file is main else bytes_of[file.sha256])
    return target.getvalue()


def main_of(files: Mapping[str, FileChange], wanted: str | None) -> str:
    """Return which of the files is the pipeline; `UserError` names those that might be."""
    if wanted is not None:
        if wanted not in files:
            raise UserError(f"there is no file `{wanted}` in the folder", code="missing-file")
        return wanted
    yamls = sorted((path for path in files if path.lower().endswith(_YAML)), key=lambda path: (path.count("/"), path))
    for name in _MAIN_NAMES:
        named = [path for path in yamls if path.rpartition("/")[2] == name]
        # The outermost one, if there is one.
        if named and (len(named) == 1 or named[0].count("/") < named[1].count("/")):
            return named[0]
    pipelines = [path for path in yamls if _looks_like_pipeline(files[path].data)]
    if len(pipelines) == 1:
        return pipelines[0]
    found = (pipelines or yamls)[:_OFFERED_MAX]
    listed = ", ".join(f"`{path}`" for path in found[:_NAMED_MAX])
    raise WhichFile(
        "several files may be the pipeline" if pipelines else "no file in the folder is a pipeline",
        f"name it with `main`: {listed}" if listed else f"a pipeline is a YAML file, such as `{MAIN_FILE}`",
        found,
    )


def text_of(data: bytes, path: str) -> str:
    """Return a YAML file's text; `UserError` when it is none."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise UserError(f"`{path}` is not UTF-8 text", code="not-utf-8", hint="save the file as UTF-8") from problem


def _entries(archive: zipfile.ZipFile) -> Iterator[tuple[str, FileChange]]:
    infos = [info for info in archive.infolist() if not info.is_dir()]
    left = BYTES_MAX
    seen: set[str] = set()
    refuse_large(sum(not _is_left_out(info.filename) for info in infos), 0)
    for info in infos:
        # Looked at first: a path that leads out is refused wherever it is.
        path = checked_path(info.orig_filename)
        if _is_left_out(path):
            continue
        mode = info.external_attr >> 16
        if stat.S_IFMT(mode) not in (0, stat.S_IFREG):
            raise UserError(
                f"`{path}` is a link or a device, and a draft holds files only",
                code="bad-path",
                hint="put the file itself there",
            )
        if info.flag_bits & _ENCRYPTED:
            raise UserError(f"`{path}` is encrypted", code="bad-zip")
        if path in seen:
            raise UserError(f"`{path}` is in the zip twice", code="bad-path")
        seen.add(path)
        data = _read(archive, info, left)
        left -= len(data)
        yield path, FileChange(data, bool(mode & stat.S_IXUSR))


def _read(archive: zipfile.ZipFile, info: zipfile.ZipInfo, left: int) -> bytes:
    pieces, size = [], 0
    with archive.open(info) as file:
        while piece := file.read(_PIECE_BYTES):
            size += len(piece)
            if size > left:
                refuse_large(0, BYTES_MAX + 1)
            pieces.append(piece)
    return b"".join(pieces)


def _without_top(files: Mapping[str, FileChange]) -> dict[str, FileChange]:
    tops = {path.partition("/")[0] for path in files}
    if len(tops) > 1 or any("/" not in path for path in files):
        return dict(files)
    return {path.partition("/")[2]: one for path, one in files.items()}


def _is_left_out(path: str) -> bool:
    return not _LEFT_OUT.isdisjoint(path.split("/"))


def refuse_large(count: int, size: int) -> None:
    """Raise `UserError` for more than a draft holds."""
    if count > FILES_MAX:
        raise UserError(f"a draft holds at most {FILES_MAX} files", code="draft-too-large", hint=_HINT_DATA)
    if size > BYTES_MAX:
        raise UserError(
            f"the files of a draft have at most {BYTES_MAX >> 20} MiB", code="draft-too-large", hint=_HINT_DATA
        )


def refuse_clashes(paths: Mapping[str, Any]) -> None:
    """Raise `UserError` when a path is that of a file and also of a folder."""
    for path in paths:
        parts = path.split("/")
        for length in range(1, len(parts)):
            folder = "/".join(parts[:length])
            if folder in paths:
                raise UserError(f"`{folder}` is a file, and `{path}` is below it", code="bad-path")


def _change_of(path: str, one: Any) -> FileChange:
    wanted = f"`{path}` has to be an object with either `text` or `base64`"
    if not isinstance(one, Mapping) or (one.get("text") is None) == (one.get("base64") is None):
        raise UserError(wanted, code="bad-request")
    text, encoded = one.get("text"), one.get("base64")
    try:
        data = base64.b64decode(encoded, validate=True) if encoded is not None else str(text).encode()
    except (TypeError, ValueError, binascii.Error):
        raise UserError(wanted, code="bad-request") from None
    return FileChange(data, one.get("executable") is True)


def _looks_like_pipeline(data: bytes) -> bool:
    lines = data[:_PIECE_BYTES].decode("utf-8", "replace").splitlines()
    has_jobs = any(line.startswith("jobs:") for line in lines)
    # A pipeline component has jobs as well.
    is_component = any(line.startswith("$schema:") and "omponent" in line for line in lines)
    return has_jobs and not is_component
