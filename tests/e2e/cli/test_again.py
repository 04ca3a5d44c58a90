"""Steps tried again, jobs gone on with, steps run once more in a terminal: over a real server."""

from __future__ import annotations

import json
import os
import pty
import select
import time
from contextlib import suppress
from pathlib import Path

import pytest

FLAKY = """\
type: pipeline
retry: {max: 1, backoff_seconds: 3.5, on: failed}
jobs:
  flaky:
    command: >-
      echo trying; if test -e "$MARK"; then echo second time; else touch "$MARK"; exit 3; fi
    environment: {image: x}
    environment_variables: {MARK: "%s"}
    limits: {timeout: 3}
"""
CHAIN = """\
type: pipeline
jobs:
  make:
    component: ./make.yml
  use:
    command: cat ${{inputs.data}}/x; test -e "%s" || exit 4; echo used; echo 2 > "${{outputs.out}}/y"
    environment: {image: x}
    inputs:
      data: {type: uri_folder, path: "${{parent.jobs.make.outputs.data}}", mode: rw_mount}
    outputs: {out: {type: uri_folder}}
  after:
    command: echo after
    environment: {image: x}
    depends_on: [use]
"""
MAKE = """\
type: command
is_deterministic: false
outputs: {data: {type: uri_folder}}
environment: {image: x}
code: ./src
command: bash make.sh "${{outputs.data}}"
"""


@pytest.fixture
def chain(warm, tmp_path):
    """A job whose second step fails until `flag` exists; returns (job name, flag)."""
    flag = tmp_path / "flag"
    warm.write("src/make.sh", 'echo making; date +%N > "$1/x"\n')
    warm.write("make.yml", MAKE)
    warm.write("chain.yml", CHAIN % flag)
    done = warm.run("job", "create", "-f", "chain.yml", "--stream", "--query", "name", "-o", "tsv")
    assert done.returncode == 1, done.stderr
    return done.stdout.strip(), flag


def labels(warm, job):
    """Return how each step of a job ended, by its key."""
    rows = warm.value("job", "list", "-p", job, "-o", "json")
    return {row["step"]: row["label"] for row in rows}


def is_reused(warm, job, step):
    rows = warm.value("job", "list", "-p", job, "-o", "json")
    (row,) = [row for row in rows if row["step"] == step]
    return row["properties"].get("azureml.isreused") == "true"


def test_a_failed_step_is_tried_again_with_a_log_for_each_try(warm, tmp_path):
    """The wait between two tries is longer than the time limit, which counts for one try."""
    warm.write("flaky.yml", FLAKY % (tmp_path / "mark"))
    done = warm.run("job", "create", "-f", "flaky.yml", "--stream")
    job = json.loads(done.stdout)
    assert done.returncode == 0, done.stderr
    lines = [line for line in done.stderr.splitlines() if line.startswith("flaky |") and "[Running]" not in line]

    assert lines[:4] == [
        "flaky | trying",
        "flaky | [try 2 of 2 after exit code 3, in 3.5 s]",
        "flaky | trying",
        "flaky | second time",
    ]
    (step,) = warm.value("job", "list", "-p", job["name"])
    shown = warm.value("job", "show", "-n", step["name"])
    assert [(one["attempt"], one["exit_code"]) for one in shown["tries"]] == [(1, 3)]
    warm.ask("job", "download", "-n", step["name"], "-p", str(tmp_path / "got"))
    logs = {path.name: path.read_text() for path in (tmp_path / "got").rglob("std_log*.txt")}
    assert logs == {"std_log.txt": "trying\nsecond time\n", "std_log_try_1.txt": "trying\n"}


def test_a_failed_job_is_gone_on_with(warm, chain):
    """What completed is taken over, also a step that is not deterministic; the rest runs."""
    job, flag = chain
    flag.touch()
    done = warm.run("job", "resume", job, "--stream")
    new = json.loads(done.stdout)

    assert done.returncode == 0, done.stderr
    assert new["name"] != job
    assert new["properties"]["pipeyard.resumed_from"] == job
    assert [is_reused(warm, new["name"], step) for step in ("make", "use")] == [True, False]
    nothing = warm.run("job", "resume", "-n", new["name"])
    assert (nothing.returncode, json.loads(nothing.stdout)["name"]) == (0, new["name"])
    assert "nothing is left to do" in nothing.stderr


def test_a_step_is_run_again_with_what_depends_on_it(warm, chain):
    """Also what depends on it by order alone; the rest is taken over."""
    job, flag = chain
    flag.touch()
    first = warm.value("job", "resume", job, "--stream")["name"]
    new = warm.value("job", "rerun", first, "--step", "use", "--stream")["name"]

    assert [is_reused(warm, new, step) for step in ("make", "use", "after")] == [True, False, False]
    wrong = warm.run("job", "rerun", first, "--step", "usee")
    assert wrong.returncode == 3
    assert "did you mean `use`?" in wrong.stderr


