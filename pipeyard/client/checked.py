"""
What is known of a file before it is sent, whoever found it out.

Not here: finding it out (`checking.py`, `assetfile.py`), remembering it (`sound.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from pipeyard.client.sourcefile import SourceFiles
from pipeyard.model.assets import LocalReference
from pipeyard.model.diagnostic import Diagnostic, Written


class Checked(Protocol):
    """What was read for one file: a job's, or an asset's."""

    @property
    def files(self) -> SourceFiles:
        """Return the files."""

    @property
    def documents(self) -> Mapping[str, Written]:
        """Return the documents by source, the first file's own first, files inlined and `--set` applied."""

    @property
    def references(self) -> Mapping[str, tuple[LocalReference, ...]]:
        """Return the local things that each document names."""

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """Return all problems in file order."""
