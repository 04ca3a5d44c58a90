"""
Which instance, CPUs and GPUs each attempt has.

In:       what the machine and the instances of each pool have; attempts that begin and end.
Out:      a `Share` for each attempt, kept in its record.
Not here: how many may run at once (`scheduler/queue.py`).

A share is stored in the same transaction as the decision to start, so a restarted
engine knows who has what. Without pools that say what their instances have, nothing is bound.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field, replace
from itertools import count, islice
from typing import Any

from pipeyard.engine.report import AttemptKey
from pipeyard.model.instance import UNMEASURED, Instance, Machine, NodeUse, Share
from pipeyard.model.value import dataclass


@dataclass(slots=True)
class _Rack:
    """The instances of one pool."""

    instance: Instance = UNMEASURED
    slots: int = 0
    # By number of the instance.
    taken: dict[int, AttemptKey] = field(default_factory=dict)


class Shares:
    """A register. All calls belong to the engine's loop."""

    def __init__(self, machine: Machine) -> None:
        """Start with everything free."""
        self._machine = machine
        self._racks: dict[str, _Rack] = {}
        self._given: dict[AttemptKey, tuple[Share, tuple[int, ...]]] = {}
        # How many attempts are bound to each CPU, and see each GPU.
        self._cpu_load: Counter[int] = Counter()
        self._gpu_load: Counter[str] = Counter()

    def size(self, pool: str, slots: int, instance: Instance) -> None:
        """Say what a pool has from now on; attempts that run keep what they have."""
        rack = self._rack(pool)
        rack.slots, rack.instance = slots, instance

    def take(self, key: AttemptKey, instances: int) -> Share:
        """Give an attempt instances with the lowest free numbers, and the CPUs and GPUs that are used least."""
        rack = self._rack(key.pool)
        numbers = self._free(key.pool, instances)
        if self.counts_only(key.pool) and 0 < rack.slots <= numbers[0]:
            # Ordered ahead: it gets whatever is free when it begins.
            numbers = []
        cpus, gpus = rack.instance.cpus, rack.instance.gpus
        share = Share(
            nodes=tuple(node_name(key.pool, number) for number in numbers),
            cpus=self._pick_cpus(cpus, instances) if cpus else (),
            gpus=None if gpus is None or not self._machine.gpus else self._pick_gpus(instances * gpus),
            memory_gib=self._memory(rack.instance, instances),
            is_sandboxed=self._is_sandboxed(rack.instance),
        )
        self._enter(key, share, numbers)
        return share

    def settle(self, key: AttemptKey, instances: int) -> Share | None:
        """Give an attempt that was ordered ahead its instances, now that it has begun; None if it has them."""
        share, numbers = self._given.get(key, (Share(), (-1,)))
        if numbers:
            return None
        numbers = tuple(self._free(key.pool, instances))
        share = replace(share, nodes=tuple(node_name(key.pool, number) for number in numbers))
        self._enter(key, share, numbers)
        return share

    def counts_only(self, pool: str) -> bool:
        """Return whether nothing but the number of a pool's instances counts, so that any is as good as another."""
        return replace(self._rack(pool).instance, is_sandboxed=None) == UNMEASURED

    def take_again(self, key: AttemptKey, share: Share, instances: int) -> None:
        """Enter what an attempt got from an earlier engine; instances that nobody kept are any that are free."""
        numbers = [number for name in share.nodes if (number := number_of(name)) is not None]
        self._enter(key, share, numbers or self._free(key.pool, instances))

    def give_back(self, key: AttemptKey) -> None:
        """Take everything back from an attempt; one that has nothing is no error."""
        share, numbers = self._given.pop(key, (Share(), ()))
        rack = self._rack(key.pool)
        for number in numbers:
            del rack.taken[number]
        self._cpu_load.subtract(share.cpus)
        self._gpu_load.subtract(share.gpus or ())

    def of(self, key: AttemptKey) -> Share:
        """Return what an attempt has. May be called from any thread."""
        return self._given.get(key, (Share(), ()))[0]

    def nodes_of(self, pool: str) -> Sequence[NodeUse]:
        """Return every instance of a pool, by number."""
        rack = self._rack(pool)
        return [self._node(pool, rack, number) for number in sorted({*range(rack.slots), *rack.taken})]

    def _node(self, pool: str, rack: _Rack, number: int) -> NodeUse:
        name, key = node_name(pool, number), rack.taken.get(number)
        if key is None:
            return NodeUse(name)
        return NodeUse(name, key.job_name, key.job, self.of(key), is_leaving=number >= rack.slots)

    def _enter(self, key: AttemptKey, share: Share, numbers: Iterable[int]) -> None:
        rack = self._rack(key.pool)
        # Somebody else may have it when a home was written to by hand; whoever came first keeps it.
        mine = tuple(number for number in numbers if number not in rack.taken)
        self._given[key] = share, mine
        rack.taken |= dict.fromkeys(mine, key)
        self._cpu_load.update(share.cpus)
        self._gpu_load.update(share.gpus or ())

    def _free(self, pool: str, instances: int) -> list[int]:
        taken = self._rack(pool).taken
        return list(islice((number for number in count() if number not in taken), instances))

    def _pick_cpus(self, each: int, instances: int) -> tuple[int, ...]:
        cpus, wanted = self._machine.cpus, each * instances
        if wanted >= len(cpus):
            # All of them: nothing to bind to, unless several instances divide them.
            return cpus if instances > 1 else ()
        return tuple(sorted(sorted(cpus, key=lambda cpu: (self._cpu_load[cpu], cpu))[:wanted]))

    def _pick_gpus(self, wanted: int) -> tuple[str, ...]:
        gpus = self._machine.gpus
        chosen = set(sorted(gpus, key=lambda gpu: (self._gpu_load[gpu], gpus.index(gpu)))[:wanted])
        return tuple(gpu for gpu in gpus if gpu in chosen)

    def _is_sandboxed(self, instance: Instance) -> bool:
        return self._machine.is_sandboxed if instance.is_sandboxed is None else instance.is_sandboxed

    def _memory(self, instance: Instance, instances: int) -> float | None:
        wanted = None if instance.memory_gib is None else instances * instance.memory_gib
        has = self._machine.memory_gib
        # More than there is limits nothing.
        return None if wanted is None or (has is not None and wanted >= has) else wanted

    def _rack(self, pool: str) -> _Rack:
        return self._racks.setdefault(pool, _Rack())


