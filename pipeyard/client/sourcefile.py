"""
The files that a job is written in, by the names that people know them by.

In:       a path as typed on the command line, and paths written in the files.
Out:      texts, and places on this machine.
Not here: what the texts mean (`checking.py`).

Invariant: a path is relative to the folder of the file that it is written in. The job's
own document is `""`; every other one is named by its path as seen from where the
command runs.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from pipeyard.model.errors import UserError
from pipeyard.model.nearest import nearest

JOB = ""
# Larger than any file that a person wrote; a wrong name may well be a data file.
_BYTES_MAX = 20_000_000


class SourceFiles:
    """All files read for one job."""

    def __init__(self, job_file: str) -> None:
        """Begin with the job's own file, as typed."""
        self._places: dict[str, Path] = {JOB: Path(job_file)}
        # By the name shown to people, for excerpts.
        self.texts: dict[str, str] = {}

    @property
    def job_folder(self) -> Path:
        """Return the folder of the job's own file."""
        return self.folder(JOB)

    def folder(self, source: str) -> Path:
        """Return what paths written in a document are relative to."""
        return self._places[source].parent

    def shown(self, source: str) -> str:
        """Return a document's file as people know it."""
        return str(self._places[source]) if source == JOB else source

    def locate(self, source: str, text: str) -> Path:
        """Return the place that *text*, written in *source*, names; it may not exist. `UserError`: nobody may look there."""
        written = text.removeprefix("file:")
        return self.folder(source) / os.path.expanduser(written)  # noqa: PTH111 - a `Path` would raise for `~nobody`.

    def refuse_outside(self, place: Path) -> None:
        """Raise `UserError` for a place where nobody may look: here people look at their own files, wherever they are."""

    def source_of(self, place: Path) -> str:
        """Return the name of the document in a file, the same for the same file."""
        tidy = os.path.normpath(place)
        # `a/../b` is not `b` when `a` is a link.
        shown = tidy if _is_same(place, Path(tidy)) else str(place)
        for source, known in self._places.items():
            if known == place or source == shown:
                return source
        self._places[shown] = place
        return shown

    def places_read(self) -> Mapping[str, Path]:
        """Return the file of each document that was read."""
        return {source: place for source, place in self._places.items() if self.shown(source) in self.texts}

    def name(self, source: str, place: Path) -> None:
        """Know a document that is in no file; paths in it are relative to the folder of *place*."""
        self._places[source] = place

    def read(self, source: str) -> str:
        """Return the text of a document; `UserError` when there is none."""
        text = read_text(self._places[source])
        self.texts[self.shown(source)] = text
        return text


def read_text(place: Path) -> str:
    """Return a UTF-8 text, a byte-order mark removed."""
    try:
        if place.is_dir():
            raise UserError(f"`{place}` is a folder, a YAML file is needed", code="not-a-file", hint=_yaml_in(place))
        if place.stat().st_size > _BYTES_MAX:
            raise UserError(f"`{place}` is too large to be a YAML file somebody wrote", code="not-yaml")
        return place.read_bytes().decode("utf-8-sig")
    except FileNotFoundError as error:
        raise missing(place) from error
    except UnicodeDecodeError as error:
        line = place.read_bytes()[: error.start].count(b"\n") + 1
        raise UserError(
            f"`{place}` is not UTF-8 text: byte {error.start} (line {line}) cannot be read",
            code="not-utf-8",
            hint="save the file as UTF-8",
        ) from error
    except ValueError as error:
        # A NUL in the name.
        raise UserError(f"`{place!s}` cannot be the name of a file", code="missing-file") from error
    except OSError as error:
        raise UserError(f"`{place}` cannot be read: {error.strerror}", code="unreadable-file") from error


def missing(place: Path) -> UserError:
    """Return the error for a file or folder that is not there, with the nearest that is."""
    return UserError(f"there is no file or folder `{place}`", code="missing-file", hint=hint_for_missing(place))


def hint_for_missing(place: Path) -> str | None:
    """Return what may have been meant, None when nothing is near."""
    if "\\" in str(place):
        return "write `/` between folders, not `\\`"
    for folder in (place, *place.parents):
        if folder.parent.is_dir():
            try:
                close = nearest(folder.name, sorted(item.name for item in folder.parent.iterdir()))
            except OSError:
                return None
            return f"did you mean `{folder.parent / close}`?" if close else None
    return None


def _is_same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        # Not there: the tidy name is as good as any.
        return True


def _yaml_in(folder: Path) -> str | None:
    try:
        found = sorted(item.name for item in folder.iterdir() if item.suffix in {".yml", ".yaml"})
    except OSError:
        return None
    return f"name a file in it, such as `{folder / found[0]}`" if found else None
