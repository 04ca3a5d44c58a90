"""Who proposes values from what earlier trials reached, as the engine sees it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from pipeyard.model.sweep import Goal, Space, SweptValue
from pipeyard.model.value import dataclass


@dataclass(frozen=True, slots=True)
class Tried:
    """A trial that was begun, and what it reached."""

    values: Mapping[str, SweptValue]
    # None: it has not ended yet, or logged nothing.
    score: float | None = None
    is_running: bool = False


class Suggester(Protocol):
    """Bayesian sampling."""

    def suggest(self, space: Space, goal: Goal, seed: str, tried: Sequence[Tried]) -> Mapping[str, SweptValue]:
        """
        Return the values of the next trial; the same for the same arguments.

        May take seconds, and may be called from any thread. Raises `ComputeError` with what to install when
        what it needs is not there.
        """
