"""
S3 and whatever speaks like it, through s3fs.
"""

from __future__ import annotations

from typing import Any

from pipeyard.datastore.remote.filesystem import FilesystemFolder
from pipeyard.datastore.remote.place import RemotePlace

_PART_BYTES = 8 << 20
_PARTS_AT_ONCE = 10


async def open_s3(place: RemotePlace) -> FilesystemFolder:
    """Return a connection to a bucket. Nothing is sent yet."""
    from s3fs import S3FileSystem  # noqa: PLC0415 (only worker processes ever have this library)

    given, settings = place.credentials, place.settings
    region = settings.get("region")
    filesystem = S3FileSystem(
        anon=bool(settings.get("anonymous")),
        key=given.get("access_key_id"),
        secret=given.get("secret_access_key"),
        token=given.get("session_token"),
        endpoint_url=settings.get("endpoint"),
        client_kwargs={"region_name": region} if region else {},
        config_kwargs={
            "retries": {"max_attempts": 2},
            "connect_timeout": 10,
            "read_timeout": 60,
            "max_pool_connections": 64,
        },
        asynchronous=True,
        skip_instance_cache=True,
        use_listings_cache=False,
    )
    client: Any = await filesystem.set_session()

    async def check() -> None:
        await filesystem._call_s3("list_objects_v2", Bucket=place.root, MaxKeys=1)  # noqa: SLF001 (fsspec's asynchronous side)

    async def close() -> None:
        await client.__aexit__(None, None, None)

    return FilesystemFolder(
        place,
        filesystem,
        check=check,
        close=close,
        write_options={"chunksize": _PART_BYTES, "max_concurrency": _PARTS_AT_ONCE},
    )
