"""
Which kinds of step a program of ours runs, and what each says for it.

In:       the fields of a component, a step or a job.
Out:      a task (`model/driver.py`).
Not here: the fields of each (`decode_parallel.py`, `decode_spark.py`), refusing the others (`graph/refusal.py`).
"""

from __future__ import annotations

from typing import Any

from pipeyard.model.component import StepKind
from pipeyard.model.driver import Driver
from pipeyard.spec.decode_parallel import decode_parallel, decode_parallel_settings, settings_of_task
from pipeyard.spec.decode_spark import (
    COPY,
    decode_copy,
    decode_copy_settings,
    decode_spark,
    decode_spark_settings,
)
from pipeyard.spec.reading import Fields, Reading

# The file that describes a prompt flow, and what such a component is called here.
_FLOW_FILES = ("flow.dag.yaml", "flow.dag.yml", "flow.flex.yaml")
PROMPT_FLOW = "prompt-flow"
_DRIVEN = frozenset({StepKind.PARALLEL, StepKind.SPARK, StepKind.DATA_TRANSFER})


def is_driven(fields: Fields, kind: StepKind | None) -> bool:
    """Return whether a program of ours runs what these fields describe."""
    return kind in _DRIVEN and (kind is not StepKind.DATA_TRANSFER or task_of(fields, kind) in (None, COPY))


def is_flow(value: Any) -> bool:
    """Return whether what stands behind `component:` is a prompt flow, or a run of one."""
    if isinstance(value, dict):
        schema = str(value.get("$schema") or "").rpartition("/")[2].lower()
        return schema in ("flow.schema.json", "run.schema.json") or ("flow" in value and "type" not in value)
    return isinstance(value, str) and value.strip().rpartition("/")[2] in _FLOW_FILES


def task_of(fields: Fields, kind: StepKind) -> str | None:
    """Return the word that tells apart what one kind can do: the `task` of a `data_transfer`."""
    task = fields.get("task")
    return task.strip().lower() if kind is StepKind.DATA_TRANSFER and isinstance(task, str) else None


def decode_driver(reading: Reading, fields: Fields, kind: StepKind | None, where: str) -> Driver | None:
    """Return the whole task of a component, or of a step that holds its own; None for a command."""
    if kind is StepKind.PARALLEL:
        return decode_parallel(reading, fields, where)
    if kind is StepKind.SPARK:
        return decode_spark(reading, fields, where)
    if kind is StepKind.DATA_TRANSFER:
        if not fields.has("task"):
            reading.missing("task", fields.place, where, f"write `task: {COPY}`")
        return decode_copy(reading, fields, where)
    return None


def decode_driver_settings(reading: Reading, fields: Fields, kind: StepKind | None) -> Driver | None:
    """Return what a step says of the task of the component that it runs."""
    if kind is StepKind.PARALLEL:
        settings_of_task(reading, fields)
        return decode_parallel_settings(reading, fields)
    if kind is StepKind.SPARK:
        return decode_spark_settings(reading, fields)
    if kind is StepKind.DATA_TRANSFER:
        return decode_copy_settings(reading, fields)
    return None
