"""
Whether a folder that is to be a table is one.

In:       a folder on this machine that holds a file `MLTable`.
Out:      problems, each with its line in that file.
Not here: the language of the file (`spec/decode_table.py`), what a table stands for once it is stored.

Only what lies in the folder is looked for: what a table names by URI may come later.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, MutableMapping
from pathlib import Path

from pipeyard.client.sourcefile import hint_for_missing, read_text
from pipeyard.client.tree import list_files
from pipeyard.model.diagnostic import Diagnostic, Place, Severity
from pipeyard.model.errors import UserError
from pipeyard.model.table import TABLE_BYTES_MAX, TABLE_FILE, PathKind, TablePath
from pipeyard.spec.decode import decode_table
from pipeyard.spec.document import located, parse_document
from pipeyard.spec.pattern import pattern_of


def check_table(folder: Path, texts: MutableMapping[str, str]) -> tuple[Diagnostic, ...]:
    """Return what is wrong with a table; its text is added to *texts*, for excerpts."""
    place = folder / TABLE_FILE
    shown = str(place)
    try:
        text = read_text(place)
    except UserError as error:
        return (Diagnostic(error.code, error.message, Place(shown), hint=error.hint),)
    if len(text) > TABLE_BYTES_MAX:
        return (Diagnostic("not-yaml", f"`{shown}` is too large to be a file that somebody wrote", Place(shown)),)
    texts[shown] = text
    document, problems = parse_document(text, source=shown, file=shown)
    if document is None:
        return problems
    table, found = decode_table(document)
    paths = table.paths if table is not None else ()
    missing = [problem for path in paths if not path.is_uri for problem in _look(folder, path)]
    return (*problems, *found, *located(missing, {shown: document}))


def _look(folder: Path, path: TablePath) -> Iterator[Diagnostic]:
    place = folder / path.text
    if path.kind is PathKind.PATTERN:
        if not _fits_any(folder, path.text):
            yield Diagnostic(
                "nothing-matches",
                f"no file fits the pattern `{path.text}`",
                path.place,
                Severity.WARNING,
                hint="`*` stays within one folder; `**/*` goes through all of them",
            )
    elif not place.exists():
        yield Diagnostic(
            "missing-file", f"there is no file or folder `{place}`", path.place, hint=hint_for_missing(place)
        )
    elif path.kind is PathKind.FOLDER and not place.is_dir():
        yield Diagnostic("not-a-folder", f"`{place}` is a file", path.place, hint="write `file:` in place of `folder:`")


def _fits_any(folder: Path, pattern: str) -> bool:
    parts: list[str] = []
    for name in pattern.split("/"):
        if name == "..":
            parts[-1:] = []
        elif name not in ("", "."):
            parts.append(name)
    fits = re.compile(pattern_of("/".join(parts))).fullmatch
    try:
        return any(fits(file.path) for file in list_files(folder, lambda _path, _is_folder: False))
    except UserError:
        # A file that cannot be sent is said when the folder is.
        return True
