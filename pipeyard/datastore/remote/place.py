"""
Which store a datastore is, and how to be let in.

In:       a datastore's record and its credentials.
Out:      a `RemotePlace`, which is sent to worker processes; keys of what is in it.
Not here: speaking to it (`connect.py`).

Invariant: credentials are in no text that this makes: not in `repr`, identities or messages.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import field
from typing import Any

from pipeyard.datastore.place import split_path
from pipeyard.model.value import dataclass

LOCAL = "local"
HTTP = "http"
AZURE_TYPES = frozenset({"azure_blob", "azure_data_lake_gen2"})
S3 = "s3"
GCS = "gcs"

# Settings that say where a store is, as opposed to how it is described.
_WHERE = ("account_name", "container_name", "filesystem", "bucket", "url", "endpoint", "protocol", "region", "project")
# A shorter secret would be cut out of ordinary words.
_SECRET_LENGTH_MIN = 6


@dataclass(frozen=True, slots=True)
class RemotePlace:
    """Everything a worker needs to know of one datastore."""

    # The datastore's own name, for messages.
    name: str
    type: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    credentials: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def root(self) -> str:
        """Return the container, file system or bucket."""
        for key in ("container_name", "filesystem", "bucket"):
            if self.settings.get(key):
                return str(self.settings[key])
        return ""

    @property
    def identity(self) -> str:
        """Return a text that is equal exactly for equal stores, whatever they are called here."""
        return where_text(self.type, self.settings)

    def key_of(self, path: str) -> str:
        """Return how the store's library names a path; `UserError` for one that leads out."""
        return "/".join(part for part in (self.root, *split_path(path)) if part)

    def memory_key(self, path: str) -> str:
        """Return under which name to remember what is at a path."""
        return hashlib.sha256(f"{self.identity}\0{'/'.join(split_path(path))}".encode()).hexdigest()

    def without_secrets(self, text: str) -> str:
        """Return a library's words with every credential cut out."""
        for secret in sorted(self.credentials.values(), key=len, reverse=True):
            if len(secret) >= _SECRET_LENGTH_MIN:
                text = text.replace(secret, "[secret]")
        return text


def where_text(kind: str, settings: Mapping[str, Any]) -> str:
    """Return which store the settings of a datastore name."""
    return "\0".join([kind, *(f"{key}={settings.get(key)}" for key in _WHERE if settings.get(key) is not None)])
