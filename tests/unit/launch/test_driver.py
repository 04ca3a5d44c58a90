"""What a program of ours is told, and how it is called."""

from __future__ import annotations

import json

from pipeyard.launch.plan import PlannedFile, PlannedInput
from pipeyard.launch.prepare import PlacedData
from tests.unit.launch.test_prepare import FACTS, STORE, plan

ROOT = FACTS.root
PARALLEL = """
type: parallel
inputs:
  d: {path: ./data, type: TYPE}
  word: two words
outputs: {rows: {type: uri_file}}
input_data: ${{inputs.d}}
partition_keys: KEYS
resources: {instance_count: 2}
task:
  code: ./src
  entry_script: score.py
  environment: local
  program_arguments: --word "${{inputs.word}}" --data ${{inputs.d}}
  append_row_to: ${{outputs.rows}}
"""


def task_of(found):
    return json.loads(found.files["driver/task.json"])


def test_a_parallel_step_runs_the_driver_in_its_place():
    """With the step's own Python, from files in its own folder; it is one process, however many instances."""
    found = plan(
        PARALLEL.replace("TYPE", "uri_folder").replace("partition_keys: KEYS\n", ""),
        {"d": PlacedData(f"{STORE}/x/data")},
        programs={"run.py": "run", "parallel.py": "text"},
    )
    task = task_of(found)

    assert found.command.endswith(f"""-u '{ROOT}/driver/run.py' parallel '{ROOT}/driver/task.json'""")
    assert found.gang is None
    assert found.files.keys() == {"driver/run.py", "driver/task.json", "driver/pipeyard_drivers/parallel.py"}
    assert task["arguments"] == ["--word", "two words", "--data", f"{ROOT}/inputs/d"]
    assert task["input"] == {"name": "d", "path": f"{ROOT}/inputs/d", "files": None, "table": None}
    assert task["append_to"] == f"{ROOT}/outputs/rows/rows"
    assert [task[name] for name in ("mini_batch_files", "max_retries", "timeout_seconds", "instances")] == [1, 2, 60, 2]
    assert (task["mini_batch_error_threshold"], task["earlier"]) == (-1, None)


def test_the_files_of_a_table_are_put_in_place_for_its_driver():
    """Wherever they are; what the driver is told of each is its name there, and its URI."""
    files = (PlannedFile("a.csv", "/store/a.csv", "azureml://a"),)
    placed = PlacedData(f"{STORE}/x/data", files=files, recipe={"read": {"type": "parquet"}})
    text = PARALLEL.replace("TYPE", "mltable").replace("KEYS", "[k]")
    found = plan(text, {"d": placed})

    assert found.inputs[0].mode == "eval_mount"
    assert task_of(found)["input"]["files"] == [{"path": "a.csv", "uri": "azureml://a"}]
    assert task_of(found)["partition_keys"] == ["k"]


def test_an_earlier_run_is_shown_to_the_driver():
    """Its logs and outputs are inputs that no command names."""
    earlier = tuple(
        PlannedInput(name, f"{STORE}/{name}", "ro_mount", name) for name in ("earlier/logs", "earlier/outputs/model")
    )
    text = PARALLEL.replace("TYPE", "uri_folder").replace("partition_keys: KEYS\n", "")
    found = plan(text, {"d": PlacedData(f"{STORE}/x")}, earlier=earlier)

    assert found.inputs[1:] == earlier
    assert task_of(found)["earlier"] == {
        "logs": f"{ROOT}/earlier/logs",
        "outputs": {"model": f"{ROOT}/earlier/outputs/model"},
    }


def test_copying_is_told_of_every_input():
    """In the order in which they are written."""
    found = plan(
        """
        type: data_transfer
        task: copy_data
        data_copy_mode: merge_with_overwrite
        inputs: {b: {path: ./b}, a: {path: ./a, type: uri_file}}
        outputs: {o: {type: uri_folder}}
        """,
        {"a": PlacedData(f"{STORE}/a.txt", is_file=True), "b": PlacedData(f"{STORE}/b")},
    )
    task = task_of(found)

    assert "run.py' copy '" in found.command
    assert [item["path"] for item in task["inputs"]] == [f"{ROOT}/inputs/b", f"{ROOT}/inputs/a/a.txt"]
    assert task["mode"] == "merge_with_overwrite"
