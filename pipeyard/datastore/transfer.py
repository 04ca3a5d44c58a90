"""
`ports.Transfers`: datastores that are elsewhere, by way of worker processes and the cache.

In:       datastore URIs, and who needs what is there.
Out:      local copies that stay as long as somebody needs them.
Not here: moving bytes (`remote/`), the layout of the cache (`cache.py`).

Invariant: what is held is not removed, whatever the cache's bound: a held tree is in use
by a step that runs, or is about to.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from pipeyard.datastore.cache import Cache, CachedTree
from pipeyard.datastore.durable import make_folders, remove
from pipeyard.datastore.place import check_name
from pipeyard.datastore.pool import WORKERS_MAX, WorkerPool
from pipeyard.datastore.remote import browse, store, work
from pipeyard.datastore.remote.place import LOCAL, RemotePlace
from pipeyard.datastore.translate import disk_errors
from pipeyard.model.assets import DatastoreUri, Manifest
from pipeyard.model.errors import NotFound, NoWorkers, PipeyardError, StoreError
from pipeyard.model.record import DatastoreRecord
from pipeyard.ports import CredentialStore, FolderEntry, FolderPage, LocalCopy, RemoteFile, RemoteLook

CACHE_BYTES_MAX = 20 << 30
# A tree that was found sound is not looked through again for so long.
_SOUND_SECONDS = 10.0
# What nobody holds by name is not removed under a reader's hands.
_BRIEFLY_SECONDS = 600.0
# Between two looks at everything that is kept: each costs more, the more there is.
_ROOM_SECONDS = 5.0


class RemoteTransfers:
    """The remote datastores of a home. May be used by several threads."""

    def __init__(
        self,
        home: Path,
        records: Callable[[str], Sequence[DatastoreRecord]],
        credentials: CredentialStore,
        pool: WorkerPool,
        *,
        bytes_max: int = CACHE_BYTES_MAX,
    ) -> None:
        """Take the home, what lists a workspace's datastores, their secrets, who does the work, and the cache's bound."""
        self._attempts = home / "attempts"
        self._cache = Cache(home / "cache")
        self._holds = home / "cache" / "held"
        self._records = records
        self._credentials = credentials
        self._pool = pool
        self._bytes_max = bytes_max
        self._lock = threading.Lock()
        self._busy: dict[str, threading.Lock] = {}
        self._remote: dict[str, Mapping[str, DatastoreRecord]] = {}
        # Digests by holder; a holder of an earlier server is known by its file.
        self._held: dict[str, set[str]] = {}
        self._room_made_at: float | None = None
        # Trees given out lately: when they were found sound.
        self._given: dict[str, tuple[float, CachedTree]] = {}

    # --- ports.Transfers -------------------------------------------------------------------

    def is_remote(self, workspace: str, datastore: str) -> bool:
        """Return whether a datastore's bytes have to be fetched; False for one that does not exist."""
        return datastore in self._remote_records(workspace)

    def probe(self, record: DatastoreRecord, credentials: Mapping[str, str]) -> None:
        """Return if the datastore can be reached and lets these credentials in."""
        self._pool.run(browse.probe, RemotePlace(record.name, record.type, record.spec, credentials))

    def look(self, workspace: str, uri: DatastoreUri) -> RemoteLook | None:
        """Return what is at a URI, None if there is nothing."""
        found = self._pool.run(work.look, self.place(workspace, uri.datastore), uri.path)
        return None if found is None else RemoteLook(found.is_file, found.size, found.file_count, found.listing_digest)

    def list_folder(self, workspace: str, uri: DatastoreUri, *, limit: int, after: str | None) -> FolderPage | None:
        """Return what is directly in a folder, behind an earlier page's `next`; None if there is nothing."""
        found = self._pool.run(browse.list_page, self.place(workspace, uri.datastore), uri.path, after, limit)
        if found is None:
            return None
        return FolderPage([FolderEntry(one.name, one.size) for one in found.entries], found.next, found.left_out)

    def file_at(self, workspace: str, uri: DatastoreUri) -> RemoteFile | None:
        """Return the file at a URI; None for a folder, or nothing."""
        found = self._pool.run(browse.file_at, self.place(workspace, uri.datastore), uri.path)
        return None if found is None else RemoteFile(found.size, found.tag)

    def read(self, workspace: str, uri: DatastoreUri, file: RemoteFile, start: int, end: int) -> bytes:
        """Return the bytes from *start* up to *end* of a file; `StoreError` if it is another one by now."""
        place = self.place(workspace, uri.datastore)
        return self._pool.run(browse.read_piece, place, uri.path, start, end, file.tag)

    def bring(
        self, workspace: str, uri: DatastoreUri, *, holder: str | None = None, digest: str | None = None
    ) -> LocalCopy:
        """Return a copy of what is at a URI, fetching what is not here yet."""
        with disk_errors(f"`{uri}`"):
            known = self._take(digest, holder) if digest is not None else None
            if known is not None:
                return _copy_of(known, 0)
            place = self.place(workspace, uri.datastore)
            # Two steps that need the same data at once: the second finds what the first has fetched.
            with self._only(place.memory_key(uri.path)):
                return self._bring(place, uri, holder, digest)

    def forget(self, workspace: str) -> None:
        """Forget which datastores a workspace has: one was created, changed or removed."""
        with self._lock:
            self._remote.pop(workspace, None)

    def release(self, holder: str) -> None:
        """Let what was brought for a holder be removed when space is needed."""
        with self._lock:
            held = self._held.pop(holder, None)
        if held is not None:
            (self._holds / holder).unlink(missing_ok=True)

    # --- for the other parts of this folder ------------------------------------------------

    def place(self, workspace: str, datastore: str) -> RemotePlace:
        """Return everything a worker needs to know of a datastore."""
        record = self._remote_records(workspace).get(datastore)
        if record is not None:
            return RemotePlace(record.name, record.type, record.spec, self._credentials.load(workspace, datastore))
        raise NotFound(
            f"there is no datastore `{datastore}` in workspace `{workspace}`", hint="pipeyard datastore list"
        )

    def store_outputs(self, tasks: Sequence[store.RemoteTask]) -> list[store.RemoteAnswer]:
        """Send what some attempts wrote, several at a time."""
        with ThreadPoolExecutor(WORKERS_MAX) as threads:
            answers = list(threads.map(self._store, tasks))
        self._make_room()
        return answers

    def send_upload(self, workspace: str, uri: DatastoreUri, source: Path, manifest: Manifest) -> None:
        """Bring an uploaded tree to its place; it moves into the cache then."""
        place = self.place(workspace, uri.datastore)
        self._pool.run(work.send_tree, place, source, manifest, uri.path, self._cache.root)
        self._make_room()

    def _store(self, task: store.RemoteTask) -> store.RemoteAnswer:
        try:
            return self._pool.run(store.store_remote, task)
        except NoWorkers:
            raise
        except PipeyardError as problem:
            return store.RemoteAnswer(error=store.remote_facts(problem, task.root))

    @property
    def cache_root(self) -> Path:
        """Return the cache's folder."""
        return self._cache.root

    def clean_up(self) -> None:
        """Remove what an earlier server left unfinished, and what exceeds the bound by now."""
        with disk_errors("the cache"):
            self._cache.sweep(time.time())
            self._room_made_at = None
            self._make_room()

    def cached(self) -> Sequence[tuple[str, int, int, bool]]:
        """Return (digest, bytes, last used in UTC milliseconds, whether somebody has it in use) of each copy."""
        with self._lock:
            kept = self._in_use()
        return [(*tree, tree[0] in kept) for tree in self._cache.listed()]

    def drop(self, digests: Sequence[str]) -> None:
        """Remove copies, but for those that are in use."""
        with disk_errors("the cache"):
            with self._lock:
                kept = self._in_use()
                wanted = [digest for digest in digests if digest not in kept]
                gone = self._cache.take_away(wanted)
                for digest in wanted:
                    self._given.pop(digest, None)
            for folder in gone:
                remove(folder)

    # --- the cache -------------------------------------------------------------------------

    def _bring(self, place: RemotePlace, uri: DatastoreUri, holder: str | None, digest: str | None) -> LocalCopy:
        brought = self._pool.run(work.bring, place, uri.path, self._cache.root, digest)
        if brought is None:
            raise StoreError(f"datastore `{uri.datastore}`: there is nothing at `{uri.path}`", code="missing-data")
        tree = self._take(brought.digest, holder)
        if tree is None:
            raise StoreError(
                f"datastore `{uri.datastore}`: the copy of `{uri.path}` was changed as soon as it was here",
                code="changed-while-read",
                hint="let nothing write below the home's `cache` folder",
                may_retry=True,
            )
        self._make_room()
        return _copy_of(tree, brought.fetched_bytes)

    def _take(self, digest: str, holder: str | None) -> CachedTree | None:
        """Return a sound tree and hold it; None if it is not here."""
        with self._lock:
            # Looked at under the lock that also guards making room: what is given out stays.
            at, tree = self._given.get(digest, (0.0, None))
            now = time.monotonic()
            if tree is None or now - at > _SOUND_SECONDS:
                tree = self._cache.find(digest)
            if tree is None:
                return None
            self._given[digest] = now, tree
            if holder is None:
                return tree
            held = self._held.setdefault(holder, set())
            held.add(digest)
            self._note(holder, held)
            return tree

    def _note(self, holder: str, digests: set[str]) -> None:
        """Say on disk what an attempt holds, for the next server: the attempt outlives this one."""
        check_name(holder)
        make_folders(self._holds)
        (self._holds / holder).write_text(json.dumps(sorted(digests)), encoding="ascii")

    def _make_room(self) -> None:
        with self._lock:
            now = time.monotonic()
            if self._room_made_at is not None and now - self._room_made_at < _ROOM_SECONDS:
                return
            self._room_made_at = now
            gone = self._cache.evict(self._bytes_max, self._in_use())
        for folder in gone:
            remove(folder)

    def _in_use(self) -> set[str]:
        """Return what must stay. Call it with the lock held."""
        now = time.monotonic()
        self._given = {one: given for one, given in self._given.items() if now - given[0] < _BRIEFLY_SECONDS}
        kept = {*self._given, *(digest for digests in self._held.values() for digest in digests)}
        return kept | self._held_by_files()

    def _held_by_files(self) -> set[str]:
        """Return what attempts of an earlier server hold: as long as their folder is there, they may run."""
        held: set[str] = set()
        files = list(self._holds.iterdir()) if self._holds.is_dir() else []
        for file in files:
            if file.name in self._held:
                continue
            if (self._attempts / file.name).is_dir():
                held.update(json.loads(file.read_bytes() or b"[]"))
            else:
                file.unlink(missing_ok=True)
        return held

    def _remote_records(self, workspace: str) -> Mapping[str, DatastoreRecord]:
        # Asked for every input of every step, so the store is asked only once.
        with self._lock:
            found = self._remote.get(workspace)
        if found is None:
            found = {record.name: record for record in self._records(workspace) if record.type != LOCAL}
            with self._lock:
                self._remote[workspace] = found
        return found

    def _only(self, key: str) -> threading.Lock:
        with self._lock:
            return self._busy.setdefault(key, threading.Lock())


def _copy_of(tree: CachedTree, fetched_bytes: int) -> LocalCopy:
    manifest = tree.manifest
    return LocalCopy(tree.path, manifest.is_file, tree.digest, manifest.size, len(manifest.entries), fetched_bytes)
