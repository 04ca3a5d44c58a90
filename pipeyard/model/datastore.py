"""
A datastore as its file says it: where it is, and apart from that, what lets one in.

Not here: what is kept of it (`record.py` without the credentials, a file of their own with them).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from pipeyard.model.value import dataclass


@dataclass(frozen=True, slots=True)
class DatastoreSpec:
    """One datastore, decoded."""

    name: str | None
    # `local`, `azure_blob`, `azure_data_lake_gen2`, `s3`, `gcs` or `http`.
    type: str
    # Everything that may be stored and shown.
    settings: Mapping[str, Any] = field(default_factory=dict)
    # Secrets by Azure's names. None: none were written, so that earlier ones stay.
    credentials: Mapping[str, str] | None = field(default=None, repr=False)
