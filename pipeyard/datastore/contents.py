"""
`ports.Contents` over folders of this machine, and over datastores elsewhere by what they list.

In:       places in datastores; outputs as they were recorded.
Out:      digests of what is there now; whether an output is what it was.
Not here: bytes that must never change (`original.py`), which outputs are asked about (`engine/`).

Invariant: a digest is over bytes that were read since the files last looked different.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from pipeyard.datastore.look import look_of, with_looks
from pipeyard.datastore.pool import WorkerPool
from pipeyard.datastore.seen import (
    Seen,
    SeenFiles,
    files_of,
    is_small,
    looks_of,
    manifest_of,
    now_ns,
    read_files,
)
from pipeyard.datastore.tree import walk
from pipeyard.model.assets import DatastoreUri, FileEntry, Manifest
from pipeyard.model.digest import manifest_digest
from pipeyard.model.errors import PipeyardError, StoreError, UserError
from pipeyard.model.record import OutputRecord
from pipeyard.ports import Datastores, NeedsTime, Transfers, Verdict

_GONE = Verdict("it is not there any more")
_DIFFERS = Verdict("its files are not what they were")


class LocalContents:
    """Looks at the bytes of a home. May be used by several threads."""

    def __init__(
        self, home: Path, datastores: Datastores, pool: WorkerPool, transfers: Transfers | None = None
    ) -> None:
        """Take who reads much, and who knows what is elsewhere; without *transfers*, nothing is."""
        self._seen = SeenFiles(home)
        self._datastores = datastores
        self._pool = pool
        self._transfers = transfers

    def digest(self, workspace: str, uri: DatastoreUri, *, in_passing: bool = False) -> str | None:
        """Return the digest of what is at a place now; None when nothing is there."""
        if self._transfers is not None and self._transfers.is_remote(workspace, uri.datastore):
            return self._remote_digest(self._transfers, workspace, uri, in_passing=in_passing)
        root = self._datastores.local_path(workspace, uri)
        if not root.exists():
            return None
        read_ns = now_ns()
        files = files_of(root)
        looks = looks_of(files)
        known, seen = self._seen.load(workspace, uri)
        stale = [path for path in files if path not in seen or (seen[path].size, seen[path].look) != looks[path]]
        if known and not stale and len(seen) == len(files):
            return known
        size = sum(looks[path][0] for path in stale)
        if in_passing and not is_small(size):
            raise NeedsTime
        read = read_files([files[path] for path in stale], size, self._pool)
        now = {path: entry.sha256 for path, entry in zip(stale, read, strict=True)}
        found = {path: Seen(*looks[path], now.get(path) or seen[path].sha256) for path in files}
        digest = manifest_digest(manifest_of(found, is_file=not root.is_dir()))
        self._seen.save(workspace, uri, digest, found, read_ns)
        return digest

    def verify(
        self,
        workspace: str,
        output: OutputRecord,
        manifest: Manifest,
        *,
        in_passing: bool = False,
        reads_all: bool = False,
    ) -> Verdict:
        """Say whether an output is unchanged. With *reads_all*, looks count for nothing."""
        if self._transfers is not None and self._transfers.is_remote(workspace, output.uri.datastore):
            return self._verify_remote(self._transfers, workspace, output, in_passing=in_passing)
        try:
            root = self._place_of(workspace, output)
            return self._verify(root, output, manifest, in_passing=in_passing, reads_all=reads_all)
        except (FileNotFoundError, NotADirectoryError):
            return _GONE
        except UserError as problem:
            # The datastore is gone, or a link leads out of it by now.
            return Verdict(problem.message)
        except OSError as problem:
            return Verdict(f"it cannot be looked at: {problem.strerror or problem}")

    # --- on this machine ---------------------------------------------------------------------

    def _place_of(self, workspace: str, output: OutputRecord) -> str:
        if output.is_own_place:
            # A name that we gave: it is not looked at folder by folder whether a link leads out, ten thousand times.
            base = self._datastores.local_path(workspace, DatastoreUri(output.uri.datastore, ""))
            return f"{base}/{output.uri.path.rstrip('/')}"
        return str(self._datastores.local_path(workspace, output.uri)).rstrip("/")

    def _verify(
        self, root: str, output: OutputRecord, manifest: Manifest, *, in_passing: bool, reads_all: bool
    ) -> Verdict:
        read_ns = now_ns()
        unknown: list[FileEntry] = []
        for number, entry in enumerate(manifest.entries):
            place = root if manifest.is_file else f"{root}/{entry.path}"
            try:
                status = os.stat(place)  # noqa: PTH116 (text; ten thousand of them)
            except FileNotFoundError:
                return Verdict(f"`{entry.path}` is gone") if os.path.exists(root) else _GONE  # noqa: PTH110
            if status.st_size != entry.size:
                return Verdict(f"`{entry.path}` was changed")
            known = manifest.looks[number] if manifest.looks else None
            if reads_all or known != look_of(status):
                unknown.append(entry)
        if not manifest.is_file and output.is_own_place:
            added = _added(root, manifest)
            if added is not None:
                return Verdict(f"`{added}` was added")
        if not unknown:
            return Verdict()
        size = sum(entry.size for entry in unknown)
        if in_passing and not is_small(size):
            raise NeedsTime
        return self._read(root, manifest, unknown, size, read_ns)

    def _read(self, root: str, manifest: Manifest, unknown: Sequence[FileEntry], size: int, read_ns: int) -> Verdict:
        places = [root if manifest.is_file else f"{root}/{entry.path}" for entry in unknown]
        try:
            read = read_files(places, size, self._pool)
        except (StoreError, UserError) as problem:
            return Verdict(problem.message)
        for entry, now in zip(unknown, read, strict=True):
            if now.sha256 != entry.sha256:
                return Verdict(f"`{entry.path}` was changed")
        seen = with_looks(manifest, root, read_ns, is_renamed=False)
        return Verdict(seen=seen if seen.looks != manifest.looks else None)

    # --- elsewhere ---------------------------------------------------------------------------

    def _remote_digest(
        self, transfers: Transfers, workspace: str, uri: DatastoreUri, *, in_passing: bool
    ) -> str | None:
        if in_passing:
            raise NeedsTime
        found = transfers.look(workspace, uri)
        return None if found is None else f"listing:{found.listing_digest}"

    def _verify_remote(
        self, transfers: Transfers, workspace: str, output: OutputRecord, *, in_passing: bool
    ) -> Verdict:
        if in_passing:
            raise NeedsTime
        try:
            found = transfers.look(workspace, output.uri)
            if found is None or found.file_count == 0:
                # No store knows empty folders.
                return Verdict() if output.file_count == 0 else _GONE
            if (found.size, found.file_count) != (output.size, output.file_count):
                return _DIFFERS
            # Without its digest, so that the store is asked; while it lists what was sent, nothing is fetched.
            copy = transfers.bring(workspace, output.uri)
        except PipeyardError as problem:
            return Verdict(problem.message)
        return Verdict() if copy.digest == output.digest else _DIFFERS


def _added(root: str, manifest: Manifest) -> str | None:
    """Return a file that the step did not write; None if there is none."""
    tree = walk(root)
    if len(tree.files) + len(tree.links) == len(manifest.entries):
        return None
    known = {entry.path for entry in manifest.entries}
    return next((path for path in (*tree.files, *tree.links) if path not in known), None)