def node_name(pool: str, number: int) -> str:
    """Return the name of an instance; the workspace before a pool's name is no part of it."""
    return f"{pool.rpartition('/')[2]}-{number}"


def number_of(name: str) -> int | None:
    """Return the number in an instance's name; None if it is no such name."""
    digits = name.rpartition("-")[2]
    return int(digits) if digits.isascii() and digits.isdigit() else None


def share_json(share: Share) -> dict[str, Any]:
    """Return a share as a record keeps it: only what there is to say."""
    kept: dict[str, Any] = {"nodes": list(share.nodes)}
    if share.cpus:
        kept["cpus"] = list(share.cpus)
    if share.gpus is not None:
        kept["gpus"] = list(share.gpus)
    if share.memory_gib is not None:
        kept["memory_gib"] = share.memory_gib
    if share.is_sandboxed:
        kept["sandbox"] = True
    return kept


def share_of(kept: Mapping[str, Any] | None) -> Share:
    """Return the share in a record."""
    found = kept or {}
    gpus = found.get("gpus")
    return Share(
        nodes=tuple(found.get("nodes") or ()),
        cpus=tuple(found.get("cpus") or ()),
        gpus=None if gpus is None else tuple(gpus),
        memory_gib=found.get("memory_gib"),
        is_sandboxed=bool(found.get("sandbox")),
    )
