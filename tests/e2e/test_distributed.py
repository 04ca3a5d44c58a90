"""The distributed examples with real PyTorch and real Open MPI, and what the command line shows of several processes."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.test_examples import EXAMPLES, PIPEYARD, ROOT, Shell

NEEDED = Path(__file__).with_name("distributed.txt")
# Kept between runs, as it takes a while to fill; its name ends with what makes it another one.
VENV = ROOT / f".venv-distributed-{sys.version_info.major}.{sys.version_info.minor}"


@pytest.fixture(scope="session")
def libraries():
    """A virtual environment with PyTorch and mpi4py; the folder of its programs."""
    VENV.mkdir(exist_ok=True)
    done = VENV / "done.txt"
    with (VENV / "lock").open("w") as lock:
        # Other workers of this run may want it too.
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists() or done.read_text() != NEEDED.read_text():
            subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(VENV)], check=True, timeout=120)
            python = VENV / "bin" / "python"
            pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet"]
            # With the user's own settings, which say where packages are.
            subprocess.run([*pip, "--requirement", str(NEEDED)], check=True, timeout=600)
            done.write_text(NEEDED.read_text())
    return VENV / "bin"


@pytest.fixture(scope="module")
def shell(tmp_path_factory):
    """A home of its own, whose server is stopped at the end."""
    shell = Shell(tmp_path_factory.mktemp("home"))
    yield shell
    shell("server", "stop")


@pytest.fixture
def with_libraries(shell, libraries):
    """A shell whose `python`, which is what `environment: local` means, has the libraries."""
    found = Shell(Path(shell.env["PIPEYARD_HOME"]))
    found.env = {**shell.env, "PATH": f"{libraries}{os.pathsep}{os.environ['PATH']}"}
    return found


def logs_of(shell, step, target):
    """Return every log of a step, by its file's name."""
    shell("job", "download", "--name", step, "--download-path", str(target))
    return {path.name: path.read_text("utf-8") for path in sorted((target / step).rglob("std_log*"))}


def step_of(shell, job):
    """Return the job name of a pipeline's only step."""
    (step,) = json.loads(shell("job", "list", "--parent-job-name", job))
    return step["name"]


def test_four_processes_of_pytorch_train_one_model(with_libraries, tmp_path):
    """Two on each of two instances, as the step overrides its component; each learns of all the others' points."""
    job, printed = with_libraries.run_to_its_end("distributed")
    line = json.loads((with_libraries.output("distributed", "model", tmp_path) / "line.json").read_text())
    logs = logs_of(with_libraries, step_of(with_libraries, "distributed"), tmp_path)

    assert job["status"] == "Completed"
    assert "rank 0 of 4, process 0 on instance 0: 100 points of 400" in printed
    assert "rank 1 of" not in printed
    assert list(logs) == [f"std_log_process_{rank}.txt" for rank in range(4)]
    assert "rank 3 of 4, process 1 on instance 1: 100 points of 400" in logs["std_log_process_3.txt"]
    assert (line["points"], line["slope"], line["start"]) == (
        400,
        pytest.approx(3, abs=0.2),
        pytest.approx(-2, abs=0.2),
    )


def test_four_processes_of_open_mpi_add_up_one_sum(with_libraries, tmp_path):
    """One `mpirun` starts them; what they compute needs them all."""
    shell = with_libraries
    shell("job", "create", "--file", "mpi.yml", "--name", "mpi", "--stream", example="distributed")
    logs = logs_of(shell, "mpi", tmp_path)

    assert (shell.output("mpi", "result", tmp_path) / "pi.txt").read_text() == "3.14159\n"
    assert [log.partition(":")[0] for log in logs.values()] == [
        f"rank {rank} of 4 on instance {rank // 2}" for rank in range(4)
    ]


def test_each_task_of_tensorflow_finds_its_cluster(shell, tmp_path):
    """The same cluster, and a task of its own."""
    shell("job", "create", "--file", "tensorflow.yml", "--name", "tf", "--stream", example="distributed")
    found = [json.loads(log) for log in logs_of(shell, "tf", tmp_path).values()]

    assert [one["task"] for one in found] == [
        {"type": "worker", "index": 0},
        {"type": "worker", "index": 1},
        {"type": "ps", "index": 0},
    ]
    assert [{kind: len(of) for kind, of in one["cluster"].items()} for one in found] == [{"worker": 2, "ps": 1}] * 3
    assert len({str(one["cluster"]) for one in found}) == 1


FAILING = """
type: command
command: if [ "$RANK" = 1 ]; then echo "no such file"; exit 7; fi; sleep 300
environment: local
resources: {instance_count: 2}
distribution: {type: pytorch}
"""


def test_a_rank_that_fails_is_named_with_its_log(shell, tmp_path):
    """In the summary, and a log of any rank can be followed."""
    (tmp_path / "job.yml").write_text(FAILING, encoding="utf-8")
    argv = [str(PIPEYARD), "job", "create", "--file", str(tmp_path / "job.yml"), "--name", "failing", "--stream"]
    done = subprocess.run(argv, env=shell.env, capture_output=True, text=True, timeout=120, check=False)
    again = [str(PIPEYARD), "job", "stream", "--name", "failing", "--rank", "1"]
    streamed = subprocess.run(again, env=shell.env, capture_output=True, text=True, timeout=120, check=False)

    assert done.returncode == 1
    assert "rank 1 exited with 7; the other processes were ended" in done.stderr
    assert "    no such file\n" in done.stderr
    assert "user_logs/std_log_process_1.txt" in done.stderr
    assert "no such file" in streamed.stdout


def test_a_reused_step_shows_every_rank_of_the_run_that_stands_for_it(shell, tmp_path):
    """Its logs are the earlier step's; how many work together is part of what makes two steps equal."""
    for name, processes in (("first", 2), ("second", 2), ("other", 3)):
        (tmp_path / "job.yml").write_text(
            f"type: pipeline\njobs:\n  a:\n    command: echo rank $RANK of $WORLD_SIZE\n    environment: local\n"
            f"    distribution: {{type: pytorch, process_count_per_instance: {processes}}}\n",
            encoding="utf-8",
        )
        shell("job", "create", "--file", str(tmp_path / "job.yml"), "--name", name, "--stream")
    second, other = step_of(shell, "second"), step_of(shell, "other")

    assert "rank 1 of 2" in shell("job", "stream", "--name", second, "--rank", "1")
    assert json.loads(shell("job", "show", "--name", second))["label"] == "Completed (reused)"
    assert "rank 2 of 3" in shell("job", "stream", "--name", other, "--rank", "2")


def test_a_step_of_several_processes_runs_once_more_in_a_terminal(shell, tmp_path):
    """All of them write there, and the job's own logs stay as they are."""
    shell("job", "create", "--file", "tensorflow.yml", "--name", "again", "--stream", example="distributed")
    printed = shell("job", "run-step", "again")
    logs = logs_of(shell, "again", tmp_path)

    assert sorted(json.loads(line)["task"]["type"] for line in printed.splitlines() if line.startswith("{")) == [
        "ps",
        "worker",
        "worker",
    ]
    assert [len(log.splitlines()) for log in logs.values()] == [1, 1, 1]


def test_the_examples_are_all_tried():
    """Nothing lies in the folder that no test runs."""
    assert sorted(path.name for path in (EXAMPLES / "distributed").glob("*.yml")) == [
        "mpi.yml",
        "pipeline.yml",
        "tensorflow.yml",
        "train.yml",
    ]
