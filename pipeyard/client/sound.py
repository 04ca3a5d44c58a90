"""
Job files that were found sound and have not changed since: they are not checked again.

In:       a job's file as typed; the cache folder.
Out:      what of a check is needed to send the job, or None: it has to be checked.
Not here: the check (`checking.py`). The server checks every job once more, whoever sends it.

Only what has no problem at all is remembered, not even a warning. Whether the files and
folders that it names are there is looked up each time; that is not written in any text.

Invariant: remembered is used only for the same texts, read by the same version of our
code. A memory that cannot be read or written is no memory, and no error.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Any

import pipeyard
from pipeyard.client.checked import Checked
from pipeyard.client.presence import check_presence
from pipeyard.client.sourcefile import SourceFiles
from pipeyard.model.assets import LocalReference, LocalRole
from pipeyard.model.diagnostic import Diagnostic, Place, Span, Written, YamlPath
from pipeyard.model.errors import UserError
from pipeyard.model.value import dataclass

# Files that are remembered, and the size of what is remembered of one.
_FILES_MAX = 100
_BYTES_MAX = 16_000_000
# What a check is made of.
_CODE = ("client", "graph", "model", "spec")


@dataclass(frozen=True, slots=True)
class SoundJob:
    """A `Checked` that was remembered."""

    files: SourceFiles
    documents: Mapping[str, Written]
    references: Mapping[str, tuple[LocalReference, ...]]
    diagnostics: tuple[Diagnostic, ...] = ()


def recall(cache: Path, job_file: str) -> SoundJob | None:
    """Return what is known of a job's file if nothing in it, or in what it names, has to be checked again."""
    memory = _read(_place(cache, job_file))
    # A file that was written by hand may hold anything.
    with suppress(KeyError, TypeError, ValueError, UserError, OSError):
        if memory["code"] == _code_stamp():
            return _recalled(job_file, memory)
    return None


def remember(cache: Path, job_file: str, checked: Checked) -> None:
    """Write down a check that found nothing."""
    texts = checked.files.places_read()
    # What is registered is not written in any file.
    if checked.diagnostics or not all(source in texts for source in checked.documents):
        return
    memory = {
        "code": _code_stamp(),
        "texts": {
            source: [str(place), _digest(checked.files.texts[checked.files.shown(source)])]
            for source, place in texts.items()
        },
        "documents": {source: document.value for source, document in checked.documents.items()},
        "references": {
            source: [[item.role.value, item.path, item.text, item.source, item.type] for item in items]
            for source, items in checked.references.items()
        },
    }
    try:
        text = json.dumps(memory, allow_nan=False)
    except ValueError:
        # A number that JSON does not have.
        return
    if len(text) <= _BYTES_MAX:
        _write(_place(cache, job_file), text)


def _recalled(job_file: str, memory: Mapping[str, Any]) -> SoundJob | None:
    files = SourceFiles(job_file)
    for source, (place, digest) in memory["texts"].items():
        if source:
            files.name(source, Path(place))
        if _digest(files.read(source)) != digest:
            return None
    references = {
        source: tuple(LocalReference(LocalRole(role), tuple(path), *rest) for role, path, *rest in items)
        for source, items in memory["references"].items()
    }
    if any(check_presence(files, source, items) for source, items in references.items()):
        return None
    again = _Again(job_file)
    documents = {
        source: _Remembered(source, files.shown(source), value, again) for source, value in memory["documents"].items()
    }
    return SoundJob(files, documents, references)


class _Again:
    """The documents of a job as a check reads them, for whoever asks for lines after all."""

    def __init__(self, job_file: str) -> None:
        self._job_file = job_file

    @cached_property
    def documents(self) -> Mapping[str, Written]:
        # Imported here: of most jobs a server has nothing to say.
        from pipeyard.client.checking import check_job_file  # noqa: PLC0415

        return check_job_file(self._job_file).documents


class _Remembered:
    """A document of which the tree is known; where something stands in it is found out when somebody asks."""

    def __init__(self, source: str, file: str, value: Any, again: _Again) -> None:
        self.source = source
        self.file = file
        self.value = value
        self._again = again

    def span(self, where: Place | YamlPath, *, on_key: bool = False) -> Span | None:
        document = self._again.documents.get(self.source)
        return None if document is None else document.span(where, on_key=on_key)


def _place(cache: Path, job_file: str) -> Path:
    # Paths in files are shown, and `~` is read, as seen from here.
    name = "\0".join((os.getcwd(), os.path.expanduser("~"), job_file))  # noqa: PTH109, PTH111 - as other files here.
    return cache / "sound" / f"{_digest(name)[:32]}.json"


def _read(place: Path) -> Mapping[str, Any]:
    with suppress(OSError, ValueError):
        found = json.loads(place.read_bytes())
        if isinstance(found, dict):
            return found
    return {}


def _write(place: Path, text: str) -> None:
    scratch = place.with_suffix(f".{os.getpid()}")
    with suppress(OSError):
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _make_room(place.parent)
        # A name or a command may hold what only its owner should read.
        scratch.touch(mode=0o600)
        scratch.write_text(text, "utf-8")
        scratch.replace(place)


def _make_room(folder: Path) -> None:
    entries = list(folder.iterdir())
    if len(entries) >= _FILES_MAX:
        entries.sort(key=lambda entry: entry.stat().st_mtime_ns)
        for entry in entries[: len(entries) // 2]:
            entry.unlink(missing_ok=True)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def _code_stamp() -> str:
    """Return what changes with our code, also where it is worked on."""
    top = os.path.dirname(pipeyard.__file__)  # noqa: PTH120 - a few hundred files are looked at.
    newest = 0
    for folder in _CODE:
        with os.scandir(os.path.join(top, folder)) as entries:  # noqa: PTH118 - as above.
            newest = max(newest, *(entry.stat().st_mtime_ns for entry in entries))
    return f"{pipeyard.__version__} {newest}"
