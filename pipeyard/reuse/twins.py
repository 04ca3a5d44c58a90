"""
Equal steps in flight: one leads, the others wait for its end.

In:       who is about to run under which key; who ended.
Out:      who has to wait, and who is to be looked up again.
Not here: looking up (the engine).

A leader that completed has left a result, which whoever waited then finds. One that
failed or was canceled left none: the first that waited is looked up, misses and leads.
"""

from __future__ import annotations

from dataclasses import field

from pipeyard.graph.model import NodeId
from pipeyard.model.value import dataclass

# The root job's name, and the step's place in it.
Twin = tuple[str, NodeId]


@dataclass(slots=True)
class _Group:
    leader: Twin
    # In the order in which they came.
    waiting: dict[Twin, None] = field(default_factory=dict)


class Twins:
    """Who runs, and who waits for it. Rebuilt after a restart from those that run."""

    def __init__(self) -> None:
        """Begin with nobody."""
        self._groups: dict[str, _Group] = {}
        self._keys: dict[Twin, str] = {}

    def lead(self, twin: Twin, key: str) -> None:
        """Say that a step runs. If an equal one does already, which nobody could wait for, that one leads."""
        if key not in self._groups:
            self._groups[key] = _Group(twin)
            self._keys[twin] = key

    def leader_of(self, key: str) -> Twin | None:
        """Return the step that whoever has this key waits for."""
        group = self._groups.get(key)
        return None if group is None else group.leader

    def wait(self, twin: Twin, key: str) -> None:
        """Let a step wait for the leader."""
        self._groups[key].waiting[twin] = None
        self._keys[twin] = key

    def ended(self, twin: Twin) -> tuple[str | None, list[Twin]]:
        """Forget a step that ended; return the key that it led, and those that waited for it."""
        key = self._keys.pop(twin, None)
        group = self._groups.get(key) if key is not None else None
        if group is None or key is None:
            return None, []
        if group.leader != twin:
            group.waiting.pop(twin, None)
            return None, []
        del self._groups[key]
        for one in group.waiting:
            del self._keys[one]
        return key, list(group.waiting)
