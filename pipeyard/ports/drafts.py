"""Drafts in the database, and whoever says what one means."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from pipeyard.graph.model import Graph
from pipeyard.model.assets import AssetKind, AssetRef, DatastoreUri, Manifest
from pipeyard.model.diagnostic import Diagnostic, YamlPath
from pipeyard.model.draft_record import DraftContent, DraftFilter, DraftRecord, DraftRevision, Offer
from pipeyard.model.job import JobSpec
from pipeyard.model.record import JsonObject
from pipeyard.model.value import dataclass

# Returns the spec of a registered component, or raises `NotFound` that names what is near.
FindComponent = Callable[[AssetRef], JsonObject]
# Returns the bytes with a SHA-256.
ReadContent = Callable[[str], bytes]


class DraftStore(Protocol):
    """Drafts with all their revisions. What a write stored when it returned survives a power cut."""

    def create_draft(self, draft: DraftRecord, content: DraftContent, contents: Mapping[str, bytes]) -> None:
        """Store a draft, its first revision, and the bytes of its files by SHA-256; `NotFound`: no such workspace."""

    def save_draft(
        self,
        draft: DraftRecord,
        content: DraftContent,
        contents: Mapping[str, bytes],
        revision: DraftRevision,
        *,
        before: DraftRecord,
    ) -> bool:
        """
        Store a new revision; return whether that was done.

        It is not when the draft has another revision or another holder than *before*: somebody was quicker.
        """

    def change_draft(self, draft: DraftRecord, *, before: DraftRecord) -> bool:
        """Change who holds a draft, or whether it is archived; return whether it still was as *before*."""

    def load_draft(self, workspace: str, id_: str) -> DraftRecord | None:
        """Return a draft, archived or not."""

    def load_content(self, workspace: str, id_: str, revision: int) -> DraftContent | None:
        """Return what is in a revision, None if it is not kept."""

    def list_drafts(
        self, workspace: str, which: DraftFilter, *, limit: int, before: tuple[int, str] | None = None
    ) -> Sequence[DraftRecord]:
        """Return drafts, changed last first; *before* is time and id of the last one seen."""

    def list_revisions(self, workspace: str, id_: str) -> Sequence[DraftRevision]:
        """Return the revisions that are kept, newest first."""

    def note_job(self, workspace: str, id_: str, revision: int, job: str) -> None:
        """Remember which job a revision became; it is kept for good."""

    def read_file(self, workspace: str, sha256: str) -> bytes | None:
        """Return the bytes of a file of any draft."""

    def delete_draft(self, workspace: str, id_: str) -> bool:
        """Forget a draft with all revisions, and files that no other draft has; return whether it was there."""

    def list_offers(self, workspace: str, kind: AssetKind) -> Sequence[Offer]:
        """Return the assets of a kind (of a registry, too) that can be put into a pipeline, used or made last first."""


@dataclass(frozen=True, slots=True)
class PackedTree:
    """A folder or file that a job needs, ready to be stored as an upload."""

    name: str
    manifest: Manifest
    digest: str
    uri: DatastoreUri
    # Where the bytes of each content lie, by SHA-256, while the draft is lent.
    places: Mapping[str, Path]


@dataclass(frozen=True, slots=True)
class PackedDraft:
    """A draft as it is submitted: what the command line would send."""

    document: JsonObject
    # Anonymous components by digest.
    components: Mapping[str, JsonObject]
    trees: Sequence[PackedTree]
    # Gives what the server says of these its lines in the draft's files.
    locate: Callable[[Sequence[Diagnostic]], tuple[Diagnostic, ...]]


@dataclass(frozen=True, slots=True)
class CheckedDraft:
    """A draft as far as its own files and registered components tell."""

    # In the order of the files, each with its lines; files are named as the draft names them.
    diagnostics: tuple[Diagnostic, ...]
    # The pipeline, its local paths as they are written; None when something is wrong.
    job: tuple[JobSpec, Graph] | None
    # Gives what the server says of that pipeline its lines in the draft's files.
    locate: Callable[[Sequence[Diagnostic]], tuple[Diagnostic, ...]]
    # Returns what would be sent; None when something is wrong. `UserError` for what shows only then.
    pack: Callable[[], PackedDraft] | None

    @property
    def has_errors(self) -> bool:
        """Return whether the draft cannot be submitted as it is."""
        return any(diagnostic.is_error for diagnostic in self.diagnostics)


@dataclass(frozen=True, slots=True)
class LocalComponent:
    """A component file of a draft that its pipeline names, as far as the files tell."""

    # As the draft names it.
    file: str
    # Where the pipeline names it: each is the way to the text to be replaced.
    places: tuple[YamlPath, ...]
    # What its file says; empty when it cannot be read.
    head: JsonObject
    # What is wrong with it, each problem with its lines.
    diagnostics: tuple[Diagnostic, ...]
    # Returns what would be sent to register it; None when something is wrong. `UserError` for what shows only then.
    pack: Callable[[], PackedDraft] | None


class Composer(Protocol):
    """Says what a draft means, by the very code with which the command line checks and packs files."""

    def check(
        self, content: DraftContent, read: ReadContent, find: FindComponent, changes: Sequence[str] = ()
    ) -> AbstractContextManager[CheckedDraft]:
        """
        Lend what is known of a draft, with *changes* as `--set` takes them.

        Its files lie in a folder until the block ends; no path in them leads out of it.
        """

    def components(
        self, content: DraftContent, read: ReadContent, find: FindComponent, names: Mapping[str, str]
    ) -> AbstractContextManager[Sequence[LocalComponent]]:
        """
        Lend the component files that a draft's pipeline names; `SpecError` when that cannot be read.

        *names* are given by file, and take the place of those in the files.
        """
