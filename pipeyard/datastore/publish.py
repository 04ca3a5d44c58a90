"""
Give an output its final name.

In:       what a step wrote in its staging folder; nothing writes to it any more.
Out:      the same bytes in their datastore, and their manifest.
Not here: which outputs an attempt has (`worker.py`), recording them (the store).

Invariant: under its final name an output is whole. Everything may be repeated after
a crash at any point: a journal in the staging folder says what was moved already,
for there the absence of the source alone could also mean that it was never written.
"""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path

from pipeyard.datastore.durable import begin_folders, make_folders, near, remove, sync_folder, take_name, write_file
from pipeyard.datastore.link import settle_links, take_in
from pipeyard.datastore.manifest import copy_near, describe_file, scan, scan_tree
from pipeyard.datastore.merge import merge_tree
from pipeyard.datastore.place import RESERVED_PREFIX
from pipeyard.datastore.tree import walk
from pipeyard.model.assets import FileEntry, Manifest
from pipeyard.model.errors import UserError
from pipeyard.model.value import dataclass

_JOURNAL = f"{RESERVED_PREFIX}stored"


@dataclass(frozen=True, slots=True)
class Publication:
    """One output on its way."""

    name: str
    # Where the step wrote it, and where it goes; a file itself when `is_file`.
    source: str
    target: str
    is_file: bool
    # A place of the user's choice: what is there already stays, unless a file has the same path.
    merges: bool = False
    # The step wrote to the target itself.
    is_direct: bool = False
    # One number, text or truth value, in a file.
    is_value: bool = False


def check_shape(publication: Publication) -> None:
    """Raise `UserError` unless the step made what the output is declared to be, a file or a folder."""
    name = publication.name
    place = Path(publication.target if publication.is_direct else publication.source)
    if publication.is_file and place.is_dir():
        raise UserError(
            f"output `{name}` is one file, but the step made a folder at its path",
            code="output-not-a-file",
            hint="write to the path itself"
            + ("" if publication.is_value else ", or declare the output as `uri_folder`"),
        )
    if not publication.is_file and place.exists() and not place.is_dir():
        raise UserError(
            f"output `{name}` is a folder, but the step made a file at its path",
            code="output-not-a-folder",
            hint="write files into the folder, or declare the output as `uri_file`",
        )
    if publication.is_file and not place.exists():
        raise UserError(
            f"the step ended without writing its output `{name}`",
            code="output-missing",
            hint=f"write one {'value' if publication.is_value else 'file'} to `${{{{outputs.{name}}}}}`",
        )


class Journal:
    """What of an attempt's outputs was moved already, kept in its staging folder."""

    def __init__(self, root: Path) -> None:
        """Take the staging root; nothing is written before there is something to say."""
        self._folder = root / _JOURNAL

    def has_root(self) -> bool:
        """Return whether the staging folder is still there, so that what is missing in it was never written."""
        return self._folder.parent.is_dir()

    def was_moved(self, publication: Publication) -> bool:
        """Return whether what now has the final name is what this attempt moved there."""
        try:
            return self._mark(publication, Path(publication.target)).exists()
        except OSError:
            # There is nothing of that name.
            return False

    def will_move(self, publication: Publication, source: Path) -> None:
        """Say that *source* is about to get the final name."""
        self._folder.mkdir(exist_ok=True)
        # An empty file: journaling file systems order it before the rename that follows.
        self._mark(publication, source).touch()

    def _mark(self, publication: Publication, place: Path) -> Path:
        return self._folder / f"{publication.name}.{place.stat().st_ino}"

    def planned(self, publication: Publication) -> Manifest | None:
        """Return the manifest that `will_merge` was told of, before a crash."""
        try:
            is_file, rows = json.loads((self._folder / f"{publication.name}.json").read_bytes())
        except FileNotFoundError:
            return None
        return Manifest(tuple(FileEntry(*row) for row in rows), is_file)

    def will_merge(self, publication: Publication, manifest: Manifest) -> None:
        """Say which files are about to be moved one by one."""
        make_folders(self._folder)
        rows = [[entry.path, entry.size, entry.sha256, entry.executable] for entry in manifest.entries]
        data = json.dumps([manifest.is_file, rows]).encode()
        write_file(self._folder / f"{publication.name}.json", data)

    def noted(self, publication: Publication) -> bytes | None:
        """Return what `note` was told, before a crash."""
        try:
            return (self._folder / f"{publication.name}.value").read_bytes()
        except FileNotFoundError:
            return None

    def note(self, publication: Publication, data: bytes) -> None:
        """Say what is in the file of an output that is one value."""
        make_folders(self._folder)
        write_file(self._folder / f"{publication.name}.value", data)


def publish(publication: Publication, journal: Journal) -> Manifest | None:
    """
    Move one output to its place and return its manifest; None: there is nothing.

    A folder that the step removed counts as empty. Raises `UserError` for what
    cannot be kept, `StoreError` and `OSError` for what the disk refuses.
    """
    source, target = Path(publication.source), Path(publication.target)
    if publication.is_direct:
        return scan(target, sync=True) if target.exists() else _nothing(publication)
    is_merged = publication.merges and not publication.is_file
    if not is_merged and journal.was_moved(publication):
        remove(near(target))
        return scan(target)
    if source.is_symlink() and source.exists():
        # The step put a link in the place of its output: what it points to is meant.
        take_in(source, Path(os.path.realpath(source)))
    if is_merged:
        return _publish_merged(publication, journal, source, target)
    if not source.exists():
        return _publish_nothing(publication, journal, target)
    # Before the bytes are written to disk, so that they go with them.
    made_in = begin_folders(target.parent)
    if source.is_dir():
        manifest = scan_tree(settle_links(walk(source)), sync=True)
    else:
        manifest = Manifest((describe_file(source, target.name, sync=True),), is_file=True)
    _move(publication, journal, source, target, manifest)
    for folder in made_in:
        sync_folder(folder)
    return manifest


def _nothing(publication: Publication) -> Manifest | None:
    return None if publication.is_file else Manifest(())


def _publish_nothing(publication: Publication, journal: Journal, target: Path) -> Manifest | None:
    if not publication.is_file:
        if journal.has_root():
            # What is there is an earlier attempt's, and would pass for this one's.
            remove(target)
        make_folders(target)
    return _nothing(publication)


def _publish_merged(publication: Publication, journal: Journal, source: Path, target: Path) -> Manifest:
    manifest = journal.planned(publication)
    if source.is_file():
        # No success, but not lost either: the folder holds it under its own name.
        holder = near(source)
        holder.mkdir(exist_ok=True)
        source.replace(holder / source.name)
        holder.replace(source)
    if not source.is_dir():
        make_folders(target)
        return manifest or Manifest(())
    tree = settle_links(walk(source))
    if manifest is None:
        manifest = scan_tree(tree, sync=True)
        journal.will_merge(publication, manifest)
    merge_tree(tree, target)
    return manifest


def _move(publication: Publication, journal: Journal, source: Path, target: Path, manifest: Manifest) -> None:
    try:
        journal.will_move(publication, source)
        take_name(source, target)
    except OSError as problem:
        if problem.errno != errno.EXDEV:
            raise
        copied = copy_near(source, target, manifest)
        journal.will_move(publication, copied)
        take_name(copied, target)
    sync_folder(target.parent)
