"""
Azure Blob Storage and Data Lake Gen2, through adlfs.

Source: section 8.1. Both kinds are reached by the account's Blob endpoint, which serves
accounts with and without folders of their own.
"""

from __future__ import annotations

import uuid
import weakref
from collections.abc import Mapping
from typing import Any

from pipeyard.datastore.remote.fault import is_missing
from pipeyard.datastore.remote.filesystem import FilesystemFolder
from pipeyard.datastore.remote.folder import RemoteEntry
from pipeyard.datastore.remote.parts import Part
from pipeyard.datastore.remote.place import RemotePlace

DEFAULT_ENDPOINT = "core.windows.net"
_BLOCK_BYTES = 8 << 20
_BLOCKS_AT_ONCE = 8
# The library's own tries, which it makes before ours; its defaults wait for a minute and more.
_CLIENT_OPTIONS = {
    "retry_total": 2,
    "initial_backoff": 0.2,
    "increment_base": 2,
    "random_jitter_range": 0,
    "connection_timeout": 10,
    "read_timeout": 60,
    "max_block_size": _BLOCK_BYTES,
    "max_single_put_size": _BLOCK_BYTES,
}


async def open_azure(place: RemotePlace) -> FilesystemFolder:
    """Return a connection to a container. Nothing is sent yet."""
    # Imported here, as everything of these libraries: only worker processes ever have them.
    from adlfs import AzureBlobFileSystem  # noqa: PLC0415
    from azure.storage.blob.aio import BlobServiceClient  # noqa: PLC0415

    credential = _credential(place)
    client = BlobServiceClient(account_url(place.settings), credential=credential, **_CLIENT_OPTIONS)

    class _Filesystem(AzureBlobFileSystem):  # type: ignore[misc, unused-ignore]
        """adlfs over a client of ours: it knows no other retries and no other endpoints."""

        def do_connect(self) -> None:
            self.service_client = client

        @classmethod
        def _strip_protocol(cls, path: str) -> str:
            # Ours have none; adlfs takes `?` and `#` for parts of an address and drops what follows.
            return path.strip("/")

        def split_path(self, path: str, *_more: Any, **_options: Any) -> tuple[str, str, None]:
            container, _, key = path.strip("/").partition("/")
            return container, key, None

    filesystem = _Filesystem(
        account_name=place.settings["account_name"],
        anon=True,
        asynchronous=True,
        skip_instance_cache=True,
        use_listings_cache=False,
    )

    _forget_farewell(filesystem)

    async def check() -> None:
        pages = client.get_container_client(place.root).list_blobs(results_per_page=1).by_page()
        async for page in pages:
            async for _ in page:
                break
            break

    async def listed(prefix: str, after: str | None, limit: int) -> tuple[list[RemoteEntry], str | None]:
        container = client.get_container_client(place.root)
        # Metadata tell the blobs that stand for folders in accounts that have these.
        found = container.walk_blobs(prefix or None, include=["metadata"], delimiter="/", results_per_page=limit)
        pages: Any = found.by_page(after)
        entries = [_entry_of(item) async for item in await anext(pages)]
        return [entry for entry in entries if entry is not None], pages.continuation_token or None

    async def close() -> None:
        await client.close()
        if hasattr(credential, "close"):
            await credential.close()

    return FilesystemFolder(
        place,
        filesystem,
        check=check,
        close=close,
        listed=listed,
        write_options={"max_concurrency": _BLOCKS_AT_ONCE},
        parts=BlockWriter(client, place.root),
    )