def test_a_running_job_is_not_gone_on_with(warm):
    """The error says how to wait for it, or to end it."""
    warm.write("slow.yml", "command: sleep 1000\nenvironment: {image: x}\n")
    job = warm.value("job", "create", "-f", "slow.yml")["name"]
    refused = warm.run("job", "resume", job)
    warm.ask("job", "cancel", "-n", job)

    assert refused.returncode == 1
    assert f"pipeyard job cancel -n {job}" in refused.stderr


def test_a_step_is_run_once_more_and_leaves_no_trace(warm, chain):
    """Its exit code and its output come here; an input that it may write to is a copy."""
    job, flag = chain
    before = warm.value("job", "show", "-n", job)
    failed = warm.run("job", "run-step", job, "use")
    flag.touch()
    done = warm.run("job", "run-step", job, "use", "--keep")
    (root,) = [line.removeprefix("Kept: ") for line in done.stderr.splitlines() if line.startswith("Kept: ")]

    assert failed.returncode == 4
    assert done.returncode == 0
    assert done.stdout.splitlines()[-1] == "used"
    assert "data: " in done.stderr
    assert "(download)" in done.stderr
    assert Path(f"{root}/outputs/out/y").read_text("utf-8") == "2\n"
    assert warm.value("job", "show", "-n", job) == before
    assert labels(warm, job)["use"] == "Failed"
    assert [path for path in (warm.home / "rehearsals").iterdir() if (path / "lock").exists()] == []


def test_a_shell_needs_a_terminal(warm, chain):
    """Without one it is refused at once, with what works instead."""
    refused = warm.run("job", "run-step", chain[0], "use", "--shell")

    assert refused.returncode == 2
    assert "without --shell the step's command is run once" in refused.stderr


def test_a_shell_stands_where_the_step_runs(warm, chain):
    """Variables, folder and code are the step's; `run` runs its command; keys reach programs, not us."""
    job, flag = chain
    with Terminal(warm, "job", "run-step", job, "make", "--shell") as terminal:
        terminal.expect("(make) wd")
        terminal.type('ls; echo "out=$AZURE_ML_OUTPUT_data"; echo "id=${#AZUREML_RUN_TOKEN}"; run; echo code=$?')
        text = terminal.expect("code=0")
        assert "make.sh" in text
        assert "/attempt/outputs/data" in text
        assert "making" in text
        assert "id=0" not in text
        terminal.type("sleep 1000")
        terminal.expect("sleep 1000")
        terminal.wait_for_program("sleep 1000")
        terminal.press("\x1a")
        terminal.expect("Stopped")
        terminal.type("fg")
        terminal.wait_for_program("sleep 1000")
        terminal.press("\x03")
        terminal.type("echo after=$?")
        terminal.expect("after=130")
        terminal.type("exit 6")
        assert terminal.end() == 6
    assert not flag.exists()
    assert [path for path in (warm.home / "rehearsals").iterdir() if (path / "lock").exists()] == []


def test_names_of_steps_are_completed(warm, chain):
    """After the job was named, one way or the other."""
    env = {"_PIPEYARD_COMPLETE": "bash_complete", "COMP_CWORD": "5"}
    words = f"pipeyard job rerun {chain[0]} --step u"
    done = warm.run(env={**env, "COMP_WORDS": words})

    assert "use" in done.stdout.split(",")[-1]


class Terminal:
    """A command in a terminal of its own, with somebody who types."""

    def __init__(self, line, *words):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.chdir(line.folder)
            os.execvpe("pipeyard", ["pipeyard", *words], line.env(TERM="dumb"))
        self._text = ""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.close(self.fd)

    def type(self, text):
        self.press(text + "\n")

    def press(self, keys):
        os.write(self.fd, keys.encode())

    def expect(self, wanted, seconds=60):
        """Return what was printed up to a text, which is then behind us."""
        deadline = time.monotonic() + seconds
        while wanted not in self._text:
            left = deadline - time.monotonic()
            assert left > 0, f"`{wanted}` never came: {self._text}"
            if select.select([self.fd], [], [], left)[0]:
                self._text += os.read(self.fd, 4096).decode("utf-8", "replace")
        found, _, self._text = self._text.partition(wanted)
        return found + wanted

    def wait_for_program(self, command, seconds=60):
        """Return when a program has the terminal."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            # The one before may end while it is looked at.
            with suppress(OSError):
                words = Path(f"/proc/{os.tcgetpgrp(self.fd)}/cmdline").read_bytes()
                if words.replace(b"\0", b" ").strip() == command.encode():
                    return
            select.select([], [], [], 0.01)
        raise AssertionError(f"`{command}` never had the terminal")

    def end(self):
        """Return the exit code; what is still printed is read."""
        while True:
            try:
                if not os.read(self.fd, 4096):
                    break
            except OSError:
                break
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
