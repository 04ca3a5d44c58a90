"""
What an instance of a compute has, what this machine has, and what a step got of it.

Not here: Azure's sizes (`service/sizes.py`), looking at the machine (`server/machine.py`),
giving shares out (`engine/shares.py`).

What is kept to: a step is bound to as many CPUs as its instance has, and sees as many
GPUs, where the system can do that. Memory is a limit for containers only: for a process
a limit on addresses would break programs that map large files.
"""

from __future__ import annotations

from pipeyard.model.value import dataclass


@dataclass(frozen=True, slots=True)
class Instance:
    """One instance of a compute. None: not said, so it does not count."""

    cpus: int | None = None
    memory_gib: float | None = None
    gpus: int | None = None
    # Whether its steps may write to their own folders only; None: as the server is set.
    is_sandboxed: bool | None = None


# Only slots count.
UNMEASURED = Instance()


@dataclass(frozen=True, slots=True)
class Machine:
    """What the server may use of the machine that it runs on."""

    # Numbers of CPUs; empty where a process cannot be bound to some.
    cpus: tuple[int, ...] = ()
    # None: unknown.
    memory_gib: float | None = None
    # As CUDA_VISIBLE_DEVICES names them.
    gpus: tuple[str, ...] = ()
    # Whether steps of computes that do not say may write to their own folders only.
    is_sandboxed: bool = False


@dataclass(frozen=True, slots=True)
class Share:
    """What one attempt got."""

    # Names of the instances, such as `cpu-cluster-0`.
    nodes: tuple[str, ...] = ()
    # CPUs that it is bound to; empty: to none.
    cpus: tuple[int, ...] = ()
    # GPUs that it sees; None: nobody said, so it sees what there is.
    gpus: tuple[str, ...] | None = None
    # What a container may use; None: as much as there is. A process is not held to it.
    memory_gib: float | None = None
    # Whether it may write to its own folders only.
    is_sandboxed: bool = False


@dataclass(frozen=True, slots=True)
class PoolUse:
    """How full a pool is."""

    slots: int
    used: int


@dataclass(frozen=True, slots=True)
class NodeUse:
    """One instance and who has it."""

    node_id: str
    # The step's own job name, and the submitted job's; None: nobody.
    job_name: str | None = None
    root_name: str | None = None
    share: Share | None = None
    # Whether it goes away when its step has ended.
    is_leaving: bool = False


def slots_of(instances: int, instance: Instance, machine: Machine) -> int:
    """
    Return how many instances of a pool may be in use at once.

    GPUs are counted: no two steps of a pool are given the same one, unless a single
    instance wants more than there are.
    """
    if not instance.gpus or not machine.gpus:
        return instances
    return min(instances, max(1, len(machine.gpus) // instance.gpus))
