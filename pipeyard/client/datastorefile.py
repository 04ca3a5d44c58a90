"""
A datastore's YAML file, or a datastore with some of its values changed.

In:       a path as typed, or a datastore as the server shows it; the pairs of `--set`.
Out:      the body of a request, and what is wrong with it.
Not here: sending it (`workspace.py`).

Invariant: the texts of the file are not given out, because a line of it may hold a credential.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pipeyard.client.sourcefile import JOB, read_text
from pipeyard.model.datastore import DatastoreSpec
from pipeyard.model.diagnostic import Diagnostic
from pipeyard.spec.decode_datastore import decode_datastore_fields
from pipeyard.spec.document import Document, document_of, document_on_command_line, located, parse_document
from pipeyard.spec.override import apply_overrides
from pipeyard.spec.reading import read_document
from pipeyard.spec.schema import SCHEMA

Found = tuple[DatastoreSpec | None, tuple[Diagnostic, ...]]


def read_datastore(file: str, name: str | None = None, overrides: Sequence[str] = ()) -> Found:
    """Return the datastore in a file (None when there is none) and its problems; *name* wins over the file's."""
    document, problems = parse_document(read_text(Path(file)), source=JOB, file=file)
    if document is None:
        return None, problems
    if name is not None:
        document = document.grafted({**document.value, "name": name}, {("name",): document_of(name, source=JOB)})
    document, more = apply_overrides(document, overrides)
    spec, found = _decoded(_with_whole_path(document, Path(file).parent))
    return spec, (*problems, *more, *found)


def changed_datastore(shown: Mapping[str, Any], overrides: Sequence[str]) -> Found:
    """Return a datastore with values changed; without new credentials it keeps those it has."""
    known = SCHEMA.get(str(shown["type"]), ())
    written = [field.name for field in known if field.name != "credentials" and shown.get(field.name) is not None]
    tree = {name: shown[name] for name in written} or {"type": shown["type"], "name": shown["name"]}
    document, problems = apply_overrides(document_of(tree, source=JOB), overrides)
    spec, found = _decoded(document)
    return spec, (*problems, *found)


def body_of(spec: DatastoreSpec) -> dict[str, Any]:
    """Return a datastore as it is sent."""
    body: dict[str, Any] = {**spec.settings, "type": spec.type}
    if spec.credentials is not None:
        body["credentials"] = dict(spec.credentials)
    return body


def _with_whole_path(document: Document, folder: Path) -> Document:
    """Return a local datastore with an absolute path: the server knows no folder to be relative to."""
    path = document.value.get("path")
    span = document.span(("path",))
    if str(document.value.get("type")).lower() != "local" or not isinstance(path, str) or span is None:
        return document
    place = folder / os.path.expanduser(path)  # noqa: PTH111 - a `Path` would raise for `~nobody`.
    whole = os.path.abspath(place)  # noqa: PTH100 - keeps links as they are.
    graft = document_on_command_line(whole, source=JOB, span=span)
    return document.grafted({**document.value, "path": whole}, {("path",): graft})


def _decoded(document: Document) -> Found:
    spec, reading = read_document(document, decode_datastore_fields)
    return spec, located(reading.problems, {JOB: document})
