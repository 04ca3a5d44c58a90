"""
The processes that share one step's work, and what each of them finds (sections 10.1 and 10.2).

In:       a node with a `distribution`; the CPUs and GPUs that its instances have together.
Out:      a `PlannedGang`: one rank for each process.
Not here: starting them (`compute/local/gang.py`), what every command finds (`contract.py`).

Every rank has the variables of every framework: they contradict each other nowhere, and
a script that asks for others than its type's finds true answers. All instances are
this machine, so that there is one address, and each of them has a part of its CPUs and GPUs.

Invariant: rank 0 is on the first instance, is a worker, and has the log that is shown first.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TypeVar

from pipeyard.graph.model import Node
from pipeyard.launch.plan import PlannedGang, PlannedRank, port_text
from pipeyard.model.component import Distribution
from pipeyard.model.record import user_log
from pipeyard.model.value import dataclass

ADDRESS = "127.0.0.1"
MPI = "mpi"
_TENSORFLOW = "tensorflow"
_WORKER, _SERVER = "worker", "ps"
_SPOKEN = {_WORKER: "worker", _SERVER: "parameter server"}

_Part = TypeVar("_Part")


@dataclass(frozen=True, slots=True)
class _Member:
    """A rank's place: on which instance, as the how many-th there; of TensorFlow its task too."""

    instance: int
    local: int
    task: str = ""
    index: int = 0


def plan_gang(node: Node, job_name: str, cpus: Sequence[int], gpus: Sequence[str]) -> PlannedGang | None:
    """Return who works together on a node; None: its command is one process."""
    distribution = node.distribution
    if distribution is None or node.driver is not None:
        return None
    members = list(_members(distribution, node.instance_count))
    own = node.environment_variables.keys()
    ranks = tuple(
        PlannedRank(
            name=f"rank {rank}" if not member.task else f"rank {rank} ({_SPOKEN[member.task]} {member.index})",
            # One process alone is no rank of anything, and its log is called as always.
            log_uri=str(user_log(job_name, rank=rank if len(members) > 1 else None)),
            environment=_without(own, _of_rank(rank, member, members, node, _part(gpus, member.instance, node))),
            cpus=_part(cpus, member.instance, node),
            is_server=member.task == _SERVER,
        )
        for rank, member in enumerate(members)
    )
    return PlannedGang(
        ranks=ranks,
        environment=_without(own, _of_all(node, len(members))),
        # The first is everybody's meeting point; each task of TensorFlow listens at one of its own.
        port_count=1 + (len(members) if distribution.type == _TENSORFLOW else 0),
        is_mpi=distribution.type == MPI,
    )


def _members(distribution: Distribution, instances: int) -> Iterator[_Member]:
    """Yield the ranks in their order."""
    if distribution.type != _TENSORFLOW:
        count = distribution.settings["process_count_per_instance"]
        yield from (_Member(instance, local) for instance in range(instances) for local in range(count))
        return
    there: Counter[int] = Counter()
    for task, name in ((_WORKER, "worker_count"), (_SERVER, "parameter_server_count")):
        count = distribution.settings[name]
        for index in range(count):
            instance = index * instances // count
            yield _Member(instance, there[instance], task, index)
            there[instance] += 1


def _of_all(node: Node, count: int) -> dict[str, str]:
    meeting = port_text(0)
    return {
        "MASTER_ADDR": ADDRESS,
        "MASTER_PORT": meeting,
        "WORLD_SIZE": str(count),
        "AZUREML_NODE_COUNT": str(node.instance_count),
        "AZ_BATCHAI_JOB_MASTER_NODE_IP": ADDRESS,
        "AZ_BATCHAI_MPI_MASTER_NODE": ADDRESS,
        "AZ_BATCH_MASTER_NODE": f"{ADDRESS}:{meeting}",
        "AZ_BATCH_HOST_LIST": ",".join([ADDRESS] * node.instance_count),
    }


def _of_rank(rank: int, member: _Member, members: Sequence[_Member], node: Node, gpus: Sequence[str]) -> dict[str, str]:
    beside = sum(1 for other in members if other.instance == member.instance)
    variables = {
        "RANK": str(rank),
        "LOCAL_RANK": str(member.local),
        "NODE_RANK": str(member.instance),
        "LOCAL_WORLD_SIZE": str(beside),
        "AZUREML_CR_NODE_RANK": str(member.instance),
    }
    if gpus:
        variables |= {"CUDA_VISIBLE_DEVICES": ",".join(gpus), "AZ_BATCHAI_GPU_COUNT": str(len(gpus))}
    if member.task:
        variables["TF_CONFIG"] = _tf_config(member, members)
    if node.distribution is not None and node.distribution.type == MPI:
        # `mpirun` sees one machine; a script that chooses its GPU by these means the instance.
        variables |= {
            "OMPI_COMM_WORLD_LOCAL_RANK": str(member.local),
            "OMPI_COMM_WORLD_LOCAL_SIZE": str(beside),
            "OMPI_COMM_WORLD_NODE_RANK": str(member.local),
        }
    return variables


def _tf_config(member: _Member, members: Sequence[_Member]) -> str:
    """Return what TensorFlow reads of its cluster, to the letter of section 10.2."""
    cluster: dict[str, list[str]] = {}
    for rank, other in enumerate(members):
        cluster.setdefault(other.task, []).append(f"{ADDRESS}:{port_text(1 + rank)}")
    task = {"type": member.task, "index": member.index}
    return json.dumps({"cluster": cluster, "task": task, "environment": "cloud"})


def _part(things: Sequence[_Part], instance: int, node: Node) -> tuple[_Part, ...]:
    """Return what one instance has of things that all have together; one of them where there are fewer than instances."""
    if not things:
        return ()
    size = len(things) // node.instance_count
    if size == 0:
        return (things[instance % len(things)],)
    return tuple(things[instance * size : (instance + 1) * size])


def _without(own: Collection[str], variables: Mapping[str, str]) -> dict[str, str]:
    # What a person has set wins, as over all of Azure's own (section 10.1).
    return {name: value for name, value in variables.items() if name not in own}
