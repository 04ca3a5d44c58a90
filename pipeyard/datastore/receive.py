"""
`ports.Uploads`: folders and files that the command line sends.

In:       an announced manifest, then contents one by one, in any order.
Out:      `LocalUpload/<digest>/<name>` in a datastore, and for the default one a row that says so.
Not here: the framing of contents in a request (`api/uploads.py`), putting the tree together (`assemble.py`).

Invariant: nothing has its final name before all of it was hashed. What arrived is
kept, so a sender whose connection broke goes on where it was; the same tree
announced twice, even at the same time, is one upload.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from pipeyard.datastore.assemble import CONTENT, DROP, assemble, holds, missing_contents, take_known
from pipeyard.datastore.durable import remove, write_file
from pipeyard.datastore.local import LocalDatastores
from pipeyard.datastore.place import check_name, split_path
from pipeyard.datastore.pool import WorkerPool
from pipeyard.datastore.transfer import RemoteTransfers
from pipeyard.datastore.translate import disk_errors
from pipeyard.model.assets import DatastoreUri, FileEntry, Manifest
from pipeyard.model.digest import manifest_digest
from pipeyard.model.errors import Conflict, NotFound, UserError
from pipeyard.model.record import DEFAULT_DATASTORE, UploadRecord
from pipeyard.model.value import dataclass
from pipeyard.ports import Originals, Store, UploadTicket

_FACTS = "upload.json"
# Where a tree is put together that is sent on.
_READY = "ready"
_SHA256_LENGTH = 64
# Of uploads that are complete: a second sender of the same tree is told so, not refused.
_REMEMBERED = 1000
_STALE_SECONDS = 7 * 24 * 3600.0


@dataclass(frozen=True, slots=True)
class _Announced:
    workspace: str
    name: str
    manifest: Manifest
    datastore: str = DEFAULT_DATASTORE

    @property
    def record(self) -> UploadRecord:
        manifest = self.manifest
        digest = manifest_digest(manifest)
        uri = upload_uri(digest, self.name, self.datastore)
        return UploadRecord(digest, self.name, uri, manifest.size, len(manifest.entries), manifest.is_file)


def upload_uri(digest: str, name: str, datastore: str = DEFAULT_DATASTORE) -> DatastoreUri:
    """Return where an upload is kept: Azure's place for it."""
    return DatastoreUri(datastore, f"LocalUpload/{digest}/{name}")


