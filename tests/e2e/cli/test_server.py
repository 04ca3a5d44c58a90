"""The server that starts itself: races, versions, homes, ports."""

from __future__ import annotations

import json
import os
import signal
import socket

import pytest

SLEEPING = "command: sleep 600\nenvironment: {image: x}\n"


def pid_of(line):
    return line.value("server", "status")["pid"]


def test_a_command_that_needs_a_server_starts_one_and_says_so(cold):
    """The notice is on stderr; the next command finds the server."""
    done = cold.run("compute", "list", "--query", "[].name", "-o", "tsv")

    assert (done.returncode, done.stdout) == (0, "local\n")
    assert done.stderr == f"Starting the local server (home: {cold.home})\n"
    assert cold.run("compute", "list").stderr == ""
    assert (cold.home.stat().st_mode & 0o777, (cold.home / "token").stat().st_mode & 0o777) == (0o700, 0o600)


def test_many_commands_at_once_share_one_server(cold):
    """Each may find nobody and start a server; the lock lets one live, and all are answered."""
    processes = [cold.start("server", "start") for _ in range(4)]
    found = [(process.communicate(timeout=60)[0], process.returncode) for process in processes]

    assert [code for _, code in found] == [0, 0, 0, 0]
    assert len({json.loads(out)["pid"] for out, _ in found}) == 1


def test_a_killed_server_is_replaced(cold):
    """Its note is left behind and does no harm."""
    cold.ask("server", "start")
    first = pid_of(cold)
    os.kill(first, signal.SIGKILL)

    assert cold.value("compute", "show", "-n", "local")["name"] == "local"
    assert pid_of(cold) != first


def test_stop_and_status_are_plain(cold):
    """Nothing runs, then it runs, then nothing runs."""
    assert cold.run("server", "status").returncode == 3
    assert cold.run("server", "stop").stderr == "No server was running.\n"
    cold.ask("server", "start")
    assert cold.ask("server", "status", "--query", "version", "-o", "tsv").strip()
    assert cold.run("server", "stop").stderr == "The server has stopped.\n"
    assert cold.run("server", "status").returncode == 3


def pretend_older(line, version="0.0.1", **changes):
    note = json.loads((line.home / "server.json").read_text("utf-8"))
    (line.home / "server.json").write_text(json.dumps({**note, "version": version, **changes}), "utf-8")


def test_an_idle_older_server_is_restarted(cold):
    """A newer command line replaces it and says so."""
    cold.ask("server", "start")
    first = pid_of(cold)
    pretend_older(cold)

    done = cold.run("compute", "list")

    assert done.returncode == 0
    assert "Restarting the local server: it is version 0.0.1" in done.stderr
    assert pid_of(cold) != first


def test_an_older_server_with_jobs_goes_on(cold):
    """Nothing is taken away from a job that runs; another API version is an error with a way out."""
    cold.write("sleeping.yml", SLEEPING)
    name = cold.ask("job", "create", "-f", "sleeping.yml", "--query", "name", "-o", "tsv").strip()
    first = pid_of(cold)

    pretend_older(cold)
    done = cold.run("compute", "list")
    assert (done.returncode, "is running 1 job" in done.stderr) == (0, True)
    assert pid_of(cold) == first

    pretend_older(cold, api_version=0)
    refused = cold.run("compute", "list")
    assert (refused.returncode, "error[server-older]" in refused.stderr) == (1, True)

    pretend_older(cold, version="99.0", api_version=99)
    refused = cold.run("compute", "list")
    assert (refused.returncode, "error[server-newer]" in refused.stderr) == (1, True)

    pretend_older(cold, version="99.0", api_version=1)
    cold.ask("job", "cancel", "-n", name)
    assert cold.run("job", "stream", "-n", name).returncode == 1


@pytest.mark.parametrize("words", [["server", "start"], ["job", "list"]])
def test_a_home_that_is_no_folder_is_explained(cold, words):
    """The message names the variable to set."""
    cold.home.write_text("", "utf-8")

    done = cold.run(*words)

    assert done.returncode == 1
    assert "error[home-not-writable]" in done.stderr
    assert "PIPEYARD_HOME" in done.stderr


def test_a_home_may_have_any_name(cold):
    """Blanks, quotes, dollars, letters of every alphabet, and more characters than a socket path may have."""
    cold.home = cold.home.parent / ("h o'm\"e $x ü " + "long" * 30)
    cold.write("hello.yml", "command: echo hello\nenvironment: {image: x}\n")

    done = cold.run("job", "create", "-f", "hello.yml", "--stream", "-o", "none")

    assert done.returncode == 0, done.stderr
    assert "\nhello\n" in done.stderr


def test_a_port_in_use_is_said(cold):
    """`server run --port` fails; a remembered port that is taken is replaced."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        done = cold.run("server", "run", "--port", str(port))
        assert (done.returncode, "error[port-in-use]" in done.stderr) == (1, True)

        (cold.home / "port").write_text(str(port), "utf-8")
        assert str(port) not in cold.value("server", "start")["endpoint"]


def test_a_second_server_is_refused(cold):
    """Two servers cannot share a home."""
    cold.ask("server", "start")

    done = cold.run("server", "run")

    assert (done.returncode, "error[home-in-use]" in done.stderr) == (1, True)


def test_another_program_on_the_port_never_sees_the_token(cold):
    """When the server is gone, its port may belong to anybody."""
    cold.ask("server", "start")
    cold.ask("server", "stop")
    with socket.socket() as stranger:
        stranger.bind(("127.0.0.1", 0))
        stranger.listen()
        stranger.settimeout(0.2)
        note = {"pid": 2**22 + 1, "port": stranger.getsockname()[1], "version": "0", "api_version": 1}
        (cold.home / "server.json").write_text(json.dumps(note), "utf-8")
        assert cold.run("server", "status").returncode == 3
        with pytest.raises(TimeoutError):
            stranger.accept()


FOLLOWED = """\
type: pipeline
jobs:
  talks:
    command: echo first; while [ ! -e ${{inputs.go}} ]; do sleep 0.05; done; echo second
    environment: {image: x}
    inputs: {go: GO}
    outputs: {o: {type: uri_folder}}
  after:
    command: echo third
    environment: {image: x}
    inputs: {x: "${{parent.jobs.talks.outputs.o}}"}
"""


@pytest.mark.parametrize("way", ["killed", "replaced"])
def test_a_follower_goes_on_when_the_server_is_replaced(cold, way):
    """The step runs on, and nothing that was shown is shown twice; a killed server is started by the follower."""
    cold.write("talks.yml", FOLLOWED.replace("GO", str(cold.folder / "go")))
    name = cold.ask("job", "create", "-f", "talks.yml", "--query", "name", "-o", "tsv").strip()
    follower = cold.start("job", "stream", "-n", name)
    shown = ""
    while "talks | first" not in shown:
        line = follower.stdout.readline()
        assert line, follower.communicate(timeout=60)
        shown += line

    if way == "killed":
        os.kill(pid_of(cold), signal.SIGKILL)
    else:
        stopped = cold.run("server", "stop")
        assert stopped.stderr == "The server has stopped. 1 step goes on; the next server finds it.\n"
        cold.ask("server", "start")
    cold.write("go", "")
    rest, errors = follower.communicate(timeout=60)

    assert follower.returncode == 0, errors
    lines = [line for line in (shown + rest).splitlines() if " | " in line]
    assert [line.partition(" after ")[0] for line in lines] == [
        "talks | [Running]",
        "talks | first",
        "talks | second",
        "talks | [Completed",
        "after | [Running]",
        "after | third",
        "after | [Completed",
    ]
