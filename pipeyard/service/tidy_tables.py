"""
What registered tables name: bytes that a version needs, and that do not lie in its own place.

In:       the places of registered versions.
Out:      the jobs and uploads that MLTable files there speak of, those of tables in tables too.
Not here: what becomes of them (`tidy_plan.py`), reading rows (`datastore/table_files.py`).

What `parallel_for` collects is such a table: each item's files stay where its job wrote them.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from contextlib import suppress

from pipeyard.model.assets import DatastoreUri
from pipeyard.model.errors import PipeyardError
from pipeyard.model.tidy import Mentions, RegisteredPlaces, mentions_of
from pipeyard.ports import Datastores

_FILE = "MLTable"
_NAMED = re.compile(r"azureml://datastores/([^/\s\"']+)/paths/([^\s\"']+)")


def with_tables(
    registered: RegisteredPlaces, datastores: Datastores, elsewhere: Collection[tuple[str, str]]
) -> RegisteredPlaces:
    """Return what versions need, with what their tables name; *elsewhere* is what is no folder of this home."""
    waiting = list(registered.places)
    seen = set(waiting)
    uploads, jobs = set(registered.mentions.uploads), set(registered.mentions.jobs)
    while waiting:
        workspace, uri = waiting.pop()
        # What is elsewhere names what is elsewhere, too, and that is never freed.
        text = "" if (workspace, uri.datastore) in elsewhere else _table(datastores, workspace, uri)
        said = mentions_of(text)
        uploads |= said.uploads
        jobs |= said.jobs
        for match in _NAMED.finditer(text):
            named = workspace, DatastoreUri(match[1], match[2])
            if named not in seen:
                seen.add(named)
                waiting.append(named)
    return RegisteredPlaces(registered.places, Mentions(frozenset(uploads), frozenset(jobs)))


def _table(datastores: Datastores, workspace: str, uri: DatastoreUri) -> str:
    with suppress(PipeyardError, OSError):
        place = datastores.local_path(workspace, uri)
        file = place / _FILE if place.is_dir() else place
        if file.name == _FILE and file.is_file():
            return file.read_text(encoding="utf-8", errors="replace")
    return ""
