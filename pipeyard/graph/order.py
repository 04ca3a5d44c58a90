"""
Put nodes in an order in which each comes after what it reads.

In:       for every node, the nodes it reads; in file order.
Out:      that order, and the rings that make it impossible; ready sets; the critical path.
Not here: saying where a ring is written (`graph/expand.py`).

Everything here is linear in nodes and edges (times a logarithm for keeping the
file's order), and nothing recurses: a chain of a hundred thousand nodes is fine.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from heapq import heapify, heappop, heappush

from pipeyard.model.value import dataclass

Upstream = Mapping[str, Collection[str]]


@dataclass(frozen=True, slots=True)
class Order:
    """Every node once. With rings, the nodes of a ring stand where it was broken open."""

    ids: tuple[str, ...]
    # Each ring once, as the way around: a node, who reads it, who reads that, ...
    rings: tuple[tuple[str, ...], ...] = ()


def order(upstream: Upstream) -> Order:
    """
    Return the nodes, each after what it reads, otherwise as written.

    Reads of nodes that are not in *upstream* count for nothing.
    """
    return _Sorter(upstream).run()


class _Sorter:
    """Kahn's algorithm with a heap; when it is stuck, one ring is broken open and it goes on."""

    def __init__(self, upstream: Upstream) -> None:
        self._ids = list(upstream)
        self._position = {node: index for index, node in enumerate(self._ids)}
        self._upstream = upstream
        self._downstream = downstream_of(upstream)
        self._missing = {node: sum(1 for source in set(upstream[node]) if source in upstream) for node in upstream}
        self._ready = [self._position[node] for node, count in self._missing.items() if count == 0]
        heapify(self._ready)
        self._done: dict[str, None] = {}

    def run(self) -> Order:
        rings: list[tuple[str, ...]] = []
        self._drain()
        # The search for rings: each node of the path reads the next. The path is kept between
        # rings, so that a long tail behind many rings is walked once and not once per ring.
        path: dict[str, None] = {}
        for node in self._ids:
            while node not in self._done:
                if not path:
                    path[node] = None
                source = self._unfinished_source(next(reversed(path)))
                if source not in path:
                    path[source] = None
                    continue
                rings.append(self._ring(list(path), source))
                for member in rings[-1]:
                    self._finish(member)
                self._drain()
                while path and next(reversed(path)) in self._done:
                    path.popitem()
        return Order(tuple(self._done), tuple(rings))

    def _unfinished_source(self, node: str) -> str:
        waits_for = (self._position[source] for source in self._upstream[node] if source in self._missing)
        return self._ids[min(position for position in waits_for if self._ids[position] not in self._done)]

    def _ring(self, path: list[str], source: str) -> tuple[str, ...]:
        # From "reads" to "is read by", beginning with the node that was written first.
        ring = path[path.index(source) :][::-1]
        first = min(range(len(ring)), key=lambda index: self._position[ring[index]])
        return tuple(ring[first:] + ring[:first])

    def _drain(self) -> None:
        while self._ready:
            self._finish(self._ids[heappop(self._ready)])

    def _finish(self, node: str) -> None:
        if node in self._done:
            return
        self._done[node] = None
        for reader in self._downstream.get(node, ()):
            self._missing[reader] -= 1
            if self._missing[reader] == 0 and reader not in self._done:
                heappush(self._ready, self._position[reader])


def downstream_of(upstream: Upstream) -> dict[str, list[str]]:
    """Return for each node that is read by others who they are, in file order."""
    readers: dict[str, list[str]] = {}
    for node, sources in upstream.items():
        for source in set(sources):
            if source in upstream:
                readers.setdefault(source, []).append(node)
    return readers


def ready_sets(upstream: Upstream) -> tuple[tuple[str, ...], ...]:
    """
    Return the nodes in waves: all of a wave could run at once when the earlier waves are done.

    There must be no rings.
    """
    wave: dict[str, int] = {}
    for node in order(upstream).ids:
        wave[node] = 1 + max((wave[source] for source in upstream[node] if source in upstream), default=-1)
    sets: list[list[str]] = [[] for _ in range(max(wave.values(), default=-1) + 1)]
    for node in upstream:
        sets[wave[node]].append(node)
    return tuple(tuple(members) for members in sets)


def critical_path(upstream: Upstream, seconds: Mapping[str, float]) -> tuple[str, ...]:
    """
    Return the chain of nodes that took longest in all: no number of machines would have been faster.

    A node without seconds counts as nothing. There must be no rings.
    """
    until: dict[str, float] = {}
    before: dict[str, str | None] = {}
    for node in order(upstream).ids:
        sources = [source for source in upstream[node] if source in upstream]
        slowest = max(sources, key=lambda source: until[source], default=None)
        before[node] = slowest
        until[node] = seconds.get(node, 0.0) + (until[slowest] if slowest is not None else 0.0)
    chain: list[str] = []
    last = max(until, key=lambda node: until[node], default=None)
    while last is not None:
        chain.append(last)
        last = before[last]
    return tuple(reversed(chain))
