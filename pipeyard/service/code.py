"""
The code that a step ran, as it was sent.

In:       a step, or a job of one command.
Out:      where its code is, its files with their digests, and one of them to read.
Not here: sending bytes (`api/code.py`), what differs between two jobs (`compare.py`).
"""

from __future__ import annotations

from pathlib import Path

from pipeyard.model.errors import NotFound
from pipeyard.model.nearest import nearest
from pipeyard.model.record import JobRecord
from pipeyard.service.asset_files import Tree, TreeFiles, files_of
from pipeyard.service.files import below
from pipeyard.service.jobs import show_job
from pipeyard.service.world import World
from pipeyard.spec.reference import parse_datastore_uri


def code_of(world: World, workspace: str, name: str) -> TreeFiles:
    """Return the code of a step; `NotFound` for one that has none, or whose code is not in a datastore."""
    job = show_job(world, workspace, name)
    found = find_code(world, job)
    if found is None:
        written = job.detail.get("code")
        reason = "has no code: its command is all of it" if written is None else f"has code that is not kept: {written}"
        raise NotFound(f"`{name}` {reason}")
    return found


def find_code(world: World, job: JobRecord) -> TreeFiles | None:
    """Return the code of a step, None if it has none that is kept."""
    text = job.detail.get("code")
    uri = parse_datastore_uri(text) if isinstance(text, str) else None
    if uri is None:
        return None
    try:
        return files_of(world, job.workspace, Tree("code", None, ("code",), uri))
    except NotFound:
        return None


def code_file(world: World, workspace: str, name: str, path: str) -> Path:
    """Return where a file of a step's code is."""
    held = code_of(world, workspace, name)
    if held.root.is_file() and path in ("", held.root.name):
        return held.root
    place = below(held.root, path)
    if place is None or not place.is_file():
        close = nearest(path, [entry.path for entry in held.manifest.entries])
        raise NotFound(f"the code of `{name}` has no file `{path}`", hint=f"did you mean `{close}`?" if close else None)
    return place
