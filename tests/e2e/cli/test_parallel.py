"""Parallel and copying steps over a real server: progress, reuse, failed mini-batches alone."""

from __future__ import annotations

import json

import pytest

SCORE = """\
import os
def run(batch):
    if any(name.endswith("4.txt") for name in batch) and not os.path.exists("FLAG"):
        raise ValueError("no four yet")
    return [os.path.basename(name) + " " + open(name).read() for name in batch]
"""
JOB = """\
type: pipeline
outputs: {all: {type: uri_folder}}
jobs:
  score:
    type: parallel
    inputs: {files: {type: uri_folder, path: ./data}}
    outputs: {rows: {type: uri_file}}
    input_data: ${{inputs.files}}
    mini_batch_size: "2"
    max_concurrency_per_instance: 2
    retry_settings: {max_retries: 0}
    task:
      code: ./src
      entry_script: score.py
      environment: local
      append_row_to: ${{outputs.rows}}
  keep:
    type: data_transfer
    task: copy_data
    data_copy_mode: merge_with_overwrite
    inputs: {rows: "${{parent.jobs.score.outputs.rows}}"}
    outputs: {all: "${{parent.outputs.all}}"}
"""


@pytest.fixture
def scored(warm, tmp_path):
    """A job in which one of four mini-batches failed; returns (job name, the flag that lets it pass)."""
    flag = tmp_path / "flag"
    for number in range(8):
        warm.write(f"data/{number}.txt", f"v{number}")
    warm.write("src/score.py", SCORE.replace("FLAG", str(flag)))
    warm.write("job.yml", JOB)
    done = warm.run("job", "create", "-f", "job.yml", "--stream", "--query", "name", "-o", "tsv")
    assert done.returncode == 0, done.stderr
    assert "4/4 mini-batches" in done.stderr
    return done.stdout.strip(), flag


def rows(warm, name, target):
    """Return the rows that the copying step was given."""
    done = warm.run("job", "download", "-n", name, "--output-name", "all", "-p", str(target))
    assert done.returncode == 0, done.stderr
    (file,) = (path for path in target.rglob("rows") if path.is_file())
    return file.read_text().splitlines()


def test_failed_mini_batches_are_listed_and_run_again_alone(warm, scored, tmp_path):
    """What the others returned is taken over, in the order of the files; equal steps are reused afterwards."""
    name, flag = scored
    shown = json.loads(warm.run("job", "batches", name).stdout)

    assert shown["mini_batches"] == {"total": 4, "done": 3, "failed": 1, "taken": 0, "retries": 0}
    assert [(one["files"], one["error"]) for one in shown["failed"]] == [
        (["4.txt", "5.txt"], "ValueError: no four yet")
    ]
    index = str(shown["failed"][0]["index"])
    log = warm.run("job", "batches", name, "--log", index).stdout
    assert log.startswith(f"mini-batch {index} (4.txt, 5.txt)\n\ntry 1, ")
    assert "ValueError: no four yet" in log
    refused = warm.run("job", "batches", name, "--log", "77")
    assert f"those that did: {index}" in refused.stderr
    assert "3 of 4 mini-batches are done, 1 failed" in warm.run("job", "batches", name, "-o", "table").stderr
    assert rows(warm, name, tmp_path / "one") == [f"{number}.txt v{number}" for number in (0, 1, 2, 3, 6, 7)]

    flag.touch()
    # It is the only parallel step.
    done = warm.run("job", "rerun", name, "--failed-batches", "--stream", "--query", "name", "-o", "tsv")
    assert done.returncode == 0, done.stderr
    again = done.stdout.strip()
    assert json.loads(warm.run("job", "batches", again, "--step", "score").stdout)["mini_batches"]["taken"] == 3
    assert rows(warm, again, tmp_path / "two") == [f"{number}.txt v{number}" for number in range(8)]

    refused = warm.run("job", "rerun", again, "--step", "score", "--failed-batches")
    assert "every mini-batch of step `score` completed" in refused.stderr
    refused = warm.run("job", "rerun", again, "--step", "keep", "--failed-batches")
    assert "step `keep` is no parallel step" in refused.stderr
    done = warm.run("job", "create", "-f", "job.yml", "--stream")
    assert "score | [Completed (reused)]" in done.stderr
    assert "keep | [Completed (reused)]" in done.stderr


