"""
What a home keeps that can be made, fetched or sent again, and who needs it.

In:       made by the store and by the folders of a home.
Out:      read by `service/tidy.py`, which decides what is freed.
Not here: deciding, removing.
"""

from __future__ import annotations

import re
from enum import Enum

from pipeyard.model.assets import DatastoreUri
from pipeyard.model.status import JobStatus
from pipeyard.model.value import dataclass

# What a document or a version says when it means an upload, or an output of a job.
_UPLOAD = re.compile(r"LocalUpload/([0-9a-f]{64})", re.IGNORECASE)
# A job that goes on with an earlier one needs what that one made.
_PLAN = re.compile(r'"source(?:_root)?":\s*"([A-Za-z0-9][A-Za-z0-9_-]*)"')
_OUTPUT = re.compile(r"(?:/azureml/|paths/azureml/|azureml://jobs/|azureml:/*jobs/|/jobs/)([A-Za-z0-9][A-Za-z0-9_-]*)")


class Kind(str, Enum):
    """What can be freed, by the word that users say."""

    OUTPUTS = "outputs"
    SNAPSHOTS = "snapshots"
    ENVIRONMENTS = "environments"
    CACHE = "cache"
    ATTEMPTS = "attempts"
    REHEARSALS = "rehearsals"


@dataclass(frozen=True, slots=True)
class Mentions:
    """What some text speaks of."""

    # Digests of uploads.
    uploads: frozenset[str] = frozenset()
    # Names of jobs whose outputs are meant.
    jobs: frozenset[str] = frozenset()


def mentions_of(text: str) -> Mentions:
    """Return what a text speaks of; in doubt more than it does."""
    return Mentions(
        frozenset(digest.lower() for digest in _UPLOAD.findall(text)),
        frozenset((*_OUTPUT.findall(text), *_PLAN.findall(text))),
    )


@dataclass(frozen=True, slots=True)
class RootUse:
    """A submitted job, as far as it keeps things."""

    workspace: str
    name: str
    status: JobStatus
    is_archived: bool
    created_at_ms: int
    ended_at_ms: int | None
    mentions: Mentions
    # Of a child of a control node: the jobs above it. Who reads what one of those collected needs the child's files.
    above: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class StoredOutput:
    """A row about an output; several may be about the same files."""

    workspace: str
    job_name: str
    output: str
    root_name: str
    # Of the job that wrote the files, if that is another one.
    source_job: str | None
    uri: DatastoreUri
    state: str
    size: int
    file_count: int


@dataclass(frozen=True, slots=True)
class StoredUpload:
    """A row about an upload."""

    workspace: str
    digest: str
    name: str
    uri: DatastoreUri
    size: int
    file_count: int


@dataclass(frozen=True, slots=True)
class RegisteredPlaces:
    """What registered versions of all workspaces and registries need."""

    # (workspace, where).
    places: frozenset[tuple[str, DatastoreUri]]
    mentions: Mentions


@dataclass(frozen=True, slots=True)
class Leftover:
    """A folder in which a step was run once more, and that is still there."""

    name: str
    size: int
    changed_at_ms: int
    # A process of it lives, or somebody looks at it.
    is_in_use: bool


@dataclass(frozen=True, slots=True)
class AttemptEnd:
    """What is known of an attempt whose folder is still there."""

    is_over: bool
    # What it wrote could not be put in its final place: the folder has the only copy.
    is_unstored: bool
    ended_at_ms: int | None
