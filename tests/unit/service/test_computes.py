from __future__ import annotations

import pytest

from pipeyard.model.errors import Conflict, NotFound, UserError
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
    computes.save_compute(yard.world, "default", "c", {"max_instances": 2, "size": "s"})
    compute, remarks = computes.save_compute(yard.world, "default", "c", {"max_instances": 1})

    assert (compute.max_instances, compute.spec, remarks) == (1, {"size": "s"}, ())


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
