"""
Computes and datastores: what there is, and creating a pool.

Source: section 7. An `amlcompute` is a pool of `max_instances` slots on this machine.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from pipeyard.model.errors import Conflict, NotFound, UserError
from pipeyard.model.nearest import nearest
from pipeyard.model.record import ComputeRecord, DatastoreRecord
from pipeyard.service.placing import BUILT_IN, LOCAL
from pipeyard.service.wire import plain
from pipeyard.service.world import World

TYPES = ("amlcompute",)
# Azure: 3 to 24 characters. Shorter and longer names do no harm here.
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}\Z")
DEFAULT_MAX_INSTANCES = 4
INSTANCES_MAX = 10_000


def list_computes(world: World, workspace: str) -> Sequence[ComputeRecord]:
    """Return every compute, this machine first."""
    return (_local(world, workspace), *world.store.list_computes(world.known_workspace(workspace)))


def show_compute(world: World, workspace: str, name: str) -> ComputeRecord:
    """Return one compute."""
    if name == LOCAL:
        return _local(world, workspace)
    found = world.store.load_compute(world.known_workspace(workspace), name)
    if found is None:
        close = nearest(name, [row.name for row in list_computes(world, workspace)])
        raise NotFound(
            f"there is no compute `{name}`",
            hint=f"did you mean `{close}`?" if close else f"pipeyard compute create -n {name} --type amlcompute",
        )
    return found


def save_compute(world: World, workspace: str, name: str, body: Any) -> tuple[ComputeRecord, tuple[str, ...]]:
    """Return the compute as created or changed, and what is worth saying about it."""
    world.known_workspace(workspace)
    if not isinstance(body, Mapping):
        raise UserError("the request has to be a JSON object", code="bad-request")
    _check_name(name)
    earlier = world.store.load_compute(workspace, name)
    settings: dict[str, Any] = {**(earlier.spec if earlier else {}), **plain(body)}
    kind = str(settings.pop("type", None) or (earlier.type if earlier else TYPES[0])).lower()
    if kind not in TYPES:
        close = nearest(kind, TYPES)
        raise UserError(
            f"this version cannot create a compute of type `{kind}`",
            code="compute-type",
            hint=f"did you mean `{close}`?" if close else f"it knows {', '.join(TYPES)}",
        )
    smallest = _count(settings.pop("min_instances", None), "min_instances", earlier.min_instances if earlier else 0)
    largest = _count(
        settings.pop("max_instances", None),
        "max_instances",
        earlier.max_instances if earlier else DEFAULT_MAX_INSTANCES,
    )
    if largest < max(1, smallest):
        raise UserError(
            f"`max_instances` is {largest}, less than {'`min_instances`' if smallest > largest else 'one'}",
            code="bad-request",
        )
    for read_only in ("name", "id", "provisioning_state", "created_on"):
        settings.pop(read_only, None)
    compute = ComputeRecord(
        workspace=workspace,
        name=name,
        type=kind,
        min_instances=smallest,
        max_instances=largest,
        created_at_ms=earlier.created_at_ms if earlier else world.clock.now_ms(),
        spec=settings,
    )
    world.store.save_compute(compute)
    world.runner.resize(name, largest)
    return compute, _remarks(world, compute)


def delete_compute(world: World, workspace: str, name: str) -> None:
    """Forget a compute; `Conflict` while a job that has not ended may still need it."""
    if name == LOCAL:
        raise Conflict("the compute `local` always exists", code="built-in")
    show_compute(world, workspace, name)
    for root in world.store.unfinished():
        if root.workspace == workspace and any(
            row.detail.get("pool") == name and not row.status.is_terminal
            for row in world.store.load_tree(workspace, root.name)
        ):
            raise Conflict(
                f"compute `{name}` is needed by job `{root.name}`",
                code="in-use",
                hint=f"wait for it or cancel it: pipeyard job cancel -n {root.name}",
            )
    world.store.delete_compute(workspace, name)
    world.runner.resize(name, 0)


def list_datastores(world: World, workspace: str) -> Sequence[DatastoreRecord]:
    """Return every datastore, built-in ones first."""
    return world.store.list_datastores(world.known_workspace(workspace))


def _local(world: World, workspace: str) -> ComputeRecord:
    return ComputeRecord(
        workspace=workspace,
        name=LOCAL,
        type="local",
        min_instances=0,
        max_instances=world.cpu_count,
        created_at_ms=0,
        spec={"description": "This machine: one slot for each CPU. Always there."},
    )


def _check_name(name: str) -> None:
    if name.lower() in BUILT_IN:
        raise Conflict(f"the compute `{name}` always exists and cannot be changed", code="built-in")
    if not _NAME.match(name):
        raise UserError(
            f"a compute cannot be called `{name}`",
            code="bad-name",
            hint="use letters, digits, `_` and `-`, starting with a letter, at most 64",
        )


def _count(value: Any, key: str, default: int) -> int:
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= INSTANCES_MAX:
        raise UserError(f"`{key}` has to be a whole number from 0 to {INSTANCES_MAX}", code="bad-request")
    return value


def _remarks(world: World, compute: ComputeRecord) -> tuple[str, ...]:
    if compute.max_instances <= world.cpu_count:
        return ()
    cpus = "1 CPU" if world.cpu_count == 1 else f"{world.cpu_count} CPUs"
    return (f"`max_instances` is {compute.max_instances}, this machine has {cpus}: steps at once will share them",)
