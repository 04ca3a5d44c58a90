"""Which instance, CPUs and GPUs each attempt has."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from pipeyard.engine.report import AttemptKey
from pipeyard.engine.shares import Shares, share_json, share_of
from pipeyard.model.instance import Instance, Machine, Share, slots_of

MACHINE = Machine(cpus=(0, 1, 2, 3), memory_gib=16, gpus=("0", "1"))


def key(name, pool="p", attempt=1):
    return AttemptKey("job", name, attempt, pool, f"{name}-job")


@pytest.fixture
def shares():
    """A pool of three instances with one CPU and one GPU each."""
    found = Shares(MACHINE)
    found.size("p", 3, Instance(cpus=1, gpus=1))
    return found


def test_what_is_ordered_ahead_gets_its_instance_when_it_begins(shares):
    """Whichever is free then; where instances differ by their CPUs, it cannot be left open."""
    shares.size("p", 1, Instance())
    shares.take(key("a"), 1)
    ahead = shares.take(key("b"), 1)
    assert ahead.nodes == ()
    assert [node.node_id for node in shares.nodes_of("p")] == ["p-0"]

    shares.give_back(key("a"))

    assert shares.settle(key("b"), 1).nodes == ("p-0",)
    assert shares.settle(key("b"), 1) is None
    assert [(node.node_id, node.job_name) for node in shares.nodes_of("p")] == [("p-0", "b-job")]
    assert shares.counts_only("p")
    shares.size("p", 1, Instance(cpus=1))
    assert not shares.counts_only("p")


def test_each_attempt_has_an_instance_of_its_own(shares):
    """The lowest free number, so that instances keep their names while they are used again."""
    first, second = shares.take(key("a"), 1), shares.take(key("b"), 1)
    shares.give_back(key("a"))
    third = shares.take(key("c"), 2)

    assert [first.nodes, second.nodes, third.nodes] == [("p-0",), ("p-1",), ("p-0", "p-2")]
    assert [(node.node_id, node.job_name) for node in shares.nodes_of("p")] == [
        ("p-0", "c-job"),
        ("p-1", "b-job"),
        ("p-2", "c-job"),
    ]


def test_several_instances_of_one_step_have_all_cpus_by_name(shares):
    """Its processes divide them; one instance with all of them is bound to none."""
    shares.size("all", 2, Instance(cpus=2))
    shares.size("one", 1, Instance(cpus=4))

    assert shares.take(key("a", pool="all"), 2).cpus == (0, 1, 2, 3)
    assert shares.take(key("b", pool="one"), 1).cpus == ()


def test_cpus_and_gpus_that_are_used_least_come_first(shares):
    """Also across pools."""
    shares.size("q", 1, Instance(cpus=2, gpus=1))
    a, b, c = shares.take(key("a"), 1), shares.take(key("b", "q"), 1), shares.take(key("c"), 1)

    assert [a.cpus, b.cpus, c.cpus] == [(0,), (1, 2), (3,)]
    assert [a.gpus, b.gpus, c.gpus] == [("0",), ("1",), ("0",)]


def test_an_instance_as_large_as_the_machine_is_bound_to_nothing(shares):
    """All CPUs are no limit; GPUs that are not there cannot be given."""
    shares.size("big", 1, Instance(cpus=64, gpus=8))

    assert shares.take(key("a", "big"), 1) == Share(("big-0",), (), ("0", "1"))


def test_where_nothing_is_said_nothing_is_bound(shares):
    """Only slots count."""
    shares.size("plain", 2, Instance())
    shares.size("no-gpu", 2, Instance(gpus=0))

    assert shares.take(key("a", "plain"), 1) == Share(("plain-0",))
    assert shares.take(key("b", "no-gpu"), 1) == Share(("no-gpu-0",), (), ())


def test_a_machine_without_gpus_leaves_that_variable_alone():
    """There is nothing to hide."""
    shares = Shares(Machine(cpus=(0,)))
    shares.size("p", 1, Instance(gpus=2))

    assert shares.take(key("a"), 1).gpus is None


def test_a_pool_that_shrinks_keeps_what_runs(shares):
    """The instance is leaving, and gone with its attempt."""
    for name in "abc":
        shares.take(key(name), 1)
    shares.size("p", 1, Instance())

    assert [(node.node_id, node.is_leaving) for node in shares.nodes_of("p")] == [
        ("p-0", False),
        ("p-1", True),
        ("p-2", True),
    ]
    shares.give_back(key("b"))
    shares.give_back(key("b"))
    assert [node.node_id for node in shares.nodes_of("p")] == ["p-0", "p-2"]


def test_a_restarted_engine_knows_who_has_what(shares):
    """What is kept in a record is enough."""
    share = shares.take(key("a"), 1)
    again = Shares(MACHINE)
    again.size("p", 3, Instance(cpus=1, gpus=1))
    again.take_again(key("a"), share_of(share_json(share)), 1)
    again.take_again(key("old"), share_of(None), 2)

    assert again.of(key("a")) == share
    assert [node.job_name for node in again.nodes_of("p")] == ["a-job", "old-job", "old-job"]
    assert again.take(key("b"), 1).cpus == (1,)


def test_the_name_of_a_pool_may_hold_anything(shares):
    """Also what looks like a number; the workspace is no part of an instance's name."""
    shares.size("team/gpu-2", 1, Instance())

    assert shares.take(key("a", "team/gpu-2"), 1).nodes == ("gpu-2-0",)


@pytest.mark.parametrize(
    ("instances", "gpus", "slots"), [(4, None, 4), (4, 0, 4), (4, 1, 2), (1, 1, 1), (4, 2, 1), (4, 9, 1)]
)
def test_gpus_limit_how_many_run_at_once(instances, gpus, slots):
    """No two steps of a pool share one."""
    assert slots_of(instances, Instance(gpus=gpus), MACHINE) == slots
    assert slots_of(instances, Instance(gpus=gpus), Machine()) == instances


@given(some.lists(some.tuples(some.sampled_from("abcdef"), some.integers(1, 3), some.booleans()), max_size=40))
def test_what_is_given_back_is_free_again(steps):
    """After any order of taking and giving back nothing is lost and nothing is had twice."""
    shares = Shares(MACHINE)
    shares.size("p", 18, Instance(cpus=1, gpus=1))
    held = {}
    for name, instances, takes in steps:
        if takes and name not in held:
            held[name] = shares.take(key(name), instances)
        elif not takes:
            shares.give_back(key(name))
            held.pop(name, None)
    taken = [node.node_id for node in shares.nodes_of("p") if node.job_name]
    assert sorted(taken) == sorted(node for share in held.values() for node in share.nodes)

    for name in list(held):
        shares.give_back(key(name))
    assert shares.take(key("last"), 1) == Share(("p-0",), (0,), ("0",))