def test_a_resumed_parallel_step_goes_on_where_it_ended(warm, tmp_path):
    """One whose threshold was exceeded keeps what had been finished: only the rest runs."""
    flag = tmp_path / "flag"
    for number in range(8):
        warm.write(f"data/{number}.txt", f"v{number}")
    warm.write("src/score.py", SCORE.replace("FLAG", str(flag)))
    one_by_one = "mini_batch_error_threshold: 0\n    max_concurrency_per_instance: 1"
    warm.write("job.yml", JOB.replace("max_concurrency_per_instance: 2", one_by_one))
    done = warm.run("job", "create", "-f", "job.yml", "--stream", "--query", "name", "-o", "tsv")
    assert done.returncode == 1, done.stderr
    assert "1 mini-batches failed, and 0 may" in done.stderr
    flag.touch()
    done = warm.run("job", "resume", done.stdout.strip(), "--stream", "--query", "name", "-o", "tsv")
    again = done.stdout.strip()

    assert done.returncode == 0, done.stderr
    counts = json.loads(warm.run("job", "batches", again).stdout)["mini_batches"]
    assert (counts["done"], counts["taken"]) == (4, 2)
    assert rows(warm, again, tmp_path / "rows") == [f"{number}.txt v{number}" for number in range(8)]


ALONE = """\
type: parallel
inputs: {files: {type: uri_folder, path: ./data}}
outputs: {rows: {type: uri_file}}
input_data: ${{inputs.files}}
mini_batch_size: "2"
max_concurrency_per_instance: 1
retry_settings: {max_retries: 0}
task: {code: ./src, entry_script: score.py, environment: local, append_row_to: "${{outputs.rows}}"}
"""


def test_a_parallel_job_of_its_own_runs_failed_mini_batches_alone(warm, tmp_path):
    """As a step does: by a rerun, and by a resume where too many had failed."""
    flag = tmp_path / "flag"
    for number in range(8):
        warm.write(f"data/{number}.txt", f"v{number}")
    warm.write("src/score.py", SCORE.replace("FLAG", str(flag)))
    failed = {}
    for threshold in ("-1", "0"):
        warm.write("alone.yml", f"{ALONE}mini_batch_error_threshold: {threshold}\n")
        done = warm.run("job", "create", "-f", "alone.yml", "--stream", "--query", "name", "-o", "tsv")
        failed[threshold] = done.returncode, json.loads(warm.run("job", "list", "--max-results", "1").stdout)[0]["name"]
    flag.touch()

    assert [code for code, _ in failed.values()] == [0, 1]
    for verb, threshold, taken in (("rerun", "-1", 3), ("resume", "0", 2)):
        more = ["--failed-batches"] if verb == "rerun" else []
        done = warm.run("job", verb, failed[threshold][1], *more, "--stream", "--query", "name", "-o", "tsv")
        assert done.returncode == 0, done.stderr
        again = done.stdout.strip()
        counts = json.loads(warm.run("job", "batches", again).stdout)["mini_batches"]
        assert (counts["done"], counts["taken"]) == (4, taken)
        warm.run("job", "download", "-n", again, "--output-name", "rows", "-p", str(tmp_path / verb))
        (file,) = (path for path in (tmp_path / verb).rglob("*") if path.is_file())
        assert file.read_text().splitlines() == [f"{number}.txt v{number}" for number in range(8)]
    refused = warm.run("job", "rerun", again, "--failed-batches")
    assert f"every mini-batch of job `{again}` completed" in refused.stderr


SPARK = """\
type: spark
code: ./src
entry: {file: main.py}
conf: {spark.driver.cores: 1, spark.driver.memory: 1g, spark.executor.cores: 1, spark.executor.memory: 1g,
       spark.executor.instances: 1}
"""


def test_a_spark_step_without_pyspark_is_refused_before_anything_runs(warm):
    """With what to install."""
    warm.write("src/main.py", "print(1)\n")
    warm.write("spark.yml", SPARK)
    done = warm.run("job", "create", "-f", "spark.yml")

    assert done.returncode == 1
    assert "no-spark" in done.stderr
    assert "pip install 'pipeyard[spark]'" in done.stderr


@pytest.mark.parametrize(
    "text", ["type: automl\n", "type: finetuning\n", "type: data_transfer\ntask: export_data\n", "type: import\n"]
)
def test_what_cannot_run_is_kept_and_shown(warm, text):
    """A component of such a kind is registered; a job with it is refused with a sentence."""
    name = "kept_" + text.split()[1]
    warm.write("kept.yml", f"{text}name: {name}\nversion: 1\ninputs: {{x: {{type: uri_folder}}}}\n")
    warm.write(
        "job.yml",
        f"type: pipeline\njobs: {{s: {{component: 'azureml:{name}:1', inputs: {{x: {{path: ./kept.yml}}}}}}}}\n",
    )

    assert warm.run("component", "create", "-f", "kept.yml").returncode == 0
    assert json.loads(warm.run("component", "show", "-n", name, "-v", "1").stdout)["type"] == text.split()[1]
    assert "kind-not-yet" in warm.run("job", "create", "-f", "job.yml").stderr
