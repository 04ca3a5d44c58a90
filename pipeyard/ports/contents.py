"""What bytes are at a place, for reuse: read as seldom as can be, and never taken on trust."""

from __future__ import annotations

from typing import Protocol

from pipeyard.model.assets import DatastoreUri, Manifest
from pipeyard.model.record import OutputRecord
from pipeyard.model.value import dataclass


class NeedsTime(Exception):
    """More would have to be read, or asked over a network, than is done in passing."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether an output is what it was when its step ended."""

    # What differs, in words that name a file; None: nothing does.
    problem: str | None = None
    # The manifest with newer looks, to be stored in place of the old one; None: nothing new was learned.
    seen: Manifest | None = None


class Contents(Protocol):
    """
    Looks at bytes, and reads those that look different from when they were last read.

    With *in_passing*, `NeedsTime` is raised instead of reading much. Otherwise worker
    processes read, and `StoreError` says why they could not.
    """

    def digest(self, workspace: str, uri: DatastoreUri, *, in_passing: bool = False) -> str | None:
        """Return the digest of what is at a place now, as of a manifest of it; None when nothing is there."""

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
