"""
Data that is not on this machine: which datastore a cloud's address means, and what is there.

Not here: moving bytes (`ports.Transfers`).
"""

from __future__ import annotations

from collections.abc import Iterable

from pipeyard.model.assets import ENTITY_TAG, DatastoreUri
from pipeyard.model.record import DatastoreRecord
from pipeyard.ports import RemoteLook
from pipeyard.service.world import World
from pipeyard.spec.cloud import CloudUri


def is_elsewhere(world: World, workspace: str, uri: DatastoreUri) -> bool:
    """Return whether the bytes of a URI have to be fetched."""
    return world.transfers is not None and world.transfers.is_remote(workspace, uri.datastore)


def look_elsewhere(world: World, workspace: str, uri: DatastoreUri) -> RemoteLook | None:
    """Return what is at a URI of a datastore that is elsewhere, None if there is nothing."""
    assert world.transfers is not None  # Asked for only after `is_elsewhere`.
    return world.transfers.look(workspace, uri)


def listing_content(there: RemoteLook) -> str:
    """Return what says that bytes elsewhere are the same, in place of the digest that only reading them would give."""
    return f"{ENTITY_TAG}{there.listing_digest}"


def datastore_of(records: Iterable[DatastoreRecord], wanted: CloudUri) -> DatastoreUri | None:
    """Return the URI that a cloud's address has here: in the first datastore that is that container or bucket."""
    for record in records:
        spec = record.spec
        root = spec.get("container_name") or spec.get("filesystem") or spec.get("bucket")
        is_account = wanted.account is None or str(spec.get("account_name")).lower() == wanted.account.lower()
        if record.type in wanted.types and root == wanted.root and is_account:
            return DatastoreUri(record.name, wanted.path)
    return None
