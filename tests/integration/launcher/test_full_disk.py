"""
A disk that is full: clear words, and no outcome lost.
"""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

import pipeyard

# Runs in a mount namespace of its own, where a small disk can be made and filled.
PROGRAM = """
import os, sys
from pathlib import Path
sys.path[:0] = [{tests!r}, {package!r}]
from pipeyard.launcher import mounts, system
mounts.enter_namespace(mounts.ROOT)
home = Path({home!r})
assert os.system(f"mount -t tmpfs -o size=1m tmpfs '{{home}}'") == 0
import conftest
bench = conftest.Bench(home, may_mount=True)
try:
    def fill():
        # Whole blocks, and then what is left of the last one.
        with open(home / "filler", "ab", buffering=0) as file:
            for size in (65536, 4096, 1):
                try:
                    while file.write(b"x" * size):
                        pass
                except OSError:
                    pass
{body}
finally:
    bench.compute.close()
    bench.kill_launcher(15)
"""


def _run(tmp_path: Path, body: str) -> str:
    home = tmp_path / "home"
    home.mkdir()
    program = PROGRAM.format(
        tests=str(Path(__file__).parent),
        package=str(Path(pipeyard.__file__).parents[1]),
        home=str(home),
        body=textwrap.indent(textwrap.dedent(body), "    "),
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="makes a small disk")


def test_a_copy_that_does_not_fit_is_refused_as_disk_full(tmp_path):
    """A step whose data does not fit never begins, and says why."""
    said = _run(
        tmp_path,
        """
        (bench.store / "big").write_bytes(b"x" * 700_000)
        ended = bench.run("true", inputs=[("in", "big", "download")])
        print(ended.state, ended.code, "`in`" in ended.reason)
        """,
    )

    assert said.split() == ["refused", "disk-full", "True"]


def test_a_step_that_fills_the_disk_still_gets_its_outcome_on_record(tmp_path):
    """The last record has its place on the disk from the start."""
    said = _run(
        tmp_path,
        """
        bench.launch("echo ready; while ! test -e ../outputs/o/go; do sleep 0.01; done; exit 3")
        conftest.eventually(lambda: "ready" in bench.log())
        (bench.root() / "outputs/o/go later").touch()
        fill()
        os.rename(bench.root() / "outputs/o/go later", bench.root() / "outputs/o/go")
        ended = bench.wait()
        print(ended.state, ended.exit_code, bench.record()["state"], bench.record()["exit_code"])
        """,
    )

    assert said.split() == ["exited", "3", "exited", "3"]


def test_a_launch_on_a_full_disk_is_refused_and_the_launcher_lives(tmp_path):
    """Nothing can be recorded, so nothing is started; with room again it works again."""
    said = _run(
        tmp_path,
        """
        bench.compute.open()
        fill()
        ended = bench.run("true", "full.1")
        print(ended.state, ended.code)
        os.unlink(home / "filler")
        print(bench.run("true", "fine.1").state)
        """,
    )

    assert said.split() == ["refused", "disk-full", "exited"]
