"""
A pipeline's file with everything on this machine that it names, as a zip for a draft.

In:       a job's file.
Out:      the bytes of a zip, and which file in it is the pipeline.
Not here: which files a code snapshot has (`snapshot.py`), what is wrong with them: that is what a draft is for.

Files keep their places relative to each other. What is named by an absolute path stays where it is: the draft
says so when it is checked.
"""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path

from pipeyard.client.checking import CheckedJob, check_job_file
from pipeyard.client.scratch import scratch_folder
from pipeyard.client.snapshot import ALWAYS_SKIPPED, snapshot_code
from pipeyard.client.tree import list_files
from pipeyard.model.assets import LocalReference, LocalRole
from pipeyard.model.errors import UserError

BYTES_MAX = 64 << 20
_CODE = frozenset({LocalRole.CODE, LocalRole.BUILD})
_ZIP_DATE = (1980, 1, 1, 0, 0, 0)


def draft_zip(job_file: str) -> tuple[bytes, str]:
    """Return a zip of a pipeline and all that it names, and its own path in it; `UserError` when it is too large."""
    checked = check_job_file(job_file)
    main = _tidy(Path(job_file))
    places = {main: main, **{_tidy(place): place for place in checked.files.places_read().values()}}
    for references in checked.references.values():
        for reference in references:
            places |= {_tidy(place): place for place in _files_of(checked, reference)}
    top = Path(os.path.commonpath([str(place.parent) for place in places]))
    sizes = {place: source.stat().st_size for place, source in places.items()}
    if sum(sizes.values()) > BYTES_MAX:
        largest = max(sizes, key=lambda place: sizes[place])
        raise UserError(
            f"what `{job_file}` names has more than {BYTES_MAX >> 20} MiB, and a draft holds no more",
            code="draft-too-large",
            hint=f"the largest is `{largest}`; register data with `pipeyard data create` and name it by its reference",
        )
    return _zipped(places, top), main.relative_to(top).as_posix()


def _files_of(checked: CheckedJob, reference: LocalReference) -> Iterator[Path]:
    """Yield the files that a path stands for; none for what is not there or not relative."""
    if reference.role is LocalRole.ENTRY or os.path.expanduser(reference.text).startswith("/"):  # noqa: PTH111 - as `SourceFiles`.
        return
    place = checked.files.locate(reference.source, reference.text)
    if place.suffix == ".zip" and not place.exists():
        # An include may name a folder so, which is packed when it is sent.
        place = place.with_suffix("")
    if place.is_file():
        yield place
    elif place.is_dir():
        yield from _below(place, is_code=reference.role in _CODE)


def _below(folder: Path, *, is_code: bool) -> Iterator[Path]:
    try:
        if is_code:
            with scratch_folder() as scratch:
                found = snapshot_code(folder, (), scratch)
        else:
            found = list_files(folder, lambda path, _is_folder: path.rpartition("/")[2] in ALWAYS_SKIPPED)
    except UserError:
        # Said when the draft is checked: nothing is in the folder, for one.
        return
    yield from (folder / item.path for item in found)


def _zipped(places: dict[Path, Path], top: Path) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for place in sorted(places):
            # In a folder of its own, so that the server takes away nothing else.
            entry = zipfile.ZipInfo(f"draft/{place.relative_to(top).as_posix()}", _ZIP_DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3  # Unix: only then are modes read.
            entry.external_attr = (0o100755 if places[place].stat().st_mode & 0o100 else 0o100644) << 16
            archive.writestr(entry, places[place].read_bytes())
    return target.getvalue()


def _tidy(place: Path) -> Path:
    return Path(os.path.abspath(place))  # noqa: PTH100 - `resolve` would follow links, and lose where things lie.
