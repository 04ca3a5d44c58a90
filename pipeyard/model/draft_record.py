"""
Drafts as they are kept: pipelines that somebody composes and has not submitted.

In:       nothing; these are values.
Out:      read and written by `store/drafts.py`; the rules are in `service/drafts.py`.
Not here: a submitted document (`record.py`), what a draft means (`designer/`).

Invariant: a revision is never changed. The draft's own row only says which one is the newest.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from enum import Enum
from typing import Any

from pipeyard.model.asset_record import AssetVersion
from pipeyard.model.value import dataclass

MAIN_FILE = "pipeline.yml"
# As long as nothing is heard of a tab, it goes on editing so long. Browsers let hidden tabs speak once a minute.
HOLD_MS = 150_000


class Origin(str, Enum):
    """What a draft was made of."""

    EMPTY = "empty"
    TEXT = "text"
    TEMPLATE = "template"
    JOB = "job"
    FOLDER = "folder"
    DRAFT = "draft"


class Reason(str, Enum):
    """Why a revision was kept."""

    CREATED = "created"
    SAVED = "saved"
    RESTORED = "restored"
    SUBMITTED = "submitted"


@dataclass(frozen=True, slots=True)
class DraftFile:
    """A file beside the pipeline; its bytes are kept under their SHA-256."""

    path: str
    size: int
    sha256: str
    executable: bool = False


@dataclass(frozen=True, slots=True)
class DraftContent:
    """What is in a draft."""

    text: str
    # By path, `/` between folders; the pipeline itself is not among them.
    files: tuple[DraftFile, ...] = ()
    # Where the pipeline lies among its files.
    main: str = MAIN_FILE
    # What its editor keeps of positions; it changes nothing that would run.
    layout: Mapping[str, Any] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """Return how many bytes the pipeline's text has."""
        return len(self.text.encode())


@dataclass(frozen=True, slots=True)
class DraftRecord:
    """A draft without what is in it."""

    workspace: str
    id: str
    name: str
    revision: int
    created_at_ms: int
    created_by: str
    modified_at_ms: int
    modified_by: str
    main: str
    file_count: int
    origin: Origin = Origin.EMPTY
    origin_name: str | None = None
    is_archived: bool = False
    # Which tab edits it, whose it is, and when it was last heard of.
    holder: str | None = None
    held_by: str | None = None
    held_at_ms: int = 0

    def holder_at(self, now_ms: int) -> str | None:
        """Return the tab that edits, None when none does or nothing was heard of it for too long."""
        return self.holder if now_ms - self.held_at_ms < HOLD_MS else None


@dataclass(frozen=True, slots=True)
class DraftRevision:
    """One state of a draft, without what was in it."""

    revision: int
    name: str
    saved_at_ms: int
    saved_by: str
    reason: Reason
    # Bytes of the pipeline's text.
    size: int
    # The job that it became.
    job: str | None = None


@dataclass(frozen=True, slots=True)
class DraftFilter:
    """Which drafts are listed."""

    # `active`, `archived` or `all`.
    archived: str = "active"
    # Each word is in the name.
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """An asset that can be put into a pipeline, by its newest version."""

    asset: AssetVersion
    # Newest first; of many only the first.
    versions: tuple[str, ...]
    # When a job was created that uses any of them.
    used_at_ms: int | None = None


def thinned(revisions: tuple[DraftRevision, ...]) -> tuple[int, ...]:
    """
    Return the revisions that need not be kept any longer; *revisions* are newest first.

    Of the saves of an hour's typing nobody looks for each second: the newest hundred stay, of older ones the last
    of each minute, and always what was created, restored or submitted.
    """
    gone = []
    for later, one in zip(revisions[_KEPT_MIN:], revisions[_KEPT_MIN + 1 :], strict=False):
        if one.reason is Reason.SAVED and one.saved_at_ms // _MINUTE_MS == later.saved_at_ms // _MINUTE_MS:
            gone.append(one.revision)
    return tuple(gone)


_KEPT_MIN = 100
_MINUTE_MS = 60_000