class LocalUploads:
    """Receives uploads below a home."""

    def __init__(
        self,
        home: Path,
        store: Store,
        datastores: LocalDatastores,
        pool: WorkerPool,
        *,
        transfers: RemoteTransfers | None = None,
        originals: Originals | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        """Take the home (its `incoming/` is ours), who keeps, places, hashes, sends elsewhere and watches over it."""
        self._incoming = home / "incoming"
        self._store = store
        self._datastores = datastores
        self._pool = pool
        self._transfers = transfers
        self._originals = originals
        self._now = now
        self._lock = threading.Lock()
        self._busy: dict[str, threading.Lock] = {}
        self._complete: dict[str, UploadRecord] = {}

    def begin(self, workspace: str, name: str, manifest: Manifest, datastore: str = DEFAULT_DATASTORE) -> UploadTicket:
        """Announce an upload; one that is here already is done at once. Its digest is the manifest's."""
        _check(name, manifest)
        announced = _Announced(workspace, name, manifest, datastore)
        record = announced.record
        with disk_errors(f"upload `{name}`"):
            if self._is_here(announced, record):
                return UploadTicket(record.uri, None)
            upload_id = _id_of(announced)
            folder = self._incoming / upload_id
            with self._only(upload_id):
                # A complete upload whose files were removed since then starts over.
                self._complete.pop(upload_id, None)
                self._open(folder, announced)
                self._take_known(folder, announced)
                missing = tuple(missing_contents(folder, manifest))
            return UploadTicket(record.uri, upload_id, missing, folder / DROP)

    def receive(self, upload_id: str, sha256: str, size: int, chunks: Iterable[bytes]) -> None:
        """Take one content, check its size and hash, and keep it until `complete`. `NotFound`: no such upload."""
        if upload_id in self._complete:
            _drain(chunks)
            return
        folder, announced = self._find(upload_id)
        sizes = {entry.sha256: entry.size for entry in announced.manifest.entries}
        if sizes.get(sha256) != size:
            raise UserError(
                f"content `{sha256}` of {size} bytes is not part of upload `{announced.name}`",
                code="not-announced",
                hint="announce the upload again with the files that it has now",
            )
        target = folder / CONTENT / sha256
        if target.exists():
            _drain(chunks)
            return
        partial = folder / CONTENT / f".{uuid.uuid4().hex}"
        try:
            with disk_errors(f"upload `{announced.name}`"):
                _write(partial, sha256, size, chunks)
                partial.replace(target)
        finally:
            partial.unlink(missing_ok=True)

    def complete(self, upload_id: str) -> UploadRecord:
        """Put the upload in its final place and remember it; `Conflict` names what is still missing."""
        with self._only(upload_id):
            done = self._complete.get(upload_id)
            if done is not None:
                return done
            folder, announced = self._find(upload_id)
            record = announced.record
            remote = self._remote(announced)
            if remote is None:
                target = self._datastores.local_path(announced.workspace, record.uri)
            else:
                target = folder / _READY / announced.name
            with disk_errors(f"upload `{announced.name}`"):
                missing = self._pool.run(assemble, folder, announced.manifest, target)
                if missing:
                    raise _incomplete(announced, missing)
                if remote is not None:
                    remote.send_upload(announced.workspace, record.uri, target, announced.manifest)
                elif self._originals is not None:
                    # Their hashes were compared this moment: no step has to read them for that.
                    self._originals.vouch(announced.workspace, record.uri, announced.manifest)
                self._save(announced, record)
                self._remember(upload_id, record)
                remove(folder)
            return record

    def clean_up(self) -> None:
        """Remove what was left unfinished for a week."""
        if not self._incoming.is_dir():
            return
        for folder in self._incoming.iterdir():
            with disk_errors("an old upload"):
                if self._now() - folder.stat().st_mtime > _STALE_SECONDS:
                    remove(folder)

    # --- one upload ----------------------------------------------------------------------

    def _remote(self, announced: _Announced) -> RemoteTransfers | None:
        """Return who sends an upload on; None if its datastore is a folder here."""
        transfers = self._transfers
        is_remote = transfers is not None and transfers.is_remote(announced.workspace, announced.datastore)
        return transfers if is_remote else None

    def _is_here(self, announced: _Announced, record: UploadRecord) -> bool:
        remote = self._remote(announced)
        if remote is not None:
            there = remote.look(announced.workspace, record.uri)
            # Its place is named by its digest, and every file in it was whole when it got there.
            return there is not None and (there.file_count, there.size) == (record.file_count, record.size)
        target = self._datastores.local_path(announced.workspace, record.uri)
        if not target.exists():
            return False
        known = self._store.find_upload(announced.workspace, record.digest, announced.name)
        if known is not None and known.uri == record.uri:
            # It is wanted again: from now on it counts as new for whoever frees space.
            os.utime(target.parent)
            return True
        # It got its name, and then the server was killed before it could say so.
        if not self._pool.run(holds, target, announced.manifest):
            return False
        self._save(announced, record)
        return True

    def _save(self, announced: _Announced, record: UploadRecord) -> None:
        # Rows know the default datastore's uploads only: elsewhere, the place itself says what is there.
        if announced.datastore == DEFAULT_DATASTORE:
            self._store.save_upload(announced.workspace, record, announced.manifest)

    def _open(self, folder: Path, announced: _Announced) -> None:
        for part in (CONTENT, DROP):
            (folder / part).mkdir(parents=True, exist_ok=True, mode=0o700)
        facts = folder / _FACTS
        if not facts.exists():
            write_file(facts, _pack(announced))

    def _take_known(self, folder: Path, announced: _Announced) -> None:
        missing = missing_contents(folder, announced.manifest)
        found = self._store.find_files(announced.workspace, missing) if missing else {}
        if not found:
            return
        sizes = {entry.sha256: entry.size for entry in announced.manifest.entries}
        known = [
            (sha256, sizes[sha256], str(self._datastores.local_path(announced.workspace, uri)))
            for sha256, uri in found.items()
        ]
        self._pool.run(take_known, folder, known)

    def _find(self, upload_id: str) -> tuple[Path, _Announced]:
        check_name(upload_id)
        folder = self._incoming / upload_id
        try:
            return folder, _unpack((folder / _FACTS).read_bytes())
        except (OSError, ValueError):
            raise NotFound(
                f"no upload `{upload_id}` is being received", hint="announce it again; what arrived is kept"
            ) from None

    def _only(self, upload_id: str) -> threading.Lock:
        """Return the lock of one upload, so that two senders of one tree take turns."""
        with self._lock:
            return self._busy.setdefault(upload_id, threading.Lock())

    def _remember(self, upload_id: str, record: UploadRecord) -> None:
        with self._lock:
            self._complete[upload_id] = record
            while len(self._complete) > _REMEMBERED:
                oldest = next(iter(self._complete))
                del self._complete[oldest]
                self._busy.pop(oldest, None)


def _check(name: str, manifest: Manifest) -> None:
    """Refuse a manifest from which no tree can be made."""
    check_name(name)
    if any("\ud800" <= character <= "\udfff" for character in name):
        raise UserError(f"the name {name!a} is no valid Unicode", code="bad-upload", hint="rename it")
    if manifest.is_file and len(manifest.entries) != 1:
        raise UserError("an upload of a single file has exactly one entry", code="bad-upload")
    folders: set[str] = set()
    files: set[str] = set()
    for entry in manifest.entries:
        names = split_path(entry.path)
        if not names or "/".join(names) != entry.path or entry.path in files:
            raise UserError(f"`{entry.path}` is no path, or is there twice", code="bad-upload")
        if len(entry.sha256) != _SHA256_LENGTH or set(entry.sha256) - set("0123456789abcdef") or entry.size < 0:
            raise UserError(f"`{entry.path}` has no proper size and SHA-256", code="bad-upload")
        files.add(entry.path)
        folders.update("/".join(names[:depth]) for depth in range(1, len(names)))
    both = files & folders
    if both:
        raise UserError(f"`{min(both)}` is a file and a folder at once", code="bad-upload")


def _id_of(announced: _Announced) -> str:
    """Return the same id for the same tree, so that a second try finds what arrived."""
    parts = (announced.workspace, announced.datastore, manifest_digest(announced.manifest), announced.name)
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]


