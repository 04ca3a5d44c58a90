"""
What the instances of a compute have, and whether this machine has as much.

In:       computes that were created; what the machine has.
Out:      an `Instance`, slots, and what is worth saying of them.
Not here: giving CPUs and GPUs to steps (`engine/shares.py`).

Nothing is refused: a pool that is larger than the machine is a promise that somebody
may want to make, so that an Azure file stays as it is. It is said when it is made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from pipeyard.model.errors import UserError
from pipeyard.model.instance import Instance, Machine, slots_of
from pipeyard.model.record import ComputeRecord
from pipeyard.service.image_policy import KEY as IMAGE_POLICY
from pipeyard.service.image_policy import policy_text
from pipeyard.service.sizes import find_size, near_size
from pipeyard.spec.memory import memory_gib

# Keys of ours beside Azure's `size`.
KEYS = ("cpus", "memory", "gpus")
# Whether steps may write to their own folders only; a key of ours as well.
SANDBOX = "sandbox"
COUNT_MAX = 100_000


def instance_of(compute: ComputeRecord) -> Instance:
    """Return what one instance has: what the keys say, else what its size has, else nothing that counts."""
    size = find_size(str(compute.spec.get("size") or ""))
    base = size.instance if size is not None else Instance()
    cpus, memory, gpus = (compute.spec.get(key) for key in KEYS)
    return Instance(
        cpus=base.cpus if cpus is None else int(cpus),
        memory_gib=base.memory_gib if memory is None else memory_gib(memory),
        gpus=base.gpus if gpus is None else int(gpus),
        is_sandboxed=compute.spec.get(SANDBOX),
    )


def instance_json(instance: Instance) -> dict[str, Any] | None:
    """Return what an instance has; None when only slots count."""
    if (instance.cpus, instance.memory_gib, instance.gpus) == (None, None, None):
        return None
    return {"cpus": instance.cpus, "memory_gib": instance.memory_gib, "gpus": instance.gpus}


def check_keys(settings: Mapping[str, Any]) -> None:
    """Refuse amounts that no instance can have."""
    for key, least in (("cpus", 1), ("gpus", 0)):
        value = settings.get(key)
        is_count = isinstance(value, int) and not isinstance(value, bool) and least <= value <= COUNT_MAX
        if value is not None and not is_count:
            raise UserError(
                f"`{key}` has to be a whole number from {least} to {COUNT_MAX}, not `{value}`", code="bad-request"
            )
    policy_text(settings.get(IMAGE_POLICY))
    if settings.get(SANDBOX) not in (None, True, False):
        raise UserError(f"`{SANDBOX}` has to be true or false, not `{settings[SANDBOX]}`", code="bad-request")
    memory = settings.get("memory")
    if memory is not None and memory_gib(memory) is None:
        raise UserError(
            f"`memory` has to be an amount of memory, not `{memory}`",
            code="bad-request",
            hint="write a number of GiB, or a text such as 512MB or 16GB",
        )


def remarks_on(
    compute: ComputeRecord, others: Sequence[ComputeRecord], machine: Machine, cpu_count: int
) -> tuple[str, ...]:
    """Return what a person should know of a pool that was just created or changed; *others* are the machine's other pools."""
    instance = instance_of(compute)
    found = [*_size_remarks(compute)]
    if instance.cpus is None and compute.max_instances > cpu_count:
        found.append(
            f"`max_instances` is {compute.max_instances}, this machine has {_of(cpu_count, 'CPU')}: "
            "steps at once will share them"
        )
    pools = (compute, *others)
    found += _excess(pools, "CPU", lambda one: one.cpus, cpu_count, "steps at once will share them")
    if machine.memory_gib is not None:
        found += _excess(
            pools,
            "GiB of memory",
            lambda one: one.memory_gib,
            machine.memory_gib,
            "nothing keeps steps from using it up",
        )
    found += _gpu_remarks(compute, pools, machine)
    return tuple(found)


def _size_remarks(compute: ComputeRecord) -> Iterator[str]:
    size = compute.spec.get("size")
    if size and find_size(str(size)) is None and not any(compute.spec.get(key) is not None for key in KEYS):
        close = near_size(str(size))
        meant = f"did you mean `{close}`? " if close else ""
        yield (
            f"the size `{size}` is not in Pipeyard's table, so only slots count: {meant}"
            "the keys `cpus`, `memory` and `gpus` say what an instance has"
        )


def _excess(
    pools: Sequence[ComputeRecord],
    noun: str,
    amount: Callable[[Instance], float | None],
    limit: float,
    consequence: str,
) -> Iterator[str]:
    """Say that a pool, or all pools together, promise more than there is."""
    wanted = {pool.name: pool.max_instances * (amount(instance_of(pool)) or 0) for pool in pools}
    compute = pools[0]
    if not wanted[compute.name] or sum(wanted.values()) <= limit:
        return
    has = f"this machine has {_of(limit, noun)}: {consequence}"
    if wanted[compute.name] > limit:
        if compute.max_instances == 1:
            yield f"an instance has {_of(wanted[compute.name], noun)}, {has}"
            return
        each = f"{_of(compute.max_instances, 'instance')} with {_of(amount(instance_of(compute)) or 0, noun)} each"
        yield f"{each} make {_of(wanted[compute.name], noun)}, {has}"
    else:
        names = ", ".join(f"`{name}`" for name, count in wanted.items() if count)
        yield f"{names} together have {_of(sum(wanted.values()), noun)}, {has}"


def _gpu_remarks(compute: ComputeRecord, pools: Sequence[ComputeRecord], machine: Machine) -> Iterator[str]:
    instance, count = instance_of(compute), len(machine.gpus)
    if not instance.gpus:
        return
    if not count:
        yield f"an instance has {_of(instance.gpus, 'GPU')}, this machine has none: steps run without"
        return
    slots = slots_of(compute.max_instances, instance, machine)
    if instance.gpus > count:
        yield f"an instance has {_of(instance.gpus, 'GPU')}, this machine has {_of(count, 'GPU')}: a step gets what there is"
    if slots < compute.max_instances:
        yield (
            f"{_of(compute.max_instances, 'instance')} with {_of(instance.gpus, 'GPU')} each, this machine has "
            f"{_of(count, 'GPU')}: {slots} of them may be in use at once"
        )
    elif instance.gpus <= count:
        yield from _excess(pools, "GPU", lambda one: one.gpus, count, "steps of different computes may share one")


def _of(amount: float, noun: str) -> str:
    plural = noun if amount == 1 or noun.startswith("GiB") else f"{noun}s"
    return f"{amount:g} {plural}"
