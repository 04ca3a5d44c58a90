"""A scratch attempt in the foreground: what it sees, what it may touch, how it ends."""

from __future__ import annotations

import json
import os
import select
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import pipeyard.launcher
from pipeyard.launcher import process

HELPER = Path(pipeyard.launcher.__file__).parent / "rehearse.py"
# Not a shell: one that waits for a program forgets a Ctrl-C that the program has survived.
DEAF = """
from signal import *
pthread_sigmask(SIG_BLOCK, {SIGINT})
print("ready")
while sigwait({SIGINT}):
    print("no")
"""


def line_of(helper):
    """Return what it prints next: one line at a time, so that none waits in a buffer."""
    assert select.select([helper.stdout], [], [], 60)[0], "nothing is printed"
    return helper.stdout.readline()


class Stage:
    """Orders for one folder."""

    def __init__(self, folder):
        self.folder = folder
        self.root = folder / "scratch" / "attempt"
        self.root.parent.mkdir(parents=True)

    def order(self, command, *, inputs=(), code=None, environment=None):
        return {
            "attempt_id": "step.0",
            "command": command,
            "environment": {"PATH": os.environ["PATH"], **(environment or {})},
            "code": code,
            "code_label": "the code" if code else None,
            "folders": ["wd/outputs", "outputs/o"],
            "inputs": [
                {
                    "name": name,
                    "source": str(source),
                    "label": name,
                    "mode": mode,
                    "path": f"inputs/{name}",
                    "files": [],
                }
                for name, source, mode in inputs
            ],
            "log": f"{self.root}/std_log.txt",
            "timeout_seconds": None,
            "grace_seconds": 1,
            "log_bytes_max": 1000,
        }

    def start(self, order, *, keep=False, **more):
        wish = {"order": order, "root": str(self.root), "folder": str(self.root.parent), "keep": keep, "rcfile": None}
        read, write = os.pipe()
        command = [sys.executable, "-I", "-S", "-X", "utf8", str(HELPER), str(read)]
        helper = subprocess.Popen(
            command, pass_fds=(read,), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **more
        )
        os.close(read)
        with os.fdopen(write, "w") as file:
            json.dump(wish, file)
        return helper

    def run(self, command, *, keep=False, **more):
        helper = self.start(self.order(command, **more), keep=keep)
        printed, said = helper.communicate(timeout=60)
        return helper.returncode, printed, said


@pytest.fixture
def stage(tmp_path):
    return Stage(tmp_path)


@pytest.fixture
def data(tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "x").write_text("original")
    return folder


def test_the_command_prints_here_and_its_exit_code_is_ours(stage):
    """Nothing stands between the command and the caller, and nothing is left afterwards."""
    code, printed, _ = stage.run('echo "$PWD|$MARK"; exit 7', environment={"MARK": "$ a'b \"c"})

    assert code == 7
    assert printed == f"{stage.root}/wd|$ a'b \"c\n"
    assert not stage.root.parent.exists()


def test_nothing_that_the_caller_has_set_reaches_the_command(stage, monkeypatch):
    """The variables are those of the step, and the one by which its processes are known."""
    monkeypatch.setenv("MINE", "1")
    _, printed, _ = stage.run("env | cut -d= -f1 | sort | tr '\\n' ' '")

    assert printed.split() == ["PATH", process.MARKER, "PWD", "SHLVL", "_"]


def test_a_command_has_no_terminal_and_no_input(stage):
    """As in a job: what reads standard input is at its end at once."""
    code, printed, _ = stage.run("cat; tty; ls -l /proc/self/fd/0 | grep -o /dev/null")

    assert (code, printed) == (0, "not a tty\n/dev/null\n")


@pytest.mark.parametrize("mode", ["ro_mount", "download"])
def test_an_input_is_never_changed(stage, data, mode):
    """A read-only input stays as it is; a copy may be changed, and is a copy."""
    stage.run("echo spoilt > ../inputs/d/x; true", inputs=[("d", data, mode)])

    assert (data / "x").read_text() == "original"


def test_the_code_is_a_copy(stage, data):
    """What the command does to its code happens to nobody else's."""
    code, printed, _ = stage.run("cat x; rm x", code=str(data))

    assert (code, printed, (data / "x").read_text()) == (0, "original", "original")


def test_what_is_kept_stays_where_it_is(stage):
    """Outputs and files can be looked at afterwards."""
    stage.run("echo 1 > ../outputs/o/made; echo 2 > here", keep=True)

    assert (stage.root / "outputs/o/made").read_text() == "1\n"
    assert (stage.root / "wd/here").read_text() == "2\n"


def test_folders_that_nobody_may_write_to_are_removed_too(stage):
    """A command may forbid itself its own files."""
    stage.run("mkdir -p a/b; touch a/b/c; chmod 500 a/b; chmod 0 a")

    assert not stage.root.parent.exists()


def test_what_cannot_be_put_in_place_is_said(stage, tmp_path):
    """The problem is the step's, in words, and the exit code says that nothing was run."""
    code, printed, said = stage.run("echo no", inputs=[("d", tmp_path / "gone", "ro_mount")])

    assert (code, printed) == (126, "")
    assert said == "error[missing-source]: input `d`: nothing is at `d`\n"


def test_a_command_that_a_signal_ended_is_told_as_a_shell_tells_it(stage):
    """The number of the signal and 128."""
    assert stage.run("kill -SEGV $$")[0] == 128 + signal.SIGSEGV


def test_processes_that_outlive_the_command_are_ended(stage):
    """Also those that left their session and do not listen to SIGTERM: their folder goes."""
    _, printed, _ = stage.run("trap '' TERM; setsid sleep 1000 >/dev/null 2>&1 & echo $!")

    assert process.start_ticks(int(printed)) is None


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_wish_to_end_reaches_the_command_and_everything_is_tidied_up(stage, number, code):
    """Ctrl-C, a closed terminal, a batch system: the command decides how it ends, as in a job."""
    helper = stage.start(stage.order("sleep 1000 & echo ready; wait"))
    assert line_of(helper) == "ready\n"
    helper.send_signal(number)
    helper.communicate(timeout=60)

    assert helper.returncode == code
    assert not stage.root.parent.exists()


def test_who_asks_three_times_means_it(stage):
    """A command that ignores every wish is killed by the third."""
    helper = stage.start(stage.order(f"exec {shlex.quote(sys.executable)} -u -c {shlex.quote(DEAF)}"))
    assert line_of(helper) == "ready\n"
    for _ in range(2):
        helper.send_signal(signal.SIGINT)
        assert line_of(helper) == "no\n"
    helper.send_signal(signal.SIGINT)
    helper.communicate(timeout=60)

    assert helper.returncode == 137
