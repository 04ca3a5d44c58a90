from __future__ import annotations

import pytest

from pipeyard.model.errors import Conflict, NotFound, UserError
from pipeyard.model.instance import Machine, NodeUse, PoolUse, Share
from pipeyard.model.record import ComputeRecord
from pipeyard.model.status import JobStatus
from pipeyard.service import computes


def test_the_articles_line_creates_a_pool(yard):
    """`compute create -n cpu-cluster --type amlcompute --min-instances 0 --max-instances 10`."""
    body = {"type": "AmlCompute", "min_instances": 0, "max_instances": 10, "size": "Standard_DS3_v2"}
    compute, remarks = computes.save_compute(yard.world, "default", "cpu-cluster", body)

    assert (compute.type, compute.max_instances, compute.spec) == ("amlcompute", 10, {"size": "Standard_DS3_v2"})
    assert yard.runner.sizes == {"cpu-cluster": 10}
    assert "this machine has 2 CPUs" in remarks[0]


def test_what_is_not_said_again_stays(yard):
    """A second `create` changes only what it names."""
    computes.save_compute(yard.world, "default", "c", {"max_instances": 2, "size": "Standard_B1s"})
    compute, remarks = computes.save_compute(yard.world, "default", "c", {"max_instances": 1})

    assert (compute.max_instances, compute.spec, remarks) == (1, {"size": "Standard_B1s"}, ())


def test_this_machine_is_always_listed_first(yard):
    """It cannot be changed or deleted."""
    yard.compute("a")

    assert [compute.name for compute in computes.list_computes(yard.world, "default")] == ["local", "a"]
    with pytest.raises(Conflict):
        computes.save_compute(yard.world, "default", "Local", {})
    with pytest.raises(Conflict):
        computes.delete_compute(yard.world, "default", "local")


@pytest.mark.parametrize(
    "body",
    [
        {"type": "kubernetes"},
        {"max_instances": 0},
        {"max_instances": "3"},
        {"max_instances": True},
        {"min_instances": 3, "max_instances": 2},
        {"max_instances": -1},
        [],
    ],
)
def test_a_pool_that_makes_no_sense_is_refused(yard, body):
    """Nothing is created."""
    with pytest.raises(UserError):
        computes.save_compute(yard.world, "default", "c", body)

    assert yard.store.computes == {}


@pytest.mark.parametrize("name", ["", "../x", "a b", "1a", 'a"', "ä", "a\n"])
def test_a_name_is_letters_digits_and_hyphens(yard, name):
    """Names stand in paths and command lines."""
    with pytest.raises(UserError):
        computes.save_compute(yard.world, "default", name, {})


def test_a_pool_that_a_job_needs_is_not_deleted(yard):
    """It is once the job has ended."""
    yard.compute("c")
    yard.job("j", JobStatus.RUNNING, detail={"pool": "c"})

    with pytest.raises(Conflict, match="needed by job `j`"):
        computes.delete_compute(yard.world, "default", "c")
    yard.end("j")
    computes.delete_compute(yard.world, "default", "c")

    assert yard.runner.sizes == {"c": 0}
    with pytest.raises(NotFound):
        computes.show_compute(yard.world, "default", "c")


def test_an_update_is_of_something_that_is_there(yard):
    """Its type stays; what is set to nothing is gone; what is only shown is no setting."""
    yard.compute("c")
    with pytest.raises(NotFound, match="there is no compute `d`"):
        computes.update_compute(yard.world, "default", "d", {"max_instances": 3})
    with pytest.raises(Conflict, match="is of type `amlcompute`"):
        computes.update_compute(yard.world, "default", "c", {"type": "computeinstance"})
    body = {"type": "AmlCompute", "max_instances": 1, "cpus": 1, "slots": 9, "instance": {}, "warnings": []}
    compute, _ = computes.update_compute(yard.world, "default", "c", body)
    again, _ = computes.update_compute(yard.world, "default", "c", {"cpus": None})

    assert (compute.max_instances, compute.spec) == (1, {"cpus": 1})
    assert again.spec == {}


def test_every_change_is_in_the_history(yard):
    """With who made it; a change that changes nothing is none."""
    noted = []
    commit = yard.store.commit
    yard.store.commit = lambda batch: (noted.extend(batch.audit), commit(batch))
    computes.save_compute(yard.world, "default", "c", {"max_instances": 2}, "ann")
    computes.save_compute(yard.world, "default", "c", {"max_instances": 2}, "ann")
    computes.update_compute(yard.world, "default", "c", {"max_instances": 3}, "bob")
    computes.delete_compute(yard.world, "default", "c", "eve")

    assert [(entry.action, entry.by, dict(entry.detail)) for entry in noted] == [
        ("create", "ann", {}),
        ("update", "bob", {"max_instances": {"before": 2, "after": 3}}),
        ("delete", "eve", {}),
    ]


def test_instances_are_shown_with_the_job_that_has_them(yard):
    """In Azure's words; one that goes away with its step is leaving."""
    yard.compute("c")
    yard.job("j", JobStatus.PREPARING)
    yard.job("k", JobStatus.RUNNING)
    yard.runner.uses["c"] = PoolUse(1, 2)
    yard.runner.nodes["c"] = [
        NodeUse("c-0", "j", "j", Share(("c-0",), (1,), ())),
        NodeUse("c-1"),
        NodeUse("c-2", "k", "k", is_leaving=True),
    ]
    nodes = computes.list_nodes(yard.world, "default", "c")

    assert [(node["node_id"], node["node_state"], node["current_job_name"]) for node in nodes] == [
        ("c-0", "preparing", "j"),
        ("c-1", "idle", None),
        ("c-2", "leaving", "k"),
    ]
    assert (nodes[0]["cpus"], nodes[0]["gpus"], "cpus" in nodes[1]) == ([1], [], False)
    facts = computes.compute_facts(yard.world, computes.show_compute(yard.world, "default", "c"))
    assert facts == {"instance": None, "slots": 2, "slots_in_use": 2}


def test_computes_of_two_workspaces_do_not_share_slots(yard):
    """Though they may have the same name."""
    here = ComputeRecord("default", "c", "amlcompute", 0, 1, 1)
    there = ComputeRecord("team", "c", "amlcompute", 0, 1, 1)

    assert [computes.pool_settings(row, Machine())[0] for row in (here, there)] == ["c", "team/c"]
