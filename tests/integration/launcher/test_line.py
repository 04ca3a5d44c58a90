"""Orders that wait in the launcher until there is room in their pool."""

from __future__ import annotations

import pytest

from pipeyard.launch.plan import Line

ONE = Line("pool", 1)
UNTIL_TOLD = 'until [ -e "$FLAG" ]; do sleep 0.01; done'


@pytest.fixture
def flag(tmp_path):
    return tmp_path / "flag"


def occupy(bench, flag, attempt="first.1", line=ONE):
    """Start a command that ends when the flag is there."""
    bench.launch(UNTIL_TOLD, attempt, line=line, environment={"FLAG": str(flag)})
    bench.wait(attempt, ("running",))


def test_a_held_order_begins_when_the_one_before_has_ended(bench, flag):
    """Nobody has to say so; and nothing of it exists before."""
    occupy(bench, flag)
    bench.launch("echo two", "second.1", line=ONE)
    bench.launch("echo three", "third.1", line=ONE)
    assert bench.compute.look(["second.1"])["second.1"].state == "starting"
    assert not bench.root("second.1").exists()

    flag.touch()

    ended = [bench.wait(attempt) for attempt in ("first.1", "second.1", "third.1")]
    assert [report.exit_code for report in ended] == [0, 0, 0]
    assert [report.started_at_ms for report in ended] == sorted(report.started_at_ms for report in ended)
    states = [(one.attempt_id, one.state) for one in bench.said]
    assert states.index(("first.1", "exited")) < states.index(("second.1", "running"))


def test_other_pools_and_orders_without_a_line_do_not_wait(bench, flag):
    """A slot belongs to its pool."""
    occupy(bench, flag)

    assert bench.run("true", "other.1", line=Line("another", 1)).exit_code == 0
    assert bench.run("true", "free.1").exit_code == 0
    flag.touch()


def test_the_next_begins_after_a_failure_and_a_refusal_too(bench, flag):
    """Whether what follows is still wanted is the server's to say."""
    occupy(bench, flag)
    bench.launch("exit 3", "second.1", line=ONE)
    bench.launch("true", "third.1", line=ONE, inputs=[("i", "gone", "ro_mount")])
    bench.launch("true", "fourth.1", line=ONE)
    flag.touch()

    assert bench.wait("second.1").exit_code == 3
    assert bench.wait("third.1").state in ("refused", "exited")
    assert bench.wait("fourth.1").exit_code == 0


def test_a_held_order_that_is_stopped_never_begins(bench, flag, tmp_path):
    """The next in line takes its turn."""
    occupy(bench, flag)
    bench.launch(f"touch {tmp_path}/ran", "second.1", line=ONE)
    bench.launch("true", "third.1", line=ONE)

    bench.compute.stop("second.1")
    flag.touch()

    report = bench.wait("second.1")
    assert (report.state, report.code) == ("refused", "stopped")
    assert bench.wait("third.1").exit_code == 0
    assert not (tmp_path / "ran").exists()


def test_one_that_counts_for_more_than_there_is_runs_alone(bench, flag):
    """It waits until nobody runs, and nobody overtakes it."""
    occupy(bench, flag)
    bench.launch(UNTIL_TOLD, "big.1", line=Line("pool", 1, 2), environment={"FLAG": str(flag)})
    bench.launch("true", "last.1", line=ONE)
    flag.touch()

    assert bench.wait("last.1").started_at_ms >= bench.wait("big.1").ended_at_ms


def test_more_slots_let_held_orders_begin(bench, flag):
    """An order that is given once more says how many there are now."""
    occupy(bench, flag)
    bench.launch("true", "second.1", line=ONE)

    bench.launch("true", "second.1", line=Line("pool", 2))

    assert bench.wait("second.1").exit_code == 0
    flag.touch()
    bench.wait("first.1")


def test_held_orders_outlive_their_launcher(bench, flag, tmp_path):
    """The next launcher gets them again, and each runs once."""
    occupy(bench, flag)
    for name in ("second.1", "third.1"):
        bench.launch(f"echo {name} >> {tmp_path}/ran", name, line=ONE)
    bench.compute.look(["third.1"])

    bench.kill_launcher()

    assert bench.wait("first.1").state == "lost"
    assert [bench.wait(name).exit_code for name in ("second.1", "third.1")] == [0, 0]
    assert sorted((tmp_path / "ran").read_text().split()) == ["second.1", "third.1"]
