"""What parallel, Spark and copying steps say."""

from __future__ import annotations

import pytest

from pipeyard.model.component import CommandComponent, OtherComponent, StepKind
from pipeyard.model.driver import CopyMode, CopyTask, ParallelTask, SparkTask, merged
from pipeyard.spec.decode import decode_component
from pipeyard.spec.document import parse_document


def component(text, *expected):
    """Return a component, after exactly the expected problems as `code: path`."""
    document, problems = parse_document(text, source="c", file="c.yml")
    found, more = decode_component(document)
    shown = [f"{one.code}: {'.'.join(map(str, one.place.path))}" for one in (*problems, *more)]
    assert shown == list(expected), [*problems, *more]
    return found


PARALLEL = """
type: parallel
inputs: {files: {type: uri_folder}, word: {type: string}}
outputs: {rows: {type: uri_file}}
input_data: ${{inputs.files}}
TASK_LINE
task:
  type: run_function
  code: ./src
  entry_script: ./score.py
  environment: azureml:e:1
  program_arguments: --word ${{inputs.word}}
  append_row_to: ${{outputs.rows}}
"""


def parallel(line, *expected):
    """Return the task with one more line in it."""
    found = component(PARALLEL.replace("TASK_LINE", line), *expected)
    assert isinstance(found, CommandComponent)
    assert found.kind is StepKind.PARALLEL
    assert isinstance(found.driver, ParallelTask)
    return found


def test_a_parallel_component_has_what_a_command_has():
    """Code and environment of its task are the component's, and its arguments stand for the command."""
    found = parallel("error_threshold: 3")

    assert (found.driver.entry_script, found.driver.input_data, found.driver.append_row_to) == (
        "score.py",
        "files",
        "rows",
    )
    assert found.driver.error_threshold == 3
    assert found.code.text == "./src"
    assert found.settings.environment.name == "e"
    assert found.command.text == "--word ${{inputs.word}}"
    assert found.command_place.path == ("task", "program_arguments")


@pytest.mark.parametrize(
    ("text", "files", "size"), [("7", 7, None), ("10kb", None, 10_240), ("2MB", None, 2 << 20), ("1gB", None, 1 << 30)]
)
def test_a_mini_batch_has_a_number_of_files_or_a_size(text, files, size):
    """The unit decides."""
    task = parallel(f'mini_batch_size: "{text}"').driver

    assert (task.mini_batch_files, task.mini_batch_bytes) == (files, size)


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("mini_batch_size: 0", "wrong-value: mini_batch_size"),
        ("mini_batch_size: 5tb", "wrong-value: mini_batch_size"),
        ("mini_batch_error_threshold: -2", "wrong-value: mini_batch_error_threshold"),
        ("max_concurrency_per_instance: 0", "wrong-value: max_concurrency_per_instance"),
        ("logging_level: LOUD", "unknown-value: logging_level"),
        ("partition_keys: []", "wrong-value: partition_keys"),
        ("retry_settings: {timeout: 0}", "wrong-value: retry_settings.timeout"),
        ("retry_settings: {timeout: 259201}", "wrong-value: retry_settings.timeout"),
        ("retry_settings: {max_retries: -1}", "wrong-value: retry_settings.max_retries"),
        ("mini_bach_size: 3", "unknown-field: mini_bach_size"),
    ],
)
def test_what_is_out_of_bounds_is_said_where_it_stands(line, problem):
    """Each is one problem."""
    parallel(line, problem)


def test_keys_may_be_a_list_or_a_text_with_commas():
    """Both occur."""
    assert parallel("partition_keys: [a, b]").driver.partition_keys == ("a", "b")
    assert parallel("partition_keys: a, b").driver.partition_keys == ("a", "b")


def test_what_a_parallel_component_needs_is_asked_for():
    """All of it at once."""
    component("type: parallel\ntask: {type: run_function}", *(["missing-field: "] + ["missing-field: task"] * 2))


