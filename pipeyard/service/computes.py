"""
Computes: what there is, and creating a pool.

Source: section 7. An `amlcompute` is a pool of `max_instances` slots on this machine.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from pipeyard.model.asset_record import AuditEntry
from pipeyard.model.errors import Conflict, NotFound, UserError
from pipeyard.model.instance import Instance, Machine, NodeUse, slots_of
from pipeyard.model.nearest import nearest
from pipeyard.model.record import Batch, ComputeRecord, JobRecord
from pipeyard.model.status import JobStatus
from pipeyard.service.capacity import check_keys, instance_json, instance_of, remarks_on
from pipeyard.service.placing import BUILT_IN, LOCAL, pool_of
from pipeyard.service.waiting import waiting_for
from pipeyard.service.wire import plain
from pipeyard.service.world import World

TYPES = ("amlcompute",)
# Azure: 3 to 24 characters. Shorter and longer names do no harm here.
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}\Z")
DEFAULT_MAX_INSTANCES = 4
INSTANCES_MAX = 10_000
# What `show` prints of a compute and nobody decides.
_READ_ONLY = ("name", "id", "provisioning_state", "created_on", "instance", "slots", "slots_in_use", "warnings")


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


def compute_facts(world: World, compute: ComputeRecord) -> dict[str, Any]:
    """Return what a compute's own JSON lacks: what an instance has, and how many are in use at this moment."""
    use = world.runner.pool_use(LOCAL if compute.type == LOCAL else pool_of(compute.workspace, compute.name))
    return {
        "instance": instance_json(instance_of(compute)),
        # Fewer than `max_instances` when each has GPUs and this machine has too few.
        "slots": slots_of(compute.max_instances, instance_of(compute), world.machine),
        "slots_in_use": 0 if use is None else use.used,
    }


def list_nodes(world: World, workspace: str, name: str) -> list[dict[str, Any]]:
    """Return the instances of a compute in Azure's words: id, state, and the job that has each."""
    compute = show_compute(world, workspace, name)
    pool = LOCAL if compute.type == LOCAL else pool_of(workspace, name)
    return [_node_json(world, workspace, node) for node in world.runner.nodes_of(pool)]


def list_waiting(world: World, workspace: str, name: str) -> list[dict[str, Any]]:
    """Return the steps that wait for an instance of a compute, the oldest job's first, and what each waits for."""
    compute = show_compute(world, workspace, name)
    pool = LOCAL if compute.type == LOCAL else pool_of(workspace, name)
    rows = [
        row
        for root in world.store.unfinished()
        if root.workspace == workspace
        for row in world.store.load_tree(workspace, root.name)
        if row.status is JobStatus.QUEUED and str(row.detail.get("pool") or LOCAL) == pool
    ]
    found = [(row, waiting_for(row, world.runner.pool_use)) for row in rows]
    return [
        {"job": row.name, "root_job": row.root_name, "step": row.node_id or row.display_name, "waits_for": text}
        for row, text in sorted(found, key=lambda one: one[0].created_at_ms)
        if text is not None
    ]


def update_compute(
    world: World, workspace: str, name: str, body: Any, by: str = ""
) -> tuple[ComputeRecord, tuple[str, ...]]:
    """Return a compute as changed; `NotFound` if there is none. Steps that run keep their instances."""
    _check_name(name)
    earlier = show_compute(world, workspace, name)
    kind = body.get("type") if isinstance(body, Mapping) else None
    if kind is not None and str(kind).lower() != earlier.type:
        raise Conflict(
            f"compute `{name}` is of type `{earlier.type}`, which cannot change",
            code="compute-type",
            hint="delete it and create it again",
        )
    return save_compute(world, workspace, name, body, by)


