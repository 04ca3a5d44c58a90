"""
Google Cloud Storage, through gcsfs.
"""

from __future__ import annotations

import json
import os
from typing import Any

from pipeyard.datastore.remote.filesystem import FilesystemFolder
from pipeyard.datastore.remote.folder import RemoteEntry
from pipeyard.datastore.remote.place import RemotePlace
from pipeyard.model.errors import StoreError

_PART_BYTES = 16 << 20


async def open_gcs(place: RemotePlace) -> FilesystemFolder:
    """Return a connection to a bucket. Nothing is sent yet."""
    # Its newer half asks for the bucket's layout by another protocol first, which endpoints of one's own do not speak.
    os.environ.setdefault("GCSFS_EXPERIMENTAL_ZB_HNS_SUPPORT", "false")
    from gcsfs import GCSFileSystem  # noqa: PLC0415 (only worker processes ever have this library)

    filesystem = GCSFileSystem(
        project=place.settings.get("project") or "",
        token=_token(place),
        endpoint_url=place.settings.get("endpoint"),
        asynchronous=True,
        skip_instance_cache=True,
        use_listings_cache=False,
    )
    session = await filesystem._set_session()  # noqa: SLF001 (fsspec's asynchronous side)

    async def check() -> None:
        await filesystem._call("GET", "b/{}/o", place.root, maxResults=1)  # noqa: SLF001 (as above)

    async def listed(prefix: str, after: str | None, limit: int) -> tuple[list[RemoteEntry], str | None]:
        more = {} if after is None else {"pageToken": after}
        page = await filesystem._call(  # noqa: SLF001 (as above)
            "GET", "b/{}/o", place.root, prefix=prefix, delimiter="/", maxResults=limit, json_out=True, **more
        )
        folders = [RemoteEntry(found, None) for found in page.get("prefixes", ())]
        files = [RemoteEntry(found["name"], int(found["size"])) for found in page.get("items", ())]
        return [*folders, *files], page.get("nextPageToken")

    async def close() -> None:
        await session.close()

    options = {"chunksize": _PART_BYTES}
    return FilesystemFolder(place, filesystem, check=check, close=close, listed=listed, write_options=options)


def _token(place: RemotePlace) -> Any:
    text = place.credentials.get("service_account_key")
    if text is None:
        # Else whoever is signed in here: a variable, a file of `gcloud`, the machine's own account.
        return "anon" if place.settings.get("anonymous") else None
    try:
        return json.loads(text)
    except ValueError:
        raise StoreError(
            f"datastore `{place.name}`: `service_account_key` is not the JSON of a key file",
            code="datastore-refused",
            hint="give the whole text of the file that Google Cloud made",
        ) from None
