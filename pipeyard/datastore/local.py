"""
`ports.Datastores` over plain folders.

In:       a workspace and a datastore URI.
Out:      a path on this machine.
Not here: which datastores there are, which the store knows.

Invariant: rows and URIs never hold the home's own path, so that a home can be moved.
"""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from pipeyard.datastore.place import below
from pipeyard.model.asset_record import registry_of
from pipeyard.model.assets import DatastoreUri
from pipeyard.model.errors import NotFound, UserError
from pipeyard.model.nearest import nearest
from pipeyard.model.record import DEFAULT_DATASTORE, DatastoreRecord


class LocalDatastores:
    """The datastores of a home."""

    def __init__(self, home: Path, records: Callable[[str], Sequence[DatastoreRecord]]) -> None:
        """Take the home and what lists a workspace's datastores (`Store.list_datastores`)."""
        self._home = home
        self._records = records
        self._folders: dict[tuple[str, str], Path] = {}
        self._lock = threading.Lock()

    def local_path(self, workspace: str, uri: DatastoreUri) -> Path:
        """
        Return where on this machine a URI's bytes are or would be.

        `NotFound` for an unknown datastore, `UserError` for a path that leads out of it.
        """
        return below(self.folder(workspace, uri.datastore), uri.path)

    def folder(self, workspace: str, name: str) -> Path:
        """Return a datastore's own folder, made at first use."""
        with self._lock:
            found = self._folders.get((workspace, name))
            if found is None:
                found = self._folders[workspace, name] = self._find(workspace, name)
                found.mkdir(parents=True, exist_ok=True)
            return found

    def check_folder(self, record: DatastoreRecord) -> None:
        """Return if a folder of the user's can be used as a datastore; `OSError` if not."""
        folder = self._home / str(record.spec["path"])
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass

    def forget(self, workspace: str, datastore: str) -> None:
        """Forget where a datastore was: it was created, changed or removed."""
        with self._lock:
            self._folders.pop((workspace, datastore), None)

    def _find(self, workspace: str, name: str) -> Path:
        if registry_of(name) is not None:
            # A registry's own files, as every workspace names them.
            workspace, name = name, DEFAULT_DATASTORE
        records = {record.name: record for record in self._records(workspace)}
        record = records.get(name)
        if record is None:
            close = nearest(name, tuple(records))
            raise NotFound(
                f"there is no datastore `{name}` in workspace `{workspace}`",
                hint=f"did you mean `{close}`?" if close else f"there are: {', '.join(sorted(records)) or 'none'}",
            )
        if record.type != "local":
            raise UserError(
                f"datastore `{name}` is of type `{record.type}`, which has no folder here", code="not-local"
            )
        # Relative to the home; an absolute path of the user's stays as it is.
        return self._home / str(record.spec["path"])
