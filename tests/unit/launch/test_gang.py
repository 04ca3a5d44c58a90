"""What each of several processes finds: one table for each framework."""

from __future__ import annotations

import json

import pytest

from pipeyard.launch.gang import plan_gang
from pipeyard.launch.plan import port_text
from tests.unit.launch.test_prepare import node_of, plan

PORT = [port_text(number) for number in range(5)]
LOG = "azureml://datastores/workspaceartifactstore/paths/ExperimentRun/dcid.job-7/user_logs/"


def gang_of(distribution, instances=1, more="", cpus=(), gpus=()):
    text = f"command: x\nenvironment: local\nresources: {{instance_count: {instances}}}\n{more}"
    return plan_gang(node_of(f"{text}\ndistribution: {distribution}\n"), "job-7", cpus, gpus)


def column(gang, name):
    return [rank.environment.get(name) for rank in gang.ranks]


def test_pytorch_finds_its_rank_and_where_all_meet():
    """As many processes on each instance as asked for; ranks go through one instance after the other."""
    gang = gang_of("{type: PyTorch, process_count_per_instance: 2}", instances=2)

    assert column(gang, "RANK") == ["0", "1", "2", "3"]
    assert column(gang, "LOCAL_RANK") == ["0", "1", "0", "1"]
    assert column(gang, "NODE_RANK") == column(gang, "AZUREML_CR_NODE_RANK") == ["0", "0", "1", "1"]
    assert column(gang, "LOCAL_WORLD_SIZE") == ["2"] * 4
    assert gang.environment == {
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": PORT[0],
        "WORLD_SIZE": "4",
        "AZUREML_NODE_COUNT": "2",
        "AZ_BATCHAI_JOB_MASTER_NODE_IP": "127.0.0.1",
        "AZ_BATCHAI_MPI_MASTER_NODE": "127.0.0.1",
        "AZ_BATCH_MASTER_NODE": f"127.0.0.1:{PORT[0]}",
        "AZ_BATCH_HOST_LIST": "127.0.0.1,127.0.0.1",
    }
    assert (gang.port_count, gang.is_mpi) == (1, False)


def test_tensorflow_finds_its_cluster_and_its_task():
    """`TF_CONFIG` is written as section 10.2 has it; every task has a port of its own."""
    gang = gang_of("{type: tensorflow, parameter_server_count: 1}", instances=2)
    first = column(gang, "TF_CONFIG")[0]
    for number, mark in enumerate(PORT):
        first = first.replace(mark, str(2220 + number))

    assert first == (
        '{"cluster": {"worker": ["127.0.0.1:2221", "127.0.0.1:2222"], "ps": ["127.0.0.1:2223"]}, '
        '"task": {"type": "worker", "index": 0}, "environment": "cloud"}'
    )
    assert [json.loads(text)["task"] for text in column(gang, "TF_CONFIG")[1:]] == [
        {"type": "worker", "index": 1},
        {"type": "ps", "index": 0},
    ]
    assert [rank.name for rank in gang.ranks] == [
        "rank 0 (worker 0)",
        "rank 1 (worker 1)",
        "rank 2 (parameter server 0)",
    ]
    assert [rank.is_server for rank in gang.ranks] == [False, False, True]
    assert column(gang, "NODE_RANK") == ["0", "1", "0"]
    assert gang.port_count == 4


def test_workers_without_parameter_servers_are_all_of_a_cluster():
    """There is no empty list of servers; more workers than instances are spread over them in order."""
    gang = gang_of("{type: tensorflow, worker_count: 4}", instances=2)

    assert [*json.loads(column(gang, "TF_CONFIG")[0])["cluster"]] == ["worker"]
    assert column(gang, "NODE_RANK") == ["0", "0", "1", "1"]
    assert column(gang, "LOCAL_RANK") == ["0", "1", "0", "1"]


def test_mpi_is_told_which_instance_a_process_stands_for():
    """`mpirun` gives ranks and sizes; what it cannot know is where one instance ends and the next begins."""
    gang = gang_of("{type: mpi, process_count_per_instance: 2}", instances=2)

    assert gang.is_mpi
    assert column(gang, "OMPI_COMM_WORLD_LOCAL_RANK") == ["0", "1", "0", "1"]
    assert column(gang, "OMPI_COMM_WORLD_LOCAL_SIZE") == ["2"] * 4
    assert column(gang, "OMPI_COMM_WORLD_RANK") == [None] * 4


def test_each_instance_has_its_part_of_cpus_and_gpus():
    """Where there are fewer than instances, they take turns."""
    two = "{type: pytorch, process_count_per_instance: 2}"
    plenty = gang_of(two, instances=2, cpus=(0, 1, 4, 5), gpus=("0", "1", "2", "3"))
    scarce = gang_of("{type: pytorch}", instances=3, cpus=(0, 1), gpus=("7",))

    assert [rank.cpus for rank in plenty.ranks] == [(0, 1), (0, 1), (4, 5), (4, 5)]
    assert column(plenty, "CUDA_VISIBLE_DEVICES") == ["0,1", "0,1", "2,3", "2,3"]
    assert column(plenty, "AZ_BATCHAI_GPU_COUNT") == ["2"] * 4
    assert [rank.cpus for rank in scarce.ranks] == [(0,), (1,), (0,)]
    assert column(scarce, "CUDA_VISIBLE_DEVICES") == ["7"] * 3


def test_what_a_person_sets_wins():
    """As over all of Azure's own variables, but for the run ids."""
    gang = gang_of("{type: pytorch}", instances=2, more="environment_variables: {MASTER_PORT: '29500', RANK: mine}")

    assert "MASTER_PORT" not in gang.environment
    assert column(gang, "RANK") == [None, None]


@pytest.mark.parametrize(("count", "name"), [(1, "std_log.txt"), (3, "std_log_process_0.txt")])
def test_several_processes_have_a_log_each(count, name):
    """Named as in section 10.3, without noughts before the number; one process alone has the usual log."""
    text = f"command: x\nenvironment: local\ndistribution: {{type: pytorch, process_count_per_instance: {count}}}"
    found = plan(text)

    assert found.log_uri == LOG + name
    assert len({rank.log_uri for rank in found.gang.ranks}) == count


def test_a_plain_command_is_no_gang():
    """Nothing of all this is to be seen where nobody asks for it; several instances alone run it once."""
    assert plan("command: x\nenvironment: local\nresources: {instance_count: 2}").gang is None


@pytest.mark.parametrize(
    ("instances", "machine", "seen"),
    [(2, ("0", "1"), ["0", "1"]), (1, ("0", "1"), [None])],
    ids=["several", "one"],
)
def test_instances_that_say_nothing_of_gpus_divide_those_of_the_machine(instances, machine, seen):
    """Two processes with the local rank 0 would otherwise both take the first."""
    text = (
        f"command: x\nenvironment: local\nresources: {{instance_count: {instances}}}\ndistribution: {{type: pytorch}}"
    )

    assert column(plan(text, gpus=machine).gang, "CUDA_VISIBLE_DEVICES") == seen