def _write(path: Path, sha256: str, size: int, chunks: Iterable[bytes]) -> None:
    digest, arrived = hashlib.sha256(), 0
    with path.open("xb") as file:
        for chunk in chunks:
            digest.update(chunk)
            arrived += len(chunk)
            file.write(chunk)
    if arrived != size or digest.hexdigest() != sha256:
        raise UserError(
            f"content `{sha256}` arrived as {arrived} of {size} bytes with SHA-256 `{digest.hexdigest()}`",
            code="wrong-content",
            hint="the file may have changed while it was sent; submit again",
        )


def _drain(chunks: Iterable[bytes]) -> None:
    """Read to the end: the next content follows in the same request."""
    for _ in chunks:
        pass


def _incomplete(announced: _Announced, missing: Sequence[str]) -> Conflict:
    wanted = set(missing)
    paths = [entry.path for entry in announced.manifest.entries if entry.sha256 in wanted]
    shown = ", ".join(f"`{path}`" for path in paths[:3]) + (f" and {len(paths) - 3} more" if len(paths) > 3 else "")  # noqa: PLR2004 (fits on a line)
    return Conflict(
        f"upload `{announced.name}` is not complete: {shown} did not arrive",
        code="upload-incomplete",
        hint="announce it again; what arrived is kept",
    )


def _pack(announced: _Announced) -> bytes:
    rows = [[entry.path, entry.size, entry.sha256, entry.executable] for entry in announced.manifest.entries]
    return json.dumps(
        [announced.workspace, announced.name, announced.manifest.is_file, rows, announced.datastore]
    ).encode()


def _unpack(data: bytes) -> _Announced:
    workspace, name, is_file, rows, datastore = json.loads(data)
    return _Announced(workspace, name, Manifest(tuple(FileEntry(*row) for row in rows), is_file), datastore)
