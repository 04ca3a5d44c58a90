"""
The launcher outlives servers; the next one cleans up after one that died.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import pipeyard.launcher
from pipeyard.launcher.place import LauncherPlace, connect, take_lock

MAIN = Path(pipeyard.launcher.__file__).parent / "__main__.py"
START = [sys.executable, "-I", "-S", "-X", "utf8", str(MAIN)]


def test_a_server_that_goes_leaves_its_steps_alone(bench, eventually, tmp_path):
    """A killed server harms no step; the next one finds it running and hears how it ends."""
    go_on = tmp_path / "go on"
    bench.launch(f"while ! test -e '{go_on}'; do sleep 0.01; done; exit 5")
    bench.wait("step.1", ("running",))
    launcher = bench.launcher_pid()
    bench.compute.close()

    bench.compute = bench.new_compute()
    assert bench.compute.look(["step.1"])["step.1"].state == "running"
    go_on.touch()

    assert bench.wait().exit_code == 5
    assert bench.launcher_pid() == launcher


def test_an_end_that_no_server_heard_is_found_by_the_next(bench, eventually):
    """What happened while nobody listened is on record."""
    bench.launch("exit 6")
    bench.compute.close()
    # The order was sent; whether the launcher has read it yet is its own business.
    eventually(lambda: (bench.root() / "record.json").exists() and bench.record()["state"] == "exited")

    bench.compute = bench.new_compute()

    assert bench.compute.look(["step.1"])["step.1"].exit_code == 6


def test_an_order_that_a_dying_launcher_never_read_is_given_to_the_next(bench):
    """Nobody waits for a launcher's answer, and yet no order is lost with it."""
    bench.compute.open()
    os.kill(bench.launcher_pid(), signal.SIGSTOP)
    bench.launch("exit 3")

    bench.kill_launcher()

    assert bench.wait().exit_code == 3


def test_several_servers_hear_every_report(bench, make_bench):
    """Each connected server is told."""
    other = make_bench(bench.home)
    other.compute.open()

    bench.run("exit 7")

    assert other.wait().exit_code == 7


def test_a_killed_launcher_is_replaced_and_its_steps_are_stopped_and_lost(bench, eventually, is_alive):
    """Nothing runs unwatched: the next launcher ends it, also what fled its session, and says so."""
    command = "(setsid bash -c 'echo $BASHPID; trap \"\" TERM; while :; do sleep 1; done' &); echo $$; sleep 300"
    bench.launch(command, grace_seconds=0.3)
    pids = eventually(lambda: len(bench.log().split()) == 2 and [int(text) for text in bench.log().split()])
    first = bench.launcher_pid()

    bench.kill_launcher()

    # The server notices by itself: nobody has to ask.
    lost = bench.wait()
    assert (lost.state, lost.code) == ("lost", "launcher-lost")
    assert [pid for pid in pids if is_alive(pid)] == []
    assert bench.record()["state"] == "lost"
    assert bench.launcher_pid() != first


def test_a_step_that_ended_while_no_launcher_was_there_is_lost(bench, eventually, is_alive):
    """Nobody saw its exit code, so nobody may make one up."""
    bench.launch("echo $$; sleep 300")
    pid = int(eventually(bench.log))
    bench.compute.close()
    bench.kill_launcher()
    os.kill(pid, signal.SIGKILL)
    eventually(lambda: not is_alive(pid))

    bench.compute = bench.new_compute()
    bench.compute.open()

    eventually(lambda: bench.compute.look(["step.1"])["step.1"].state == "lost")


def test_an_attempt_from_before_a_reboot_is_lost_and_nobody_is_signalled(bench, eventually, is_alive):
    """After a restart of the machine the same number is somebody else's."""
    bench.run("true")
    bench.compute.close()
    bench.kill_launcher()
    bystander = subprocess.Popen(["sleep", "300"])
    record = bench.record() | {"state": "running", "boot_id": "another", "pid": bystander.pid}
    (bench.root() / "record.json").write_text(json.dumps(record))

    bench.compute = bench.new_compute()
    report = eventually(lambda: (found := bench.compute.look(["step.1"])["step.1"]).state == "lost" and found)

    assert "restarted" in report.reason
    assert is_alive(bystander.pid)
    bystander.kill()
    bystander.wait(60)


def test_a_number_that_was_given_anew_is_not_signalled(bench, eventually, is_alive):
    """The start time proves that a process is the one on record."""
    bench.run("true")
    bench.compute.close()
    bench.kill_launcher()
    bystander = subprocess.Popen(["sleep", "300"], start_new_session=True)
    record = bench.record() | {"state": "starting", "pid": bystander.pid, "process_start": 1}
    (bench.root() / "record.json").write_text(json.dumps(record))

    bench.compute = bench.new_compute()
    eventually(lambda: bench.compute.look(["step.1"])["step.1"].state == "lost")

    assert is_alive(bystander.pid)
    bystander.kill()
    bystander.wait(60)


def test_a_launcher_told_to_end_stops_its_steps_and_records_them(bench):
    """SIGTERM, as at the shutdown of a machine, leaves a record of every step."""
    bench.launch("sleep 300")
    bench.wait("step.1", ("running",))
    bench.compute.close()

    bench.kill_launcher(signal.SIGTERM)

    assert (bench.record()["state"], bench.record()["code"]) == ("lost", "launcher-ended")


