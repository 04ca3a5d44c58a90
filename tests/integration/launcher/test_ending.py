"""
How commands end, and that nothing of them stays.
"""

from __future__ import annotations

import os
import signal

import pytest

# Prints its own number and stays.
STAY = "echo $BASHPID; exec sleep 300"


def _first_number(bench, eventually, attempt="step.1"):
    text = eventually(lambda: [line for line in bench.log(attempt).splitlines() if line.isdigit()])
    return int(text[0])


@pytest.mark.parametrize("name", ["SIGKILL", "SIGSEGV", "SIGTERM", "SIGUSR1"])
def test_the_signal_that_ended_a_command_is_named(bench, name):
    """A step killed from outside is told apart from one that failed."""
    number = int(getattr(signal, name))

    ended = bench.run(f"kill -{number} $$")

    assert (ended.state, ended.exit_code, ended.signal) == ("exited", None, name)


def test_the_record_on_disk_says_what_was_reported(bench):
    """The launcher's record is the truth: it is there before the report is."""
    ended = bench.run("exit 9")

    record = bench.record()
    assert (record["state"], record["exit_code"], record["ended_at_ms"]) == ("exited", 9, ended.ended_at_ms)


def test_no_command_runs_without_a_record(bench):
    """A command finds its own record already written; by the time of its end the record has its number."""
    report = bench.run("cat ../record.json; echo; echo $$")

    assert '"attempt_id":"step.1"' in bench.log()
    assert report.state == "exited"
    assert bench.record()["pid"] == int(bench.log().split()[-1])


def test_background_children_end_with_their_command(bench, eventually, is_alive):
    """A step that leaves something running in its group leaves nothing."""
    command = f"({STAY}) & while ! grep -q '[0-9]' {bench.store}/logs/step.1.txt; do :; done; exit 0"

    assert bench.run(command).exit_code == 0

    assert not is_alive(_first_number(bench, eventually))


@pytest.mark.parametrize(
    "daemon",
    [
        f"setsid bash -c '{STAY}' &",
        f"setsid bash -c '(setsid bash -c \"{STAY}\" &); exit' &",
        f"env -i /usr/bin/setsid /bin/bash -c '{STAY}' &",
        f"set -m; bash -c '{STAY}' & disown",
    ],
    ids=["session", "twice", "no-environment", "group"],
)
def test_a_daemon_that_left_the_group_ends_with_its_command(bench, eventually, is_alive, daemon):
    """No orphan stays, however it tried to escape."""
    daemon = daemon.replace("$BASHPID", "\\$BASHPID") if "twice" in daemon else daemon
    command = f"{daemon}\nwhile ! grep -q '[0-9]' {bench.store}/logs/step.1.txt; do :; done; exit 0"

    assert bench.run(command).exit_code == 0

    assert not is_alive(_first_number(bench, eventually))


def test_a_daemon_of_one_step_leaves_another_step_alone(bench, is_alive):
    """Ending one step's orphans never touches a step that still runs, nor its orphans."""
    bench.launch("(env -i setsid sleep 300 &); echo ready; sleep 300", "long.1")
    bench.wait("long.1", ("running",))

    assert bench.run("(setsid sleep 300 &); exit 0", "short.1").exit_code == 0

    assert bench.compute.look(["long.1"])["long.1"].state == "running"
    bench.compute.stop("long.1")
    assert bench.wait("long.1").signal == "SIGTERM"


def test_a_stop_lets_a_child_finish_in_the_grace_time(bench, eventually):
    """The program behind the shell can save its work, though the shell itself ends at once."""
    child = "bash -c 'trap \"echo saved > ../outputs/o/state; exit 0\" TERM; echo ready; while :; do sleep 0.05; done'"
    bench.launch(f"{child} & wait; true")
    eventually(lambda: "ready" in bench.log())

    bench.compute.stop("step.1")

    bench.wait()
    assert (bench.root() / "outputs/o/state").read_text() == "saved\n"


def test_a_stop_kills_what_ignores_it(bench, eventually, is_alive):
    """After the grace time nothing is left, also of children that ignore SIGTERM."""
    bench.launch(f"trap '' TERM; (trap '' TERM; {STAY}) & wait; sleep 300", grace_seconds=0.2)
    child = _first_number(bench, eventually)

    bench.compute.stop("step.1")

    assert bench.wait().signal == "SIGKILL"
    assert not is_alive(child)


def test_a_frozen_command_can_be_stopped(bench, eventually):
    """A step that sent itself SIGSTOP still hears SIGTERM."""
    bench.launch("echo ready; kill -STOP $$; sleep 300")
    eventually(lambda: "ready" in bench.log())

    bench.compute.stop("step.1")

    assert bench.wait().signal == "SIGTERM"


def test_a_stop_during_the_preparations_refuses_the_attempt(bench, eventually):
    """A step canceled while its code is copied never begins."""
    os.mkfifo(bench.store / "block")  # Opening a log that nobody reads waits for ever.
    bench.launch("touch ../outputs/o/ran", log_uri="azureml://datastores/store/paths/block")
    eventually((bench.root() / "outputs/o").exists)

    bench.compute.stop("step.1")

    ended = bench.wait()
    assert (ended.state, ended.code) == ("refused", "stopped")
    assert not (bench.root() / "outputs/o/ran").exists()


def test_a_time_limit_is_held_against_a_command_that_ignores_sigterm(bench):
    """A timeout ends in SIGKILL if it must."""
    # Long enough for the shell to have begun to ignore it.
    ended = bench.run("trap '' TERM; while :; do sleep 1; done", timeout_seconds=2, grace_seconds=0.2)

    assert (ended.signal, ended.timed_out) == ("SIGKILL", True)
    assert ended.duration_seconds >= 2.2


def test_a_command_that_ends_in_time_is_not_timed_out(bench):
    """A limit that was not reached leaves no trace."""
    ended = bench.run("true", timeout_seconds=60)

    assert (ended.exit_code, ended.timed_out) == (0, False)


def test_read_only_folders_and_links_are_forgotten_without_harm(bench):
    """Removing a staging folder copes with what a command left, and never follows a link."""
    (bench.store / "precious").mkdir()
    (bench.store / "precious/f").write_text("kept")
    bench.run(f"mkdir -p ro/in; touch ro/in/f; chmod 500 ro/in ro; ln -s {bench.store}/precious link")

    bench.compute.forget("step.1")

    assert not bench.root().exists()
    assert (bench.store / "precious/f").read_text() == "kept"


def test_two_hundred_commands_at_once_all_end_well(bench, is_alive):
    """A wide graph is no trouble: each report is the right one."""
    for number in range(200):
        bench.launch(f"sleep 0.2; exit {number}", f"s{number}.1")

    assert [bench.wait(f"s{number}.1").exit_code for number in range(200)] == list(range(200))
