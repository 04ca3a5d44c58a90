"""
S3 and whatever speaks like it, through s3fs.
"""

from __future__ import annotations

from typing import Any

from pipeyard.datastore.remote.fault import is_missing
from pipeyard.datastore.remote.filesystem import FilesystemFolder
from pipeyard.datastore.remote.folder import RemoteEntry
from pipeyard.datastore.remote.parts import Part
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

    async def listed(prefix: str, after: str | None, limit: int) -> tuple[list[RemoteEntry], str | None]:
        more = {} if after is None else {"ContinuationToken": after}
        page = await filesystem._call_s3(  # noqa: SLF001 (as above)
            "list_objects_v2", Bucket=place.root, Prefix=prefix, Delimiter="/", MaxKeys=limit, **more
        )
        folders = [RemoteEntry(found["Prefix"], None) for found in page.get("CommonPrefixes", ())]
        files = [RemoteEntry(found["Key"], int(found["Size"])) for found in page.get("Contents", ())]
        return [*folders, *files], page.get("NextContinuationToken")

    async def close() -> None:
        await client.__aexit__(None, None, None)

    return FilesystemFolder(
        place,
        filesystem,
        check=check,
        close=close,
        listed=listed,
        write_options={"chunksize": _PART_BYTES, "max_concurrency": _PARTS_AT_ONCE},
        parts=MultipartWriter(filesystem, place.root),
    )


class MultipartWriter:
    """S3's multipart uploads."""

    def __init__(self, filesystem: Any, bucket: str) -> None:
        self._filesystem = filesystem
        self._bucket = bucket

    async def start(self, key: str) -> str:
        """Begin an upload; return its name."""
        return str((await self._call("create_multipart_upload", key))["UploadId"])

    async def arrived(self, key: str, upload: str) -> list[Part] | None:
        """Return the parts that are there; None: there is no such upload (any more)."""
        found: list[Part] = []
        more: dict[str, Any] = {}
        while True:
            try:
                page = await self._call("list_parts", key, UploadId=upload, **more)
            except Exception as problem:
                if is_missing(problem):
                    return None
                raise
            found += [Part(part["PartNumber"], int(part["Size"]), part["ETag"]) for part in page.get("Parts", ())]
            if not page.get("IsTruncated"):
                return found
            more = {"PartNumberMarker": page["NextPartNumberMarker"]}

    async def put(self, key: str, upload: str, number: int, data: bytes) -> Part:
        """Send one part."""
        made = await self._call("upload_part", key, UploadId=upload, PartNumber=number, Body=data)
        return Part(number, len(data), made["ETag"])

    async def finish(self, key: str, upload: str, parts: list[Part]) -> None:
        """Make the parts the bytes of the key."""
        listed = [{"PartNumber": part.number, "ETag": part.tag} for part in parts]
        await self._call("complete_multipart_upload", key, UploadId=upload, MultipartUpload={"Parts": listed})

    async def give_up(self, key: str, upload: str) -> None:
        """Let the store forget what arrived."""
        await self._call("abort_multipart_upload", key, UploadId=upload)

    async def _call(self, method: str, key: str, **options: Any) -> Any:
        return await self._filesystem._call_s3(method, Bucket=self._bucket, Key=key, **options)  # noqa: SLF001 (as above)
