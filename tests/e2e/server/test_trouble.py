"""A server whose disk is full, or whose database somebody else holds: nothing is lost, and it goes on by itself."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import textwrap
from contextlib import closing
from pathlib import Path

import pytest

import pipeyard

OUT = {"o": {"type": "uri_folder"}}

# Runs in a mount namespace of its own, where a small disk can be made and filled: the real server, its launcher
# and its steps are all in it.
PROGRAM = """
import json, os, sys
from pathlib import Path
sys.path[:0] = {paths!r}
from pipeyard.launcher import mounts
mounts.enter_namespace(mounts.ROOT)
root = Path({root!r})
(root / "home").mkdir()
assert os.system(f"mount -t tmpfs -o size=24m tmpfs '{{root}}/home'") == 0
from tests.e2e.server.conftest import Served, JOBS

def step(command, **more):
    return {{"type": "command", "command": command, "environment": "local", **more}}

def fill():
    with open(root / "home/filler", "ab", buffering=0) as file:
        for size in (65536, 4096, 1):
            try:
                while file.write(b"x" * size):
                    pass
            except OSError:
                pass

served = Served(root / "home")
assert served.start() == {{"ready": True}}
try:
{body}
finally:
    (root / "home/filler").unlink(missing_ok=True)
    served.stop_all()
"""


def on_a_small_disk(tmp_path, body):
    program = PROGRAM.format(
        paths=[str(Path(__file__).parents[3]), str(Path(pipeyard.__file__).parents[1])],
        root=str(tmp_path),
        body=textwrap.indent(textwrap.dedent(body), "    "),
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.skipif(os.geteuid() != 0, reason="makes a small disk")
def test_a_step_that_fills_the_disk_fails_and_the_server_lives(tmp_path):
    """Its log, its output and the database share the disk: the end is stored when there is space, and the next job runs."""
    said = on_a_small_disk(
        tmp_path,
        """
        greedy = {"a": step("cat /dev/zero > ${{outputs.o}}/x; echo full; exit 4", outputs={"o": {"type": "uri_folder"}})}
        name = served.submit(greedy)
        served.until(
            lambda: served.get("/api/v1/health")["store_problem"] or served.get(f"{JOBS}/{name}")["status"] == "Failed"
        )
        for place in (root / "home").rglob("x"):
            place.unlink()
        print(served.follow(name)[-1]["job"]["status"])
        name = served.submit({"b": step("echo fine > ${{outputs.o}}/y", outputs={"o": {"type": "uri_folder"}})})
        print(served.follow(name)[-1]["job"]["status"])
        """,
    )

    assert said.split() == ["Failed", "Completed"]


@pytest.mark.skipif(os.geteuid() != 0, reason="makes a small disk")
def test_a_job_goes_on_when_a_full_disk_has_space_again(tmp_path):
    """Facts that cannot be stored wait, whoever follows is told, and nothing runs twice."""
    said = on_a_small_disk(
        tmp_path,
        """
        gate, diary = root / "gate", root / "diary"
        command = f"echo a >> {diary}; while [ ! -e {gate} ]; do sleep 0.02; done"
        name = served.submit({"a": step(command), "b": step(f"echo b >> {diary}")})
        served.until(diary.exists)
        fill()
        gate.touch()
        served.until(
            lambda: served.get("/api/v1/health")["store_problem"] or served.get(f"{JOBS}/{name}")["status"] != "Running"
        )
        print(served.get("/api/v1/health")["store_problem"])
        (root / "home/filler").unlink()
        print(served.follow(name)[-1]["job"]["status"], sorted(diary.read_text().split()))
        """,
    )

    problem, end = said.splitlines()
    assert "disk is full" in problem
    assert end == "Completed ['a', 'b']"


def test_a_database_that_somebody_holds_delays_a_job_and_spoils_nothing(served, words, tmp_path):
    """A backup that locks it for a while: the steps end meanwhile, and are stored when it lets go."""
    begun, gate, done = tmp_path / "begun", tmp_path / "gate", tmp_path / "done"
    served.start()
    command = (
        f"touch {begun}; while [ ! -e {gate} ]; do sleep 0.02; done; echo 1 > ${{{{outputs.o}}}}/x; echo ran >> {done}"
    )
    name = served.submit({"a": words.step(command, outputs=OUT)})
    # Nothing starts before it is stored that it shall.
    served.until(begun.exists)
    with closing(sqlite3.connect(served.home / "pipeyard.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        gate.touch()
        served.until(done.exists)
        shown = json.loads(served.ask("GET", f"{words.jobs}/{name}")[1])
        other.execute("ROLLBACK")

    assert shown["status"] not in ("Completed", "Failed")
    assert served.follow(name)[-1]["job"]["status"] == "Completed"
    assert done.read_text() == "ran\n"