def save_compute(
    world: World, workspace: str, name: str, body: Any, by: str = ""
) -> tuple[ComputeRecord, tuple[str, ...]]:
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
    for read_only in _READ_ONLY:
        settings.pop(read_only, None)
    check_keys(settings)
    compute = ComputeRecord(
        workspace=workspace,
        name=name,
        type=kind,
        min_instances=smallest,
        max_instances=largest,
        created_at_ms=earlier.created_at_ms if earlier else world.clock.now_ms(),
        # What is set to nothing is as if it had never been said.
        spec={key: value for key, value in settings.items() if value is not None},
    )
    world.store.save_compute(compute)
    _note(world, compute, by, "create" if earlier is None else "update", _difference(earlier, compute))
    world.runner.resize(*pool_settings(compute, world.machine))
    return compute, remarks_on(compute, _others(world, compute), world.machine, world.cpu_count)


def pool_settings(compute: ComputeRecord, machine: Machine) -> tuple[str, int, Instance]:
    """Return what `JobRunner.resize` takes: the pool, its slots, and what each has."""
    instance = instance_of(compute)
    return (
        pool_of(compute.workspace, compute.name),
        slots_of(compute.max_instances, instance, machine),
        instance,
    )


def delete_compute(world: World, workspace: str, name: str, by: str = "") -> None:
    """Forget a compute; `Conflict` while a job that has not ended may still need it."""
    if name == LOCAL:
        raise Conflict("the compute `local` always exists", code="built-in")
    compute, pool = show_compute(world, workspace, name), pool_of(workspace, name)
    for root in world.store.unfinished():
        if root.workspace == workspace and any(
            row.detail.get("pool") == pool and not row.status.is_terminal
            for row in world.store.load_tree(workspace, root.name)
        ):
            raise Conflict(
                f"compute `{name}` is needed by job `{root.name}`",
                code="in-use",
                hint=f"wait for it or cancel it: pipeyard job cancel -n {root.name}",
            )
    world.store.delete_compute(workspace, name)
    _note(world, compute, by, "delete", {})
    world.runner.resize(pool, 0)


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


def _node_json(world: World, workspace: str, node: NodeUse) -> dict[str, Any]:
    job = None if node.job_name is None else world.store.load_job(workspace, node.job_name)
    shown: dict[str, Any] = {
        "node_id": node.node_id,
        "node_state": _node_state(node, job),
        "current_job_name": node.job_name,
        "run_id": node.job_name,
        # Not Azure's:
        "root_job_name": node.root_name,
        "step": None if job is None else job.node_id or job.display_name,
    }
    if node.share is not None and node.share.cpus:
        shown["cpus"] = list(node.share.cpus)
    if node.share is not None and node.share.gpus is not None:
        shown["gpus"] = list(node.share.gpus)
    return shown


def _node_state(node: NodeUse, job: JobRecord | None) -> str:
    if node.is_leaving:
        return "leaving"
    if node.job_name is None:
        return "idle"
    return "preparing" if job is not None and job.status is JobStatus.PREPARING else "running"


def _others(world: World, compute: ComputeRecord) -> list[ComputeRecord]:
    """Return the machine's other pools."""
    rows = [row for known in world.assets.list_workspaces() for row in world.store.list_computes(known.name)]
    return [row for row in rows if (row.workspace, row.name) != (compute.workspace, compute.name)]


def _difference(before: ComputeRecord | None, after: ComputeRecord) -> dict[str, Any]:
    if before is None:
        return {}
    one, other = _settings(before), _settings(after)
    names = [name for name in {**one, **other} if one.get(name) != other.get(name)]
    return {name: {"before": one.get(name), "after": other.get(name)} for name in names}


def _settings(compute: ComputeRecord) -> dict[str, Any]:
    return {**compute.spec, "min_instances": compute.min_instances, "max_instances": compute.max_instances}


def _note(world: World, compute: ComputeRecord, by: str, action: str, detail: Mapping[str, Any]) -> None:
    if action == "update" and not detail:
        return
    entry = AuditEntry(compute.workspace, world.clock.now_ms(), by, action, "compute", compute.name, detail=detail)
    world.store.commit(Batch(audit=(entry,)))
