"""The drivers of Spark and of copying."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest


def drive(step, word: str, task: dict, **env: str) -> subprocess.CompletedProcess:
    """Run a driver with a task."""
    task = {"root": str(step.root), "working_dir": str(step.root / "wd"), "arguments": [], **task}
    (step.root / "driver" / "task.json").write_text(json.dumps(task))
    return subprocess.run(
        [sys.executable, "../driver/run.py", word, str(step.root / "driver" / "task.json")],
        cwd=step.root / "wd",
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def tree(folder: Path) -> dict[str, str]:
    """Return the text of each file."""
    return {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*") if path.is_file()}


def copying(step, mode: str, *, is_file: bool = False) -> subprocess.CompletedProcess:
    for name, files in {"a": ["x.txt", "in/y.txt"], "b": ["x.txt"]}.items():
        for file in files:
            place = step.data / name / file
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(name)
    single = step.data / "one file.txt"
    single.write_text("single")
    inputs = [{"name": name, "path": str(step.data / name)} for name in ("a", "b")]
    inputs.append({"name": "c", "path": str(single)})
    outputs = {"o": str(step.root / "outputs" / "o")}
    return drive(
        step, "copy", {"inputs": inputs, "outputs": outputs, "mode": mode, "output_files": ["o"] if is_file else []}
    )


def test_a_later_input_replaces_files_of_an_earlier_one(step):
    """With `merge_with_overwrite`; a file lies beside the contents of folders."""
    done = copying(step, "merge_with_overwrite")

    assert done.returncode == 0, done.stderr
    assert tree(step.root / "outputs" / "o") == {"x.txt": "b", "in/y.txt": "a", "one file.txt": "single"}
    assert "copied 3 files to output `o`; 1 of them replaced" in done.stdout


def test_equal_names_are_refused_if_that_is_asked_for(step):
    """Then nothing is copied, and the names are said."""
    done = copying(step, "fail_if_conflict")

    assert done.returncode == 1
    assert "x.txt" in done.stderr
    assert not (step.root / "outputs" / "o").exists()


def test_several_files_do_not_become_one(step):
    """An output that is one file takes one."""
    assert "make it a `uri_folder`" in copying(step, "merge_with_overwrite", is_file=True).stderr


SUBMIT = """#!/bin/sh
printf '%s\\n' "$@" >"$SPARK_SAID"
[ -d "$SPARK_OUT" ] && exit 9
mkdir "$SPARK_OUT" && echo 1 >"$SPARK_OUT/part-0"
mkdir "$SPARK_LOCAL_DIRS"
exit ${SPARK_CODE:-0}
"""


@pytest.fixture
def spark(step, tmp_path):
    """Stand in for pyspark and Java; what `spark-submit` was called with is in a file."""
    package = tmp_path / "site" / "pyspark"
    (package / "bin").mkdir(parents=True)
    (package / "__init__.py").touch()
    submit = package / "bin" / "spark-submit"
    submit.write_text(SUBMIT)
    submit.chmod(0o755)
    out = step.root / "outputs" / "o"
    out.mkdir()
    task = {
        "entry_file": "main.py",
        "entry_class": None,
        "py_files": ["lib a.zip"],
        "jars": [],
        "files": ["x.txt", "abfss://c@a/y.txt"],
        "archives": [],
        "conf": {
            "spark.driver.cores": "1",
            "spark.driver.memory": "600m",
            "spark.executor.cores": "1",
            "spark.executor.memory": "100m",
            "spark.executor.instances": "1",
        },
        "outputs": {"o": str(out)},
        "arguments": ["--a", "b c"],
    }
    said = tmp_path / "said"
    env = {"PYTHONPATH": str(package.parent), "SPARK_SAID": str(said), "SPARK_OUT": str(out), "JAVA_HOME": "/java"}

    def run(**more):
        changed, extra = {**task, **more.pop("task", {})}, {**env, **more}
        return drive(step, "spark", changed, **extra), said

    run.out = out
    return run


def test_spark_is_called_with_local_threads_and_all_memory(spark, step):
    """Files are those of the code, URIs stay, and the output is not there when the program begins."""
    done, said = spark()
    words = said.read_text().splitlines()

    assert done.returncode == 0, done.stderr
    assert words[:4] == ["--master", "local[1]", "--driver-memory", "700m"]
    assert words[-3:] == [f"{step.root}/wd/main.py", "--a", "b c"]
    assert words[words.index("--py-files") + 1] == f"{step.root}/wd/lib a.zip"
    assert words[words.index("--files") + 1] == f"{step.root}/wd/x.txt,abfss://c@a/y.txt"
    assert "spark.executor.cores=1" in words
    assert (spark.out / "part-0").exists()
    assert (step.root / "spark").is_dir()  # What it shuffles stays in the step's folder.


def test_a_class_is_run_from_the_first_jar(spark, step):
    """As `spark-submit` wants it."""
    _, said = spark(task={"entry_file": None, "entry_class": "a.B", "jars": ["b.jar", "c.jar"]})
    words = said.read_text().splitlines()

    assert words[-5:] == ["--class", "a.B", f"{step.root}/wd/b.jar", "--a", "b c"]


def test_spark_s_exit_code_is_the_step_s(spark):
    """Whatever it is."""
    assert spark(SPARK_CODE="3")[0].returncode == 3


def test_what_spark_lacks_is_said(spark):
    """One sentence each: no pyspark in the step's Python, no Java on the machine."""
    done, _ = spark(PYTHONPATH="")
    assert done.returncode == 127
    assert "has no pyspark" in done.stderr
    done, _ = spark(JAVA_HOME="", PATH="/nowhere")
    assert "Spark needs Java" in done.stderr