def test_a_task_of_a_model_is_refused_by_name():
    """Nothing says how its rows would be read."""
    document, _ = parse_document(
        PARALLEL.replace("run_function", "model").replace("TASK_LINE\n", ""), source="c", file="c.yml"
    )
    (problem,) = decode_component(document)[1]

    assert "type `model`" in problem.message


SPARK = """
type: spark
code: ./src
entry: {file: main.py}
args: --a b
conf: CONF
"""
SIZES = "spark.driver.cores: 1, spark.driver.memory: 2g, spark.executor.cores: 2, spark.executor.memory: 2g"


def test_a_spark_component_says_what_to_run_and_how_large():
    """Texts of all settings are as Spark wants them."""
    found = component(
        SPARK.replace("CONF", f"{{{SIZES}, spark.executor.instances: 2, spark.x: true}}") + "py_files: [./a.zip, b.py]"
    )

    assert isinstance(found.driver, SparkTask)
    assert (found.driver.entry_file, found.driver.py_files, found.command.text) == (
        "main.py",
        ("a.zip", "b.py"),
        "--a b",
    )
    assert found.driver.conf["spark.x"] == "true"


@pytest.mark.parametrize(
    ("conf", "problems"),
    [
        (f"{{{SIZES}}}", ["missing-field: conf"]),
        ("{spark.executor.instances: 1}", ["missing-field: conf"] * 4),
        (f"{{{SIZES}, spark.executor.instances: none}}", ["wrong-value: conf.spark.executor.instances"]),
        (f"{{{SIZES}, spark.dynamicAllocation.enabled: True}}", ["missing-field: conf"] * 2),
        (
            (
                f"{{{SIZES}, spark.dynamicAllocation.enabled: True, spark.executor.instances: 9,"
                " spark.dynamicAllocation.minExecutors: 1, spark.dynamicAllocation.maxExecutors: 4}"
            ),
            ["wrong-value: conf.spark.executor.instances"],
        ),
    ],
)
def test_the_sizes_of_spark_are_checked_as_in_azure(conf, problems):
    """Cores and memory of both, and how many executors."""
    component(SPARK.replace("CONF", conf), *problems)


def test_a_file_is_named_once():
    """Twice is a mistake, as in Azure."""
    text = SPARK.replace("CONF", f"{{{SIZES}, spark.executor.instances: 2}}") + "jars: [a.jar, ./a.jar]"

    component(text, "wrong-value: jars.1")


def test_copying_has_one_output():
    """Everything goes there."""
    text = "type: data_transfer\ntask: copy_data\ninputs: {a: {type: uri_folder}}\n"

    found = component(text + "data_copy_mode: fail_if_conflict\noutputs: {o: {type: uri_folder}}")
    assert isinstance(found.driver, CopyTask)
    assert found.driver.mode is CopyMode.FAIL
    component(text, "wrong-value: ")


def test_what_cannot_run_is_kept_by_its_task():
    """An import can be registered and shown."""
    found = component("type: data_transfer\ntask: import_data\noutputs: {sink: {type: mltable}}")

    assert isinstance(found, OtherComponent)
    assert (found.kind, found.task, list(found.outputs)) == (StepKind.DATA_TRANSFER, "import_data", ["sink"])


def test_a_step_wins_over_its_component_field_by_field():
    """A size in files takes the place of one in bytes, and settings of Spark are put together."""
    place = parallel("mini_batch_size: 5kb").driver.place
    over = ParallelTask(place, mini_batch_files=3, max_retries=0)
    task = merged(over, ParallelTask(place, mini_batch_bytes=5, input_data="x", max_retries=4))

    assert (task.mini_batch_files, task.mini_batch_bytes, task.input_data, task.max_retries) == (3, None, "x", 0)
    spark = merged(SparkTask(place, conf={"a": "2"}), SparkTask(place, conf={"a": "1", "b": "1"}))
    assert spark.conf == {"a": "2", "b": "1"}
