"""What the instances of a compute have, and whether the machine has as much."""

from __future__ import annotations

import pytest

from pipeyard.model.errors import UserError
from pipeyard.model.instance import Instance, Machine
from pipeyard.model.record import ComputeRecord
from pipeyard.service.capacity import check_keys, instance_json, instance_of, remarks_on
from pipeyard.service.sizes import azure_sizes, find_size, near_size

MACHINE = Machine(cpus=(0, 1, 2, 3), memory_gib=16, gpus=("0", "1"))


def pool(name="c", max_instances=1, **spec):
    return ComputeRecord("default", name, "amlcompute", 0, max_instances, 1, spec)


def remarks(compute, *others, machine=MACHINE):
    return remarks_on(compute, others, machine, len(machine.cpus))


def test_the_article_names_a_size_that_is_known():
    """`Standard_DS3_v2` has 4 CPUs and 14 GiB; the case of its letters does not matter."""
    assert find_size(" standard_ds3_V2").instance == Instance(4, 14, 0)
    assert find_size("Standard_NC24s_v3").instance == Instance(24, 448, 4)
    assert find_size("Standard_NC24s_v3").gpu == "V100"
    assert find_size("Standard_X") is None
    assert near_size("Standard_DS3v2") == "Standard_DS3_v2"


def test_every_size_makes_sense():
    """Each has a CPU, between half a GiB and 64 for each, and a kind of GPU exactly when it has one."""
    odd = [
        size.name
        for size in azure_sizes().values()
        if not size.instance.cpus
        or not 0.5 <= size.instance.memory_gib / size.instance.cpus <= 64
        or bool(size.instance.gpus) is not (size.gpu is not None)
    ]

    assert odd == []
    assert len(azure_sizes()) > 200


def test_our_own_keys_win_over_a_size():
    """One by one; without either only slots count."""
    assert instance_of(pool()) == Instance()
    assert instance_json(instance_of(pool())) is None
    assert instance_of(pool(size="Standard_DS3_v2", memory="2GB", gpus=1)) == Instance(4, 2, 1)
    assert instance_of(pool(size="odd", cpus=2)) == Instance(2)


@pytest.mark.parametrize(
    "settings", [{"cpus": 0}, {"cpus": "2"}, {"cpus": 1.5}, {"cpus": True}, {"gpus": -1}, {"memory": "much"}]
)
def test_an_amount_that_no_instance_has_is_refused(settings):
    """Before anything is stored."""
    with pytest.raises(UserError):
        check_keys(settings)


@pytest.mark.parametrize(
    ("compute", "others", "said"),
    [
        (pool(max_instances=4), (), ()),
        (
            pool(max_instances=10),
            (),
            ("`max_instances` is 10, this machine has 4 CPUs: steps at once will share them",),
        ),
        (pool(cpus=2, max_instances=2, memory=4), (pool("d", max_instances=9),), ()),
        (
            pool(cpus=2, max_instances=3),
            (),
            ("3 instances with 2 CPUs each make 6 CPUs, this machine has 4 CPUs: steps at once will share them",),
        ),
        (
            pool(cpus=2, max_instances=2),
            (pool("d", cpus=1),),
            ("`c`, `d` together have 5 CPUs, this machine has 4 CPUs: steps at once will share them",),
        ),
        (
            pool(memory=32),
            (),
            (
                "an instance has 32 GiB of memory, this machine has 16 GiB of memory: nothing keeps steps from using it up",
            ),
        ),
        (pool(gpus=1, max_instances=2), (), ()),
        (
            pool(gpus=1, max_instances=3),
            (),
            ("3 instances with 1 GPU each, this machine has 2 GPUs: 2 of them may be in use at once",),
        ),
        (pool(gpus=4), (), ("an instance has 4 GPUs, this machine has 2 GPUs: a step gets what there is",)),
        (
            pool(gpus=2),
            (pool("d", gpus=1),),
            ("`c`, `d` together have 3 GPUs, this machine has 2 GPUs: steps of different computes may share one",),
        ),
        (
            pool(size="Standard_DS3v2"),
            (),
            (
                (
                    "the size `Standard_DS3v2` is not in Pipeyard's table, so only slots count: did you mean "
                    "`Standard_DS3_v2`? the keys `cpus`, `memory` and `gpus` say what an instance has"
                ),
            ),
        ),
    ],
)
def test_a_pool_that_exceeds_the_machine_is_said_when_it_is_made(compute, others, said):
    """By itself, or together with the others."""
    assert remarks(compute, *others) == said


def test_gpus_on_a_machine_without_any_are_said():
    """Steps run all the same."""
    said = remarks(pool(gpus=1), machine=Machine(cpus=(0,)))

    assert said == ("an instance has 1 GPU, this machine has none: steps run without",)
