"""A command in a sandbox: its own folders are its own, everything else can only be read."""

from __future__ import annotations

import pytest

from pipeyard.compute.local import sandbox
from pipeyard.model.errors import ComputeError


@pytest.fixture
def sandboxed(bench):
    """A home whose commands run in sandboxes."""
    if sandbox.shutil.which("bwrap") is None:
        pytest.skip("needs bubblewrap; on Debian: apt-get install bubblewrap")

    def run(command, **changes):
        return bench.run(command, is_sandboxed=True, **changes)

    bench.run_boxed = run
    return bench


def test_it_writes_to_its_own_folders(sandboxed):
    """Working folder, outputs, and `/tmp`, which is empty and gone afterwards."""
    ended = sandboxed.run_boxed(
        'echo a >here && echo b >outputs/kept && echo c >../outputs/o/file && echo d >"$TMPDIR/x" && ls /tmp /dev/shm'
    )

    assert (ended.state, ended.exit_code) == ("exited", 0), sandboxed.log()
    assert (sandboxed.root() / "outputs/o/file").read_text() == "c\n"
    assert "x" in sandboxed.log()


def test_it_writes_nowhere_else(sandboxed, tmp_path):
    """Not to the home, not to the folders of others, not to the system, not to another's temporary files."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    places = [sandboxed.home / "x", sandboxed.store / "x", elsewhere / "x", "/usr/x", "/var/tmp/x", "/opt/x", "/etc/x"]
    tries = "; ".join(f"touch '{place}' 2>/dev/null && echo wrote '{place}'" for place in places)

    ended = sandboxed.run_boxed(f"{tries}; exit 0")

    assert ended.exit_code == 0
    # What lies below /tmp is not there, so that even a write that seems to succeed goes nowhere.
    assert not any((elsewhere / "x").parent.iterdir())
    assert [line for line in sandboxed.log().splitlines() if "/tmp/pytest" not in line] == []
    assert not (sandboxed.home / "x").exists()
    assert not (sandboxed.store / "x").exists()


def test_mounts_cannot_be_changed_back(sandboxed):
    """Root in there may not lift what was put up around it."""
    sandboxed.run_boxed(
        "mount -o remount,rw / 2>/dev/null && touch /usr/x && echo escaped; grep CapEff /proc/self/status"
    )

    assert "escaped" not in sandboxed.log()


def test_inputs_keep_their_modes(sandboxed):
    """What may be read is there, what may be written to is, too."""
    for name in ("ro", "rw", "copy"):
        (sandboxed.store / name).mkdir()
        (sandboxed.store / name / "f").write_text("before")

    sandboxed.run_boxed(
        "cd ../inputs; cat ro/f; for n in ro rw copy; do echo after >$n/f && echo wrote $n; done 2>/dev/null",
        inputs=(("ro", "ro", "ro_mount"), ("rw", "rw", "rw_mount"), ("copy", "copy", "download")),
    )

    assert sandboxed.log().splitlines() == ["beforewrote rw", "wrote copy"]
    assert (sandboxed.store / "rw/f").read_text() == "after\n"


def test_inputs_are_there_without_namespaces_of_our_own(make_bench, sandboxed, tmp_path):
    """Where inputs are links, what they lead to is shown."""
    bench = make_bench(tmp_path / "other", may_mount=False)
    (bench.store / "ro").mkdir()
    (bench.store / "ro/f").write_text("read\n")
    (bench.store / "rw").mkdir()

    ended = bench.run(
        "cat ../inputs/ro/f && echo new >../inputs/rw/f",
        is_sandboxed=True,
        inputs=(("ro", "ro", "ro_mount"), ("rw", "rw", "rw_mount")),
    )

    assert (ended.exit_code, bench.log()) == (0, "read\n")
    assert (bench.store / "rw/f").read_text() == "new\n"


def test_code_is_copied_and_runs(sandboxed):
    """The way by a fork ends in the same sandbox."""
    (sandboxed.store / "code").mkdir()
    (sandboxed.store / "code/run.sh").write_text("touch /usr/x 2>/dev/null || echo held\n")

    ended = sandboxed.run_boxed("bash run.sh", code_uri="azureml://datastores/store/paths/code")

    assert (ended.exit_code, sandboxed.log()) == (0, "held\n")


def test_folders_that_the_plan_names_can_be_written_to(sandboxed):
    """A tracking store beside the artifacts is the step's own; unused, it does not stay."""
    tracking = sandboxed.home / "artifacts/mlruns"
    sandboxed.run_boxed(f"echo run >'{tracking}/meta'", writable=(str(tracking),))
    unused = sandboxed.home / "other/mlruns"
    sandboxed.run_boxed("true", attempt="two.1", writable=(str(unused),))

    assert (tracking / "meta").read_text() == "run\n"
    assert not unused.exists()


def test_exit_codes_and_stops_are_as_ever(sandboxed):
    """A program around the command changes nothing about its end."""
    assert sandboxed.run_boxed("exit 9").exit_code == 9

    sandboxed.launch("echo begun; sleep 1000", "two.1", is_sandboxed=True)
    sandboxed.wait("two.1", states=("running",))
    sandboxed.compute.stop("two.1")

    ended = sandboxed.wait("two.1")
    assert ended.signal == "SIGTERM" or ended.exit_code == 143


def test_without_bubblewrap_the_step_is_refused_and_told_what_to_do(bench, monkeypatch):
    """A sandbox that was asked for is never left out quietly."""
    monkeypatch.setattr(sandbox.shutil, "which", lambda _name: None)

    with pytest.raises(ComputeError, match="bubblewrap is not here") as caught:
        bench.launch("true", is_sandboxed=True)

    assert caught.value.code == "no-sandbox"
    assert "--no-sandbox" in str(caught.value.hint)


def test_a_bubblewrap_that_does_not_work_is_quoted(bench, monkeypatch, tmp_path):
    """Some machines forbid what it needs."""
    program = tmp_path / "bwrap"
    program.write_text("#!/bin/sh\necho 'setting up uid map: Permission denied' >&2; exit 1\n")
    program.chmod(0o755)
    monkeypatch.setattr(sandbox.shutil, "which", lambda _name: str(program))

    with pytest.raises(ComputeError, match="uid map: Permission denied"):
        bench.launch("true", is_sandboxed=True)
