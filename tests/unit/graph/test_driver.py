"""Steps that a program of ours runs, in a graph."""

from __future__ import annotations

import pytest

from pipeyard.model.component import StepKind
from pipeyard.model.types import InputMode, OutputMode, PortType

JOB = """
type: pipeline
jobs:
  p:
    type: parallel
    inputs: {{d: {{type: {type}, path: azureml://datastores/workspaceblobstore/paths/x, mode: direct}}, n: 3}}
    outputs: {{rows: {{type: {out}, mode: direct}}}}
    input_data: ${{{{inputs.{data}}}}}
    {line}
    resources: {{instance_count: 3}}
    task:
      code: ./src
      entry_script: a.py
      environment: local
      append_row_to: ${{{{outputs.{append}}}}}
"""


def parallel(check, line="", **words):
    wanted = {"type": "uri_folder", "out": "uri_file", "data": "d", "append": "rows", **words}
    return check(JOB.format(line=line, **wanted))


def test_a_parallel_step_is_one_node_with_paths(check):
    """What is direct in Azure is mounted here; several instances are workers, and no gang."""
    job = parallel(check)
    node = job.graph.nodes["p"]

    assert job.codes == []
    assert node.component.kind is StepKind.PARALLEL
    assert node.inputs["d"].mode is InputMode.RO_MOUNT
    assert node.outputs["rows"].mode is OutputMode.RW_MOUNT
    assert (node.driver.input_data, node.instance_count) == ("d", 3)


@pytest.mark.parametrize(
    ("line", "words", "problem"),
    [
        ("", {"data": "e"}, "jobs.p.input_data: unknown-input"),
        ("", {"data": "n"}, "jobs.p.input_data: type-mismatch"),
        ("", {"append": "x"}, "jobs.p.task.append_row_to: unknown-output"),
        ("", {"out": "mltable"}, "jobs.p.task.append_row_to: type-mismatch"),
        ("mini_batch_size: 10kb", {}, "jobs.p.input_data: type-mismatch"),
        ("partition_keys: [a]", {}, "jobs.p.input_data: type-mismatch"),
    ],
)
def test_what_a_parallel_step_names_has_to_be_there(check, line, words, problem):
    """And only a table can be split by rows."""
    (error,) = parallel(check, line, **words).errors

    assert error.startswith(problem)


def test_a_table_may_be_split_by_size_or_keys(check):
    """Its rows are read by the driver."""
    assert parallel(check, "mini_batch_size: 10kb", type="mltable").errors == []
    assert parallel(check, "partition_keys: [a]", type="mltable").errors == []


SPARK = """
type: pipeline
jobs:
  s:
    type: spark
    code: ./src
    entry: {file: a.py}
    conf: {spark.driver.cores: 1, spark.driver.memory: 1g, spark.executor.cores: 1, spark.executor.memory: 1g,
           spark.executor.instances: 1}
    outputs: {o: {type: uri_file, mode: direct}}
    resources: {instance_type: standard_e4s_v3, runtime_version: "3.4"}
"""


def test_a_spark_step_runs_with_what_is_here(check):
    """Without an environment in the person's own Python; what Spark calls a file is a folder."""
    job = check(SPARK)
    node = job.graph.nodes["s"]

    assert job.codes == []
    assert node.environment == "local"
    assert node.outputs["o"].type is PortType.URI_FOLDER


def test_of_a_spark_step_s_environment_only_the_conda_part_counts(check):
    """It gets pyspark, in the version that was asked for, unless it has one."""
    line = "    environment: {image: any, conda_file: {dependencies: [python=3.10, {pip: [pandas]}]}}\n"
    environment = check(SPARK + line).graph.nodes["s"].environment

    assert environment.image is None
    assert environment.conda["dependencies"] == ["python=3.10", {"pip": ["pandas", "pyspark==3.4.*"]}]
    own = check(SPARK + line.replace("pandas", "pyspark==3.5.1")).graph.nodes["s"].environment
    assert own.conda["dependencies"] == ["python=3.10", {"pip": ["pyspark==3.5.1"]}]


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ("{type: automl, task: regression}", "Azure's service"),
        ("{type: import, source: {type: s3}}", "`import`"),
        ("{type: data_transfer, task: import_data}", "`task: import_data`"),
        ("{type: data_transfer, task: export_data}", "`task: export_data`"),
        ("{type: data_transfer, task: dance}", "cannot `dance`"),
        ("{type: finetuning}", "`finetuning`"),
        ("{type: distillation}", "`distillation`"),
        ("{type: parallel, component: ./basic/flow.dag.yaml}", "prompt flow"),
    ],
)
def test_what_cannot_run_is_refused_with_a_sentence_of_its_own(check, step, said):
    """A person learns what is missing, and that it is not their file."""
    (error,) = check(f"type: pipeline\njobs:\n  s: {step}").errors

    assert "kind-not-yet" in error
    assert said in error
