"""
Processes that outlived their parent: whose they are.

In:       the children that the launcher, as subreaper, has inherited.
Out:      for an attempt, the strays to end with it.
Not here: ending them (`endings.py`).

A stray is found by its session, else by the marker in its environment. A daemon that
wiped both belongs to one of the attempts that ran when it was first seen; it is ended
when the last of those has ended, so that no orphan stays and no innocent is harmed.
"""

from __future__ import annotations

import os

from pipeyard.launcher import process

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from collections.abc import Set as AbstractSet

    from pipeyard.launcher.attempt import Attempt


class Strays:
    """Remembers for each stray who may have made it."""

    def __init__(self, attempts_folder: str) -> None:
        self._folder = attempts_folder
        self._owners: dict[int, frozenset[str]] = {}

    def find(self, active: Mapping[str, Attempt], known: AbstractSet[int]) -> list[tuple[int, frozenset[str]]]:
        """Return each stray with the attempts that may own it; *known* are processes that are none."""
        found = []
        for pid in process.own_children():
            if pid in known:
                continue
            if pid not in self._owners:
                self._owners[pid] = self._owners_of(pid, active)
            found.append((pid, self._owners[pid]))
        return found

    def forget(self, pid: int) -> None:
        """A stray has ended and its number may be given to another process."""
        self._owners.pop(pid, None)

    def _owners_of(self, pid: int, active: Mapping[str, Attempt]) -> frozenset[str]:
        session = process.session_of(pid)
        for attempt in active.values():
            if attempt.pid == session:
                return frozenset({attempt.id})
        root = process.attempt_root_of(pid)
        if root is not None and os.path.dirname(root) == self._folder:
            return frozenset({os.path.basename(root)})
        return frozenset(active)


def belongs_to(attempt_id: str, owners: frozenset[str], active: Mapping[str, Attempt]) -> bool:
    """Tell whether a stray is to be ended with this attempt: nobody else who still runs may own it."""
    return not any(owner != attempt_id and owner in active for owner in owners)
