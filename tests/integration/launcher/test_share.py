"""
What a command gets of the machine, and the files of a table.
"""

from __future__ import annotations

import os
from dataclasses import replace

import pytest

from pipeyard.launch.plan import PlannedFile, PlannedInput
from pipeyard.model.errors import ComputeError

needs_affinity = pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="a process cannot be bound to CPUs")
CPUS = "python3 -c 'import os; print(sorted(os.sched_getaffinity(0)))'"


@needs_affinity
@pytest.mark.parametrize("has_code", [False, True])
def test_a_command_is_bound_to_its_cpus(bench, has_code):
    """Also what it starts; the next command is not, whichever way it is started."""
    last = max(os.sched_getaffinity(0))
    code = None
    if has_code:
        (bench.store / "src").mkdir()
        code = "azureml://datastores/store/paths/src"

    bench.run(CPUS, cpus=(last,), code_uri=code)
    bench.run(CPUS, "other.1", code_uri=code)

    assert bench.log() == f"[{last}]\n"
    assert bench.log("other.1") == f"{sorted(os.sched_getaffinity(0))}\n"


@needs_affinity
def test_a_cpu_that_is_gone_binds_to_nothing(bench):
    """A step runs all the same."""
    ended = bench.run(CPUS, cpus=(100_000,))

    assert ended.exit_code == 0
    assert bench.log() == f"{sorted(os.sched_getaffinity(0))}\n"


@pytest.fixture
def table(bench):
    """A folder with three pictures and a file MLTable that names two of them."""
    folder = bench.store / "table"
    (folder / "sub dir").mkdir(parents=True)
    for name in ("a.png", "sub dir/ü$.png", "c.png"):
        (folder / name).write_text(name)
    (folder / "MLTable").write_text("paths: []")
    names = ("a.png", "sub dir/ü$.png")
    return folder, tuple(PlannedFile(name, str(folder / name)) for name in names)


def run(bench, mode, files, command="cd ../inputs/t; find . -type f | LC_ALL=C sort; cat a.png"):
    plan = bench.plan(command)
    item = PlannedInput("t", "azureml://datastores/store/paths/table", mode, "inputs/t", files=files)
    bench.compute.launch(replace(plan, inputs=(item,)))
    return bench.wait()


@pytest.mark.parametrize("mode", ["eval_mount", "eval_download"])
def test_the_files_of_a_table_take_the_place_of_its_folder(bench, table, mode):
    """They are files, not links, and nothing else is there."""
    ended = run(bench, mode, table[1])

    assert ended.exit_code == 0
    assert bench.log() == "./a.png\n./sub dir/ü$.png\na.png"


def test_a_mounted_table_cannot_be_written_to(bench, table):
    """Neither its files nor its folder."""
    command = "cd ../inputs/t; echo x > a.png; rm -f a.png; touch new; chmod 600 a.png; mv a.png b.png; true"
    ended = run(bench, "eval_mount", table[1], command)

    is_mounted = bench.compute.describe()["mounts"] != "none"
    assert ended.ways == {"t": "bind"} if is_mounted else ended.ways["t"] in ("copy", "reflink")
    assert (table[0] / "a.png").read_text() == "a.png"
    assert sorted(path.name for path in table[0].iterdir()) == ["MLTable", "a.png", "c.png", "sub dir"]


@pytest.mark.parametrize("mode", ["eval_mount", "eval_download"])
def test_copies_of_a_tables_files_are_the_steps_own(make_bench, tmp_path, mode):
    """Where nothing can be mounted, and with `eval_download`, the originals stay as they are."""
    bench = make_bench(tmp_path / "home", may_mount=False)
    (bench.store / "a.png").write_text("a")
    (bench.store / "table").mkdir()
    files = (PlannedFile("a.png", str(bench.store / "a.png")),)

    ended = run(bench, mode, files, "echo b > ../inputs/t/a.png")

    assert ended.exit_code == 0
    assert ended.ways["t"] in ("copy", "reflink")
    assert (bench.store / "a.png").read_text() == "a"


def test_a_tables_file_that_is_gone_is_said(bench, table):
    """The step does not begin."""
    files = (*table[1], PlannedFile("d.png", str(table[0] / "d.png")))

    ended = run(bench, "eval_mount", files)

    assert (ended.state, ended.code) == ("refused", "missing-source")
    assert "`d.png`" in ended.reason


@pytest.mark.parametrize("path", ["../x", "/x", "a//b", "a/../../b", "."])
def test_a_tables_file_stays_below_its_input(bench, table, path):
    """An order that would put it elsewhere is refused."""
    with pytest.raises(ComputeError, match="does not lie below") as refused:
        run(bench, "eval_download", (PlannedFile(path, str(table[0] / "a.png")),))

    assert refused.value.code == "bad-order"
