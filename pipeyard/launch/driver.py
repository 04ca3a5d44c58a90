"""
The command of a step that a program of ours runs, and the files that the program needs.

In:       a lowered node; where its inputs and outputs are; the texts of our programs.
Out:      a command line, and files to be written below the staging folder before it begins.
Not here: the programs (`pipeyard/drivers/`), what the step says (`model/driver.py`).

The program is copied into the step's own folder and run by the step's own Python, in its container
if it has one: nothing of ours has to be installed there.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Any

from pipeyard.graph.model import Literal, Node
from pipeyard.launch.plan import WORKING_DIR, PlannedFile
from pipeyard.launch.shell_text import ShellReader
from pipeyard.launch.words import split_words
from pipeyard.model.driver import (
    MAX_RETRIES,
    MINI_BATCH_FILES,
    TRY_SECONDS,
    CopyMode,
    CopyTask,
    ParallelTask,
    SparkTask,
)
from pipeyard.model.value import dataclass

FOLDER = "driver"
# What the folder of our programs is called there.
PACKAGE = "pipeyard_drivers"
TASK_FILE = f"{FOLDER}/task.json"
RUN_FILE = f"{FOLDER}/run.py"
# What the inputs are called, and where they are seen, that show what an earlier run left.
EARLIER_LOGS = "earlier/logs"
EARLIER_OUTPUT = "earlier/outputs/"


@dataclass(frozen=True, slots=True)
class DrivenInput:
    """A data input as a driver sees it."""

    # Absolute.
    path: str
    is_file: bool = False
    # Of a table: its files below the path, and how rows are read.
    files: Sequence[PlannedFile] = ()
    table: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class DriverFacts:
    """What a driver is told besides its node."""

    root: str
    literals: Mapping[str, str]
    inputs: Mapping[str, DrivenInput]
    # Absolute paths, and of which of them the output is one file.
    outputs: Mapping[str, str]
    output_files: frozenset[str] = frozenset()
    # By file name.
    programs: Mapping[str, str] = field(default_factory=dict)
    # What an earlier run left, by what `earlier_name` calls it: absolute paths.
    earlier: Mapping[str, str] = field(default_factory=dict)


def driver_command(node: Node, root: str) -> str:
    """Return what `bash -c` runs."""
    word = "copy" if isinstance(node.driver, CopyTask) else node.driver.word if node.driver is not None else ""
    reader = ShellReader()
    paths = [reader.spell(f"{root}/{name}") for name in (RUN_FILE, TASK_FILE)]
    return (
        "python=$(command -v python || command -v python3) || "
        '{ echo "the environment of this step has no Python" >&2; exit 127; }; '
        f'exec "$python" -u {paths[0]} {word} {paths[1]}'
    )


def driver_files(node: Node, facts: DriverFacts) -> dict[str, str]:
    """Return the text of every file, by its path below the staging folder."""
    files = {f"{FOLDER}/{PACKAGE}/{name}": text for name, text in facts.programs.items()}
    files[RUN_FILE] = files.pop(f"{FOLDER}/{PACKAGE}/run.py", "")
    files[TASK_FILE] = json.dumps(_task(node, facts))
    return files


def _task(node: Node, facts: DriverFacts) -> dict[str, Any]:
    paths = {name: item.path for name, item in facts.inputs.items()}
    values = {**facts.literals, **paths}
    arguments = split_words(node.component.command, values, facts.outputs, paths=paths.keys())
    common = {
        "root": facts.root,
        "working_dir": f"{facts.root}/{WORKING_DIR}",
        "arguments": list(arguments),
        "outputs": dict(facts.outputs),
        "earlier": _earlier(facts.earlier),
    }
    task = node.driver
    if isinstance(task, ParallelTask):
        return {**common, **_parallel(node, task, facts)}
    if isinstance(task, SparkTask):
        return {**common, **_spark(task)}
    assert isinstance(task, CopyTask)
    inputs = [{"name": name, "path": item.path, "is_file": item.is_file} for name, item in facts.inputs.items()]
    return {
        **common,
        "inputs": inputs,
        "mode": (task.mode or CopyMode.MERGE).value,
        "output_files": sorted(facts.output_files),
    }


def _parallel(node: Node, task: ParallelTask, facts: DriverFacts) -> dict[str, Any]:
    name = task.input_data or ""
    source = facts.inputs.get(name)
    bound = node.inputs.get(name)
    if source is None or isinstance(bound, Literal):
        # The checks see to it that there is one.
        source = DrivenInput("")
    is_table = source.table is not None
    files: list[Any] | None = None
    if source.files:
        files = [{"path": file.path, "uri": file.uri} if is_table else file.path for file in source.files]
    return {
        "entry_script": task.entry_script,
        "input": {"name": name, "path": source.path, "files": files, "table": source.table},
        "append_to": None if task.append_row_to is None else facts.outputs[task.append_row_to],
        "mini_batch_files": task.mini_batch_files or MINI_BATCH_FILES,
        "mini_batch_bytes": task.mini_batch_bytes,
        "partition_keys": list(task.partition_keys),
        "mini_batch_error_threshold": _or(task.mini_batch_error_threshold, -1),
        "error_threshold": task.error_threshold,
        "logging_level": task.logging_level,
        "instances": node.instance_count,
        "concurrency": task.max_concurrency,
        "max_retries": _or(task.max_retries, MAX_RETRIES),
        "timeout_seconds": _or(task.timeout_seconds, TRY_SECONDS),
    }


def _spark(task: SparkTask) -> dict[str, Any]:
    return {
        "entry_file": task.entry_file,
        "entry_class": task.entry_class,
        "py_files": list(task.py_files),
        "jars": list(task.jars),
        "files": list(task.files),
        "archives": list(task.archives),
        "conf": dict(task.conf),
    }


def _earlier(places: Mapping[str, str]) -> dict[str, Any] | None:
    if EARLIER_LOGS not in places:
        return None
    outputs = {
        name.removeprefix(EARLIER_OUTPUT): path for name, path in places.items() if name.startswith(EARLIER_OUTPUT)
    }
    return {"logs": places[EARLIER_LOGS], "outputs": outputs}


def _or(value: Any, default: Any) -> Any:
    return default if value is None else value
