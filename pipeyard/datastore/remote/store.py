"""
Outputs of steps, and inputs that steps may change, on their way to a store; run in a worker process.

In:       what an attempt wrote in its staging folder; nothing writes to it any more.
Out:      the manifest of each output, or what went wrong with it.
Not here: local datastores (`publish.py`), recording the outputs (the store).

Invariant: may be repeated after a crash at any point. What was sent moves into the
cache, where the next step finds it; a note in the staging folder says so first, for the
absence of the source alone could also mean that it was never written.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import field
from pathlib import Path

from pipeyard.datastore.cache import Cache, Remembered
from pipeyard.datastore.durable import near
from pipeyard.datastore.link import settle_links, take_in
from pipeyard.datastore.manifest import describe_file, scan, scan_tree
from pipeyard.datastore.publish import Journal, Publication, check_shape
from pipeyard.datastore.remote.fetch import remembered
from pipeyard.datastore.remote.folder import RemoteFolder
from pipeyard.datastore.remote.place import RemotePlace
from pipeyard.datastore.remote.send import remote_path, send
from pipeyard.datastore.remote.work import as_folder, bring, with_folder
from pipeyard.datastore.tree import walk
from pipeyard.datastore.worker import ErrorFacts, error_facts, note_text
from pipeyard.model.assets import Manifest
from pipeyard.model.digest import manifest_digest
from pipeyard.model.errors import OutsideError, PipeyardError
from pipeyard.model.value import dataclass


@dataclass(frozen=True, slots=True)
class RemoteOutput:
    """One output on its way; the publication's target is not on this machine."""

    place: RemotePlace
    # Where it goes, relative to the container or bucket.
    path: str
    publication: Publication


@dataclass(frozen=True, slots=True)
class RemoteChange:
    """A copy of an input that the command may have changed."""

    place: RemotePlace
    path: str
    # The input's name, and where its copy is.
    name: str
    source: str


@dataclass(frozen=True, slots=True)
class RemoteTask:
    """What one attempt leaves behind for stores that are elsewhere."""

    # Absolute path of the staging folder.
    root: str
    cache: Path
    outputs: tuple[RemoteOutput, ...]
    changes: tuple[RemoteChange, ...] = ()
    is_complete: bool = True


@dataclass(frozen=True, slots=True)
class RemoteAnswer:
    """What is in its place now: each output's name, manifest and digest; the first thing that went wrong."""

    outputs: tuple[tuple[str, Manifest, str], ...] = ()
    error: ErrorFacts | None = None
    # As `AttemptAnswer.texts`.
    texts: Mapping[str, str] = field(default_factory=dict)


def store_remote(task: RemoteTask) -> RemoteAnswer:
    """Send what an attempt wrote; one output's failure does not hold up the others."""
    journal = Journal(Path(task.root))
    stored: list[tuple[str, Manifest, str]] = []
    errors: list[ErrorFacts] = []
    texts: dict[str, str] = {}
    for output in task.outputs:
        name = output.publication.name
        try:
            planned = journal.planned(output.publication)
            if task.is_complete and planned is None and not output.publication.is_direct:
                check_shape(output.publication)
            if task.is_complete:
                note_text(output.publication, journal, texts)
        except (PipeyardError, OSError) as problem:
            errors.append(remote_facts(problem, name))
        try:
            manifest = _store(output, journal, Cache(task.cache))
        except (PipeyardError, OSError, ValueError) as problem:
            errors.append(remote_facts(problem, name))
        else:
            if manifest is not None:
                stored.append((name, manifest, manifest_digest(manifest)))
    for change in task.changes if task.is_complete and not errors else ():
        try:
            _write_back(change, Cache(task.cache))
        except (PipeyardError, OSError, ValueError) as problem:  # noqa: PERF203 (each input for itself)
            errors.append(remote_facts(problem, change.name))
    return RemoteAnswer(tuple(stored), errors[0] if errors else None, texts)


def remote_facts(problem: Exception, name: str) -> ErrorFacts:
    """Return a failure as what a job's record says of it."""
    facts = error_facts(problem, name)
    if isinstance(problem, OutsideError) and problem.may_retry:
        facts["may_retry"] = True
    return facts


def _store(output: RemoteOutput, journal: Journal, cache: Cache) -> Manifest | None:
    publication = output.publication
    planned = journal.planned(publication)
    if planned is not None:
        # It was sent, and then the server was killed before it could say so.
        return planned
    if publication.is_direct:
        return _written_directly(output, cache)
    source = Path(publication.source)
    if source.is_symlink() and source.exists():
        take_in(source, Path(os.path.realpath(source)))
    if not source.exists() and (publication.is_file or not journal.has_root()):
        return None if publication.is_file else Manifest(())
    manifest = _described(publication, source)
    listing = with_folder(
        output.place,
        f"store output `{publication.name}`",
        lambda folder: send(
            folder, output.place, source, manifest, output.path, cache=cache, merges=publication.merges
        ),
    )
    journal.will_merge(publication, manifest)
    if source.exists():
        tree = cache.adopt(as_folder(source, manifest, cache), manifest)
        if not publication.merges:
            cache.remember(output.place.memory_key(output.path), remembered(listing, tree.manifest, tree.digest))
    return manifest


def _described(publication: Publication, source: Path) -> Manifest:
    if not source.exists():
        return Manifest(())
    if source.is_dir():
        return scan_tree(settle_links(walk(source)), sync=True)
    if publication.is_file:
        return Manifest((describe_file(source, source.name, sync=True),), is_file=True)
    # No success, but not lost either: the folder holds it under its own name.
    holder = near(source)
    holder.mkdir(exist_ok=True)
    source.replace(holder / source.name)
    holder.replace(source)
    return scan(source, sync=True)


def _written_directly(output: RemoteOutput, cache: Cache) -> Manifest | None:
    """Return what the command itself put there; its digests are not known without reading it."""
    brought = bring(output.place, output.path, cache.root)
    tree = cache.find(brought.digest) if brought is not None else None
    if tree is not None:
        return tree.manifest
    return None if output.publication.is_file else Manifest(())


def _write_back(change: RemoteChange, cache: Cache) -> None:
    """Give a store what the command changed in its copy: new and changed files are sent, removed ones removed."""
    source = Path(change.source)
    before = cache.remembered(change.place.memory_key(change.path)) or Remembered("", ())
    tree = cache.find(before.digest)
    if tree is not None and tree.manifest.is_file:
        # A file has a folder of its own below the inputs.
        source /= tree.manifest.entries[0].path
    if not source.exists():
        return
    now = scan_tree(settle_links(walk(source))) if source.is_dir() else scan(source)
    contents = {path: sha256 for path, _, _, sha256 in before.files}
    changed = Manifest(tuple(one for one in now.entries if contents.get(one.path) != one.sha256), now.is_file)
    gone = sorted(set(contents) - {entry.path for entry in now.entries})

    async def send_changes(folder: RemoteFolder) -> None:
        if changed.entries:
            await send(folder, change.place, source, changed, change.path, cache=cache, merges=True)
        await folder.remove([remote_path(change.path, now, name) for name in gone])

    if changed.entries or gone:
        with_folder(change.place, f"write input `{change.name}` back", send_changes)
