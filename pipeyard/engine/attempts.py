"""
Which attempts are under way, by the names that computes and users know them by.
"""

from __future__ import annotations

from collections.abc import Sequence

from pipeyard.engine.report import AttemptKey


class Attempts:
    """A register. Lookups may come from any thread."""

    def __init__(self) -> None:
        """Start empty."""
        self._by_id: dict[str, AttemptKey] = {}
        self._by_job_name: dict[str, AttemptKey] = {}
        # Those that a compute was told of, in the order in which it was.
        self._launched: dict[str, AttemptKey] = {}

    def begin(self, key: AttemptKey) -> AttemptKey:
        """Enter an attempt; one that is there already is no error."""
        known = self._by_id.setdefault(key.attempt_id, key)
        self._by_job_name[key.job_name] = known
        return known

    def launched(self, key: AttemptKey) -> None:
        """Remember that a compute can be asked about it."""
        if key.attempt_id in self._by_id:
            self._launched[key.attempt_id] = key

    def end(self, key: AttemptKey) -> None:
        """Strike an attempt out."""
        self._by_id.pop(key.attempt_id, None)
        self._launched.pop(key.attempt_id, None)
        if self._by_job_name.get(key.job_name) == key:
            del self._by_job_name[key.job_name]

    def find(self, attempt_id: str) -> AttemptKey | None:
        """Return an attempt by the name that computes know."""
        return self._by_id.get(attempt_id)

    def newest_of(self, job_name: str) -> AttemptKey | None:
        """Return the attempt under way of a step, by the step's job name."""
        return self._by_job_name.get(job_name)

    def running(self) -> Sequence[AttemptKey]:
        """Return every attempt that a compute can be asked about."""
        return tuple(self._launched.values())

    def __len__(self) -> int:
        """Return how many are under way."""
        return len(self._by_id)
