"""
`ports.CredentialStore`: secrets of datastores in files that only their owner can read.

In:       a datastore's name and what lets one in.
Out:      the same, for worker processes alone.
Not here: which credentials there are (`spec/decode_datastore.py`).

Invariant: no row, view, log line or message holds what is kept here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from pipeyard.datastore.durable import make_folders, write_file
from pipeyard.datastore.place import check_name
from pipeyard.datastore.translate import disk_errors


class CredentialFiles:
    """One file for each datastore, below `credentials/` of the home."""

    def __init__(self, home: Path) -> None:
        """Take the home; the folder is made when there is something to keep."""
        self._folder = home / "credentials"

    def save(self, workspace: str, datastore: str, credentials: Mapping[str, str]) -> None:
        """Keep a datastore's credentials; empty ones remove what was kept."""
        file = self._file(workspace, datastore)
        with disk_errors(f"the credentials of datastore `{datastore}`"):
            if not credentials:
                file.unlink(missing_ok=True)
                return
            make_folders(file.parent)
            for folder in (self._folder, file.parent):
                folder.chmod(0o700)
            # Made with 0600 from the start.
            write_file(file, json.dumps(dict(credentials)).encode())

    def load(self, workspace: str, datastore: str) -> Mapping[str, str]:
        """Return a datastore's credentials; empty when it has none."""
        try:
            found = json.loads(self._file(workspace, datastore).read_bytes())
        except FileNotFoundError:
            return {}
        return {str(key): str(value) for key, value in found.items()}

    def _file(self, workspace: str, datastore: str) -> Path:
        check_name(workspace)
        check_name(f"{datastore}.json")
        return self._folder / workspace / f"{datastore}.json"
