"""
`ports.WebSource`: data behind `http(s)` URLs, kept like an upload.

In:       a URL, and what the store remembers of it.
Out:      `LocalUpload/<digest>/<file name>`, as new as the URL is now.
Not here: the request itself (`download.py`), `direct` inputs, which steps read for themselves.

Invariant: a user name and password in a URL are used and then forgotten: they are
neither stored nor printed.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote, urlsplit

from pipeyard.datastore.download import Address, Answer, Downloader
from pipeyard.datastore.durable import make_folders, remove, sync_file, sync_folder, take_name
from pipeyard.datastore.local import LocalDatastores
from pipeyard.datastore.place import RESERVED_PREFIX
from pipeyard.datastore.receive import upload_uri
from pipeyard.datastore.translate import disk_errors
from pipeyard.model.assets import FileEntry, Manifest
from pipeyard.model.digest import manifest_digest
from pipeyard.model.record import UploadRecord, WebCopy
from pipeyard.ports import Clock, Store

# Called with the URL without credentials, the bytes so far and the bytes in all, if known.
Progress = Callable[[str, int, int | None], None]

_NAME_BYTES_MAX = 255
_UNNAMED = "data"


class LocalWebSource:
    """Fetches URLs into the default datastore, and asks a server only whether its data changed where that will do."""

    def __init__(
        self,
        home: Path,
        store: Store,
        datastores: LocalDatastores,
        clock: Clock,
        *,
        downloader: Downloader | None = None,
        progress: Progress | None = None,
    ) -> None:
        """Take the home (its `incoming/` holds what is being fetched) and who keeps and places."""
        self._incoming = home / "incoming"
        self._store = store
        self._datastores = datastores
        self._clock = clock
        self._downloader = downloader or Downloader()
        self._progress = progress or (lambda _url, _done, _size: None)
        self._lock = threading.Lock()
        self._busy: dict[str, threading.Lock] = {}

    def fetch(self, workspace: str, url: str) -> WebCopy:
        """Return a copy that is as new as the URL is now; `OutsideError` if it cannot be had."""
        address = Address.parse(url)
        # Two submits of the same URL at once: the second finds what the first has fetched.
        with self._only(address.url):
            known = self._known(workspace, address.url)
            partial = self._incoming / f"web-{uuid.uuid4().hex}"
            with disk_errors(f"`{address.shown}`"):
                make_folders(self._incoming)
                try:
                    answer = self._downloader.get(address, partial, known, self._progress)
                    return self._keep(workspace, address, known, answer, partial)
                finally:
                    remove(partial)

    def _known(self, workspace: str, url: str) -> WebCopy | None:
        """Return the earlier copy if its file is still there."""
        copy = self._store.load_web_copy(workspace, url)
        if copy is None:
            return None
        place = self._datastores.local_path(workspace, copy.uri)
        return copy if place.is_file() and place.stat().st_size == copy.size else None

    def _keep(
        self, workspace: str, address: Address, known: WebCopy | None, answer: Answer | None, partial: Path
    ) -> WebCopy:
        if answer is None:
            assert known is not None  # Only a known copy can be said to be unchanged.
            copy = replace(known, checked_at_ms=self._clock.now_ms())
        else:
            upload = self._keep_file(workspace, file_name(address.url), answer, partial)
            copy = WebCopy(
                url=address.url,
                etag=answer.etag,
                last_modified=answer.last_modified,
                uri=upload.uri,
                digest=upload.digest,
                size=upload.size,
                checked_at_ms=self._clock.now_ms(),
            )
        self._store.save_web_copy(workspace, copy)
        return copy

    def _keep_file(self, workspace: str, name: str, answer: Answer, partial: Path) -> UploadRecord:
        manifest = Manifest((FileEntry(name, answer.size, answer.sha256),), is_file=True)
        digest = manifest_digest(manifest)
        upload = UploadRecord(digest, name, upload_uri(digest, name), answer.size, 1, is_file=True)
        target = self._datastores.local_path(workspace, upload.uri)
        if not (target.is_file() and target.stat().st_size == answer.size):
            sync_file(partial)
            make_folders(target.parent)
            take_name(partial, target)
            sync_folder(target.parent)
        self._store.save_upload(workspace, upload, manifest)
        return upload

    def _only(self, url: str) -> threading.Lock:
        with self._lock:
            return self._busy.setdefault(url, threading.Lock())


def file_name(url: str) -> str:
    """Return what the file behind a URL is called here: the last part of its path, made fit for a file."""
    last = unquote(urlsplit(url).path, errors="replace").rstrip("/").rpartition("/")[2]
    name = last.replace("\0", "_").replace("\ufffd", "_")
    if name in ("", ".", ".."):
        return _UNNAMED
    if name.startswith(RESERVED_PREFIX):
        name = "_" + name
    while len(name.encode()) > _NAME_BYTES_MAX:
        # From the front, since the ending says what it is.
        name = name[1:]
    return name
