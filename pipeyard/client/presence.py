"""
Whether the files that a document names are there, and are what they are said to be.

In:       the local references of a document.
Out:      problems, each at the place that names the file.
Not here: component, environment and conda files, which are read and not only looked at.

Source: section 2, rule 7: local files exist, and file or folder agrees with the type.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from pipeyard.client.scratch import scratch_folder
from pipeyard.client.snapshot import Include, snapshot_code
from pipeyard.client.sourcefile import SourceFiles, hint_for_missing
from pipeyard.model.assets import LocalReference, LocalRole
from pipeyard.model.diagnostic import Diagnostic, Place, YamlPath
from pipeyard.model.errors import UserError
from pipeyard.model.nearest import nearest

_NAMES_SHOWN = 8
_FILE_TYPES = frozenset({"uri_file"})
_FOLDER_TYPES = frozenset({"uri_folder", "mltable", "mlflow_model", "triton_model"})


def check_presence(files: SourceFiles, source: str, references: Sequence[LocalReference]) -> tuple[Diagnostic, ...]:
    """Return what is wrong with the code, data and build folders that the document *source* names."""
    return tuple(_Presence(files, source).problems(references))


def holder_of(path: YamlPath) -> YamlPath:
    """Return the mapping that holds `code` or `additional_includes`, whatever the spelling below it."""
    for length in range(len(path) - 1, -1, -1):
        if path[length] in {"code", "additional_includes"}:
            return path[:length]
    return path[:-1]


def _beside(holder: YamlPath, references: Sequence[LocalReference]) -> list[LocalReference]:
    """Return the code of a holder and what is copied into it."""
    return [
        item
        for item in references
        if item.role in {LocalRole.CODE, LocalRole.INCLUDE} and holder_of(item.path) == holder
    ]


class _Presence:
    def __init__(self, files: SourceFiles, source: str) -> None:
        self._files = files
        self._source = source

    def problems(self, references: Sequence[LocalReference]) -> Iterator[Diagnostic]:
        holders: set[YamlPath] = set()
        for reference in references:
            yield from self._of_one(reference, references, holders)

    def _of_one(
        self, reference: LocalReference, references: Sequence[LocalReference], holders: set[YamlPath]
    ) -> Iterator[Diagnostic]:
        refused = self._refused(reference)
        if refused is not None and reference.role not in {LocalRole.CODE, LocalRole.INCLUDE}:
            yield refused
        elif reference.role is LocalRole.DATA:
            yield from self._data(reference)
        elif reference.role is LocalRole.BUILD:
            yield from self._folder(reference)
        elif reference.role is LocalRole.ENTRY:
            yield from self._entry(reference, references)
        elif reference.role in {LocalRole.CODE, LocalRole.INCLUDE}:
            holder = holder_of(reference.path)
            if holder not in holders:
                holders.add(holder)
                yield from self._code(holder, references)

    def _data(self, reference: LocalReference) -> Iterator[Diagnostic]:
        place = self._place(reference)
        if not place.exists():
            yield self._missing(reference, place)
        elif place.is_dir() and reference.type in _FILE_TYPES:
            yield self._problem(
                reference,
                "not-a-file",
                f"`{reference.text}` is a folder, `{reference.type}` wants a file",
                "write `type: uri_folder`, or name a file in it",
            )
        elif not place.is_dir() and reference.type in _FOLDER_TYPES:
            yield self._problem(
                reference,
                "not-a-folder",
                f"`{reference.text}` is a file, `{reference.type}` wants a folder",
                "write `type: uri_file`, or name its folder",
            )
        elif reference.type == "mltable" and not (place / "MLTable").is_file():
            yield self._problem(reference, "not-an-mltable", f"the folder `{reference.text}` holds no file `MLTable`")
        elif reference.type == "mltable":
            # Imported here: most jobs name no table.
            from pipeyard.client.table import check_table  # noqa: PLC0415

            yield from check_table(place, self._files.texts)
        elif place.is_dir() and not any(place.iterdir()):
            yield self._problem(reference, "empty-folder", f"the folder `{reference.text}` is empty")

    def _folder(self, reference: LocalReference) -> Iterator[Diagnostic]:
        place = self._place(reference)
        if not place.exists():
            yield self._missing(reference, place)
        elif not place.is_dir():
            yield self._problem(reference, "not-a-folder", f"`{reference.text}` is a file, a build context is a folder")

    def _code(self, holder: YamlPath, references: Sequence[LocalReference]) -> Iterator[Diagnostic]:
        mine = _beside(holder, references)
        if any(self._refused(item) is not None for item in mine):
            yield from (refused for item in mine if (refused := self._refused(item)) is not None)
            return
        code = next((item for item in mine if item.role is LocalRole.CODE), None)
        includes = [item for item in mine if item.role is LocalRole.INCLUDE]
        gone = [self._missing(item, self._place(item)) for item in mine if not self._is_there(item)]
        if gone:
            yield from gone
            return
        try:
            with scratch_folder() as scratch:
                snapshot_code(
                    self._place(code) if code is not None else None,
                    [Include(item.text, self._place(item)) for item in includes],
                    scratch,
                )
        except UserError as error:
            at = code if code is not None and error.code not in {"include-clash", "bad-include"} else None
            shown = at or next((item for item in includes if f"`{item.text}`" in error.message), mine[0])
            yield self._problem(shown, error.code, error.message, error.hint)

    def _entry(self, reference: LocalReference, references: Sequence[LocalReference]) -> Iterator[Diagnostic]:
        """Look for a file of the code; where more is copied into the code, nobody can say that it is not there."""
        mine = _beside(reference.path[:-1], references)
        if any(self._refused(item) is not None for item in mine):
            # Said of the code itself.
            return
        code = next((self._place(item) for item in mine if item.role is LocalRole.CODE), None)
        refused = None if code is None else self._refused(reference, code / reference.text)
        if refused is not None:
            yield refused
            return
        if code is None or not code.is_dir() or len(mine) > 1 or (code / reference.text).is_file():
            return
        names = [path.name for path in sorted(code.iterdir()) if path.is_file()]
        close = nearest(reference.text, names)
        there = ", ".join(f"`{name}`" for name in names[:_NAMES_SHOWN])
        hint = f"did you mean `{close}`?" if close else f"its files are {there}" if there else None
        yield self._problem(reference, "missing-file", f"the code has no file `{reference.text}`", hint)

    def _refused(self, reference: LocalReference, place: Path | None = None) -> Diagnostic | None:
        """Return the problem of a path that may not even be looked at."""
        try:
            self._files.refuse_outside(place or self._place(reference))
        except UserError as error:
            return self._problem(reference, error.code, error.message, error.hint)
        return None

    def _is_there(self, reference: LocalReference) -> bool:
        place = self._place(reference)
        if reference.role is LocalRole.INCLUDE and place.suffix == ".zip" and place.with_suffix("").is_dir():
            return True
        return place.exists()

    def _place(self, reference: LocalReference) -> Path:
        return self._files.locate(reference.source, reference.text)

    def _missing(self, reference: LocalReference, place: Path) -> Diagnostic:
        what = "file or folder" if reference.role is not LocalRole.BUILD else "folder"
        return self._problem(reference, "missing-file", f"there is no {what} `{place}`", hint_for_missing(place))

    def _problem(self, reference: LocalReference, code: str, message: str, hint: str | None = None) -> Diagnostic:
        return Diagnostic(code, message, Place(self._source, reference.path), hint=hint)