def test_the_records_are_read_when_no_launcher_can_be_had(bench, monkeypatch, eventually):
    """A machine where the launcher cannot start still tells what is known."""
    bench.run("exit 8", "ended.1")
    bench.launch("sleep 300", "running.1")
    bench.wait("running.1", ("running",))
    bench.compute.close()
    pid = bench.record("running.1")["pid"]
    bench.kill_launcher()
    bench.compute = bench.new_compute()
    bench.compute._python = "/nowhere/python"

    seen = bench.compute.look(["ended.1", "running.1", "never.1"])
    os.kill(pid, signal.SIGKILL)
    after = eventually(lambda: (found := bench.compute.look(["running.1"])["running.1"]).state == "lost" and found)

    assert {name: report.state for name, report in seen.items()} == {
        "ended.1": "exited",
        "running.1": "running",
        "never.1": "unknown",
    }
    assert seen["ended.1"].exit_code == 8
    assert "no launcher was there" in after.reason
    assert bench.compute.describe()["error"].startswith("the launcher could not be started")


def test_one_launcher_serves_a_home(bench):
    """A second one leaves at once, with its own exit code."""
    bench.compute.open()
    first = bench.launcher_pid()

    assert subprocess.run([*START, str(bench.home)], check=False).returncode == 3
    assert bench.launcher_pid() == first
    assert bench.run("true").exit_code == 0


def test_many_starts_at_once_make_one_launcher(tmp_path):
    """Servers that start together end up with the same launcher."""
    home = tmp_path / "home"
    started = [subprocess.Popen([*START, str(home)]) for _ in range(5)]
    codes = sorted(one.wait(60) for one in started)
    description = json.loads((home / "launcher/launcher.json").read_text())
    os.kill(description["pid"], signal.SIGTERM)

    assert codes == [0, 3, 3, 3, 3]


def test_no_step_holds_the_lock_of_a_dead_launcher(bench, eventually):
    """A running step does not keep the next launcher out."""
    bench.launch("sleep 300")
    bench.wait("step.1", ("running",))
    bench.compute.close()
    bench.kill_launcher()

    lock = take_lock(LauncherPlace(str(bench.home)))

    assert lock is not None
    os.close(lock)


def test_an_idle_launcher_of_another_version_makes_room(bench, monkeypatch):
    """After an upgrade the next server brings its own launcher."""
    monkeypatch.setattr("pipeyard.compute.local.start.code_digest", lambda: "older")
    bench.compute.open()
    older = bench.launcher_pid()
    bench.compute.close()
    monkeypatch.undo()

    bench.compute = bench.new_compute()

    assert bench.run("true").exit_code == 0
    assert bench.launcher_pid() != older
    assert bench.compute.describe()["launcher"]["is_current"]


def test_a_busy_launcher_of_another_version_is_used_on(bench, monkeypatch):
    """An upgrade never stops a running step."""
    monkeypatch.setattr("pipeyard.compute.local.start.code_digest", lambda: "older")
    bench.launch("sleep 300", "long.1")
    bench.wait("long.1", ("running",))
    older = bench.launcher_pid()
    bench.compute.close()
    monkeypatch.undo()

    bench.compute = bench.new_compute()

    assert bench.run("true", "short.1").exit_code == 0
    assert bench.launcher_pid() == older
    assert not bench.compute.describe()["launcher"]["is_current"]
    assert bench.compute.look(["long.1"])["long.1"].state == "running"


def test_a_launcher_with_steps_does_not_drain(bench):
    """`drain` ends an idle launcher only."""
    bench.launch("sleep 300")
    bench.wait("step.1", ("running",))

    assert bench.compute.drain() is False
    bench.compute.stop("step.1")
    bench.wait()
    assert bench.compute.drain() is True


@pytest.mark.parametrize("line", [b"not json\n", b"[1]\n", b'{"op": "nonsense", "id": 1}\n', b'{"op": "launch"}\n'])
def test_nonsense_on_the_socket_harms_nobody_else(bench, line):
    """A broken message ends its own connection at most."""
    bench.compute.open()
    with connect(LauncherPlace(str(bench.home))) as stranger:
        stranger.sendall(line)
        answer = stranger.recv(4096)

    assert answer == b"" or b'"error"' in answer
    assert bench.run("true").exit_code == 0


def test_the_launcher_needs_no_more_than_it_should(bench):
    """It imports nothing of ours but itself, nothing installed, and stays small."""
    bench.run("true")

    fields = dict(line.split(":", 1) for line in Path(f"/proc/{bench.launcher_pid()}/status").read_text().splitlines())
    maps = Path(f"/proc/{bench.launcher_pid()}/maps").read_text()
    assert int(fields["VmRSS"].split()[0]) < 20_000
    assert int(fields["Threads"]) == 1
    assert "site-packages" not in maps


def test_its_folder_is_for_its_owner_only(bench):
    """Nobody else can start a command through it."""
    bench.compute.open()

    assert (bench.home / "launcher").stat().st_mode & 0o077 == 0
    assert (bench.home / "launcher/launcher.sock").stat().st_mode & 0o077 == 0
    assert (bench.home / "attempts").stat().st_mode & 0o077 == 0
