"""
How any stage says what is wrong, and where.

In:       what a stage found in something the user wrote.
Out:      `Diagnostic` values, collected and never raised.
Not here: drawing them (`cli/problems.py`), finding line numbers (`spec/document.py`).

Invariant: a diagnostic names its place as a path of keys inside a document.
Lines and columns are looked up where the text still is, so the server, which
never sees the file, can speak of the same places as the command line.
"""

from __future__ import annotations

from dataclasses import field
from enum import Enum
from typing import Any, Protocol

from pipeyard.model.value import dataclass

PathItem = str | int
YamlPath = tuple[PathItem, ...]


class Severity(Enum):
    """Whether a job may be submitted in spite of the problem."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of text. Lines and columns count from 1; the end is exclusive."""

    file: str
    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(frozen=True, slots=True)
class Place:
    """A value (or its key) inside a document."""

    # Which document: the file as the command line names it, or on the server
    # the digest of an anonymous component. The job's own document is "".
    source: str = ""
    path: YamlPath = ()
    # True: the key itself is meant, not the value behind it.
    on_key: bool = False
    # A part of a text value: offsets of its first character and of the one behind its last.
    stretch: tuple[int, int] | None = None

    def child(self, *items: PathItem) -> Place:
        """Return the place of a value further down."""
        return Place(self.source, (*self.path, *items))

    def key(self, item: PathItem) -> Place:
        """Return the place of a key of this mapping."""
        return Place(self.source, (*self.path, item), on_key=True)

    def within(self, start: int, end: int) -> Place:
        """Return the place of a part of this text, such as one expression in a command."""
        return Place(self.source, self.path, stretch=(start, end))

    def __str__(self) -> str:
        return ".".join(str(item) for item in self.path) or "."


@dataclass(frozen=True, slots=True)
class Related:
    """A second place that explains the first."""

    message: str
    place: Place
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """A located problem in something the user wrote."""

    # A stable word, such as `unknown-field`; `pipeyard explain CODE` prints its page.
    code: str
    # One sentence without a full stop: what is wrong.
    message: str
    place: Place
    severity: Severity = Severity.ERROR
    expected: str | None = None
    found: str | None = None
    # What to try.
    hint: str | None = None
    related: tuple[Related, ...] = field(default=())
    # Filled in where the text is at hand.
    span: Span | None = None

    @property
    def is_error(self) -> bool:
        """Return whether this problem stops a submit."""
        return self.severity is Severity.ERROR


class Written(Protocol):
    """A document as far as places in it are concerned: `spec.document.Document` is one."""

    # Its name, as places name it, and its file, as people know it.
    source: str
    file: str
    # The plain tree.
    value: Any

    def span(self, where: Place | YamlPath, *, on_key: bool = False) -> Span | None:
        """Return where something stands; where its nearest parent does if it was not written."""