class BlockWriter:
    """Azure's uncommitted blocks: a blob keeps them for a week, under names that we choose."""

    def __init__(self, client: Any, container: str) -> None:
        self._client = client
        self._container = container

    async def start(self, key: str) -> str:  # noqa: ARG002 (nothing has to be asked)
        """Begin an upload; return its name."""
        # All blocks of a blob have names of one length.
        return uuid.uuid4().hex

    async def arrived(self, key: str, upload: str) -> list[Part] | None:
        """Return the parts that are there; None: there is no such upload (any more)."""
        try:
            _, blocks = await self._blob(key).get_block_list("uncommitted")
        except Exception as problem:
            if is_missing(problem):
                return None
            raise
        named = [(block.id, int(block.size)) for block in blocks if block.id.startswith(upload)]
        return [Part(int(name[len(upload) :]), size, name) for name, size in named]

    async def put(self, key: str, upload: str, number: int, data: bytes) -> Part:
        """Send one part."""
        name = f"{upload}{number:08d}"
        await self._blob(key).stage_block(name, data, length=len(data))
        return Part(number, len(data), name)

    async def finish(self, key: str, upload: str, parts: list[Part]) -> None:  # noqa: ARG002 (in the names already)
        """Make the parts the bytes of the key."""
        from azure.storage.blob import BlobBlock  # noqa: PLC0415 (as above)

        await self._blob(key).commit_block_list([BlobBlock(part.tag) for part in parts])

    async def give_up(self, key: str, upload: str) -> None:
        """Do nothing: the next commit drops them, or the store after a week."""

    def _blob(self, key: str) -> Any:
        return self._client.get_blob_client(self._container, key)


def _entry_of(item: Any) -> RemoteEntry | None:
    """Return a blob, or a folder by its prefix; None for a blob that stands for a folder, which has a prefix too."""
    if not hasattr(item, "size"):
        return RemoteEntry(str(item.name), None)
    marks = {name.lower(): value for name, value in (item.metadata or {}).items()}
    return None if marks.get("hdi_isfolder") == "true" else RemoteEntry(str(item.name), int(item.size))


def _forget_farewell(filesystem: Any) -> None:
    """
    Let go of a file system that adlfs would keep, to close its client at the end of the process.

    We close that ourselves; by then no loop runs that adlfs could do it in, and it complains.
    """
    registry: Any = weakref.finalize._registry  # type: ignore[attr-defined]  # noqa: SLF001 (there is no other list)
    for finalizer in list(registry):
        alive: Any = finalizer.peek()
        if alive is not None and alive[0] is filesystem:
            finalizer.detach()


def account_url(settings: Mapping[str, Any]) -> str:
    """Return the address of an account's Blob service; an `endpoint` that is a whole address is taken as it is."""
    endpoint = str(settings.get("endpoint") or DEFAULT_ENDPOINT)
    if "://" in endpoint:
        return endpoint.rstrip("/")
    # `wasbs` and `abfss` say no more than that it is encrypted.
    protocol = "http" if settings.get("protocol") in ("http", "wasb") else "https"
    return f"{protocol}://{settings['account_name']}.blob.{endpoint}"


def _credential(place: RemotePlace) -> Any:
    given = place.credentials
    if "account_key" in given:
        from azure.core.credentials import AzureNamedKeyCredential  # noqa: PLC0415 (as above)

        return AzureNamedKeyCredential(place.settings["account_name"], given["account_key"])
    if "sas_token" in given:
        from azure.core.credentials import AzureSasCredential  # noqa: PLC0415 (as above)

        return AzureSasCredential(given["sas_token"].lstrip("?"))
    if place.settings.get("anonymous"):
        return None
    return _identity(given)


def _identity(given: Mapping[str, str]) -> Any:
    from azure.identity import aio  # noqa: PLC0415 (as above)

    more = {"authority": given["authority_url"]} if "authority_url" in given else {}
    if "client_secret" in given:
        return aio.ClientSecretCredential(given["tenant_id"], given["client_id"], given["client_secret"], **more)
    if "certificate" in given:
        return aio.CertificateCredential(
            given["tenant_id"], given["client_id"], certificate_data=given["certificate"].encode(), **more
        )
    # Whoever is signed in here: environment variables, a managed identity, `az login`.
    return aio.DefaultAzureCredential(**more)
