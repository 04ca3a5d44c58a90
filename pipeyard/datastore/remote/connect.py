"""
A connection to a datastore, whatever its kind.

In:       a `RemotePlace`.
Out:      a `RemoteFolder`, closed in the end.
Not here: what is done with it (`fetch.py`, `send.py`).
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from pipeyard.datastore.remote.azure import open_azure
from pipeyard.datastore.remote.folder import RemoteFolder
from pipeyard.datastore.remote.gcs import open_gcs
from pipeyard.datastore.remote.place import AZURE_TYPES, GCS, HTTP, S3, RemotePlace
from pipeyard.datastore.remote.s3 import open_s3
from pipeyard.datastore.remote.web import WebFolder
from pipeyard.model.errors import Bug, StoreError

# The extra of our own package that brings each kind's library.
_EXTRAS = {"azure_blob": "azure", "azure_data_lake_gen2": "azure", S3: "s3", GCS: "gcs"}


@asynccontextmanager
async def connected(place: RemotePlace) -> AsyncIterator[RemoteFolder]:
    """Yield a connection. `StoreError` when the library for it is not installed."""
    try:
        folder = await _open(place)
    except ImportError as problem:
        raise missing_extra(place, problem) from None
    try:
        yield folder
    finally:
        # The work is done or has failed; a bad farewell changes neither.
        with suppress(Exception):
            await folder.close()


async def _open(place: RemotePlace) -> RemoteFolder:
    # Their warnings would end up in the server's log, with addresses in them.
    for name in ("azure", "adlfs", "botocore", "aiobotocore", "s3fs", "gcsfs", "fsspec", "asyncio", "google"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    if place.type in AZURE_TYPES:
        return await open_azure(place)
    if place.type == S3:
        return await open_s3(place)
    if place.type == GCS:
        return await open_gcs(place)
    if place.type == HTTP:
        return WebFolder(place)
    raise Bug(f"datastore `{place.name}` is of type `{place.type}`, which nobody can open")


def missing_extra(place: RemotePlace, problem: ImportError) -> StoreError:
    """Return what to install for a kind of datastore."""
    extra = _EXTRAS.get(place.type, place.type)
    return StoreError(
        f"datastore `{place.name}` is of type `{place.type}`, which needs a library that is not installed "
        f"(`{problem.name or problem}`); run: pip install 'pipeyard[{extra}]'",
        code="missing-extra",
    )
