"""
What worker processes do: hash, copy, synchronise, rename.

In:       plain values that are cheap to send.
Out:      plain values; what went wrong with one item is part of its answer.
Not here: starting worker processes (`pool.py`).

Imports little, so that a worker is ready in some 50 ms.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import field
from pathlib import Path
from typing import Any

from pipeyard.datastore.durable import sync_file, sync_folder
from pipeyard.datastore.link import settle_links
from pipeyard.datastore.look import with_looks
from pipeyard.datastore.merge import merge_tree
from pipeyard.datastore.publish import Journal, Publication, check_shape, publish
from pipeyard.datastore.translate import disk_error
from pipeyard.datastore.tree import walk
from pipeyard.datastore.value import take_text
from pipeyard.model.assets import Manifest
from pipeyard.model.digest import manifest_digest
from pipeyard.model.errors import PipeyardError
from pipeyard.model.value import dataclass

ErrorFacts = dict[str, Any]


@dataclass(frozen=True, slots=True)
class AttemptTask:
    """Everything that one attempt leaves behind."""

    # Absolute path of the staging folder.
    root: str
    outputs: tuple[Publication, ...]
    # Folders, and the folders that their contents join.
    artifacts: tuple[tuple[str, str], ...] = ()
    # Whether every output must be there and be what it is declared to be.
    is_complete: bool = True


@dataclass(frozen=True, slots=True)
class AttemptAnswer:
    """What is in its final place now: each output's name, manifest and digest."""

    outputs: tuple[tuple[str, Manifest, str], ...]
    # The first thing that went wrong; the rest was stored all the same.
    error: ErrorFacts | None = None
    # What was written to the outputs that are numbers, texts or truth values.
    texts: Mapping[str, str] = field(default_factory=dict)


def store_attempts(tasks: Sequence[AttemptTask]) -> list[AttemptAnswer]:
    """Give the outputs and artifacts of several attempts their final names."""
    return [_store_attempt(task) for task in tasks]


def _store_attempt(task: AttemptTask) -> AttemptAnswer:
    journal = Journal(Path(task.root))
    stored: list[tuple[str, Manifest, str]] = []
    errors: list[ErrorFacts] = []
    texts: dict[str, str] = {}
    for publication in task.outputs:
        try:
            if task.is_complete and not journal.was_moved(publication):
                check_shape(publication)
            if task.is_complete:
                note_text(publication, journal, texts)
        except (PipeyardError, OSError) as problem:
            # Nothing is lost: what the step did write is kept, to look at.
            errors.append(error_facts(problem, publication.name))
        begun_ns = time.time_ns()
        try:
            manifest = publish(publication, journal)
        except (PipeyardError, OSError, ValueError) as problem:
            errors.append(error_facts(problem, publication.name))
        else:
            if manifest is not None:
                seen = with_looks(manifest, publication.target, begun_ns)
                stored.append((publication.name, seen, manifest_digest(manifest)))
    for source, target in task.artifacts:
        try:
            _store_artifacts(Path(source), Path(target))
        except (PipeyardError, OSError, ValueError) as problem:  # noqa: PERF203 (each folder for itself)
            errors.append(error_facts(problem, Path(source).name))
    return AttemptAnswer(tuple(stored), errors[0] if errors else None, texts)


def note_text(publication: Publication, journal: Journal, texts: dict[str, str]) -> None:
    """Put what a step wrote among *texts*, where that is one value."""
    text = take_text(publication, journal)
    if text is not None:
        texts[publication.name] = text


def _store_artifacts(source: Path, target: Path) -> None:
    """Move a folder's files; nobody asked for their digests, so they are not read."""
    if source.is_symlink() or not source.is_dir():
        return
    tree = settle_links(walk(source))
    if not tree.files and not tree.links:
        return
    for name in tree.files:
        sync_file(f"{tree.root}/{name}")
    for folder in reversed(tree.folders):
        sync_folder(f"{tree.root}/{folder}")
    # Sockets and pipes stay behind and go with the staging folder.
    merge_tree(tree, target)


def error_facts(problem: Exception, name: str) -> ErrorFacts:
    """Return a failure as what a job's record says of it."""
    if isinstance(problem, OSError):
        problem = disk_error(problem, f"output `{name}`")
    if not isinstance(problem, PipeyardError):
        return {"code": "not-stored", "message": f"output `{name}` could not be stored: {problem}"}
    facts: ErrorFacts = {"code": problem.code, "message": problem.message}
    if problem.hint:
        facts["hint"] = problem.hint
    return facts
