"""
A value on its way from where it is written to the command that reads it.

Not here: following the way (`graph/trace.py`), what a port makes of it (`graph/fit.py`).
"""

from __future__ import annotations

from dataclasses import dataclass

from pipeyard.graph.model import Literal
from pipeyard.graph.tree import GivenValue, Leaf, Member
from pipeyard.model.component import DataInput, Scalar
from pipeyard.model.diagnostic import Place
from pipeyard.model.types import InputMode, PortType


@dataclass(frozen=True, slots=True)
class LeafOutput:
    """What a command writes."""

    leaf: Leaf
    output: str


@dataclass(frozen=True, slots=True)
class Found:
    """A value, and what was said of it on the way."""

    value: Scalar | DataInput | LeafOutput | GivenValue
    # Where the value itself is written, to point at when it is wrong.
    place: Place
    # Of data; None: nobody has said.
    type: PortType | None = None
    # The one written closest to the command.
    mode: InputMode | None = None
    # An optional input on the way that might have had no value in another job.
    optional_at: Place | None = None

    @property
    def is_literal(self) -> bool:
        """Return whether it is a number, text or truth value."""
        return not isinstance(self.value, (DataInput, LeafOutput, GivenValue))

    @property
    def text(self) -> str:
        """Return a literal as text."""
        assert not isinstance(self.value, (DataInput, LeafOutput, GivenValue))
        return Literal(self.value).text


@dataclass(frozen=True, slots=True)
class Absent:
    """No value, and nothing is wrong with that so far."""

    # The input that nobody gave although it was not declared optional; None: it was.
    missing: tuple[Member, str] | None = None
    optional_at: Place | None = None


@dataclass(frozen=True, slots=True)
class Broken:
    """No value, and why was reported where it was found."""


Traced = Found | Absent | Broken
