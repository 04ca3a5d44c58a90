"""
Whether the task of a parallel, Spark or copying step fits its inputs and outputs.

In:       a lowered node (`graph/lower.py`).
Out:      diagnostics.
Not here: what the task says alone (`spec/decode_parallel.py`, `spec/decode_spark.py`).
"""

from __future__ import annotations

from pipeyard.graph.model import Literal, Node
from pipeyard.graph.problems import Problems
from pipeyard.model.component import InputPort
from pipeyard.model.driver import ParallelTask
from pipeyard.model.types import PortType

_APPENDED = (PortType.URI_FILE, PortType.URI_FOLDER)


def check_driver(node: Node, problems: Problems) -> None:
    """Report what such a step names and does not have, and what its input cannot be split by."""
    if node.driver is None:
        return
    if node.distribution is not None:
        problems.warning(
            "no-effect",
            f"`distribution` has no effect on a {node.driver.word} step",
            node.distribution.place,
            hint="remove it",
        )
    if isinstance(node.driver, ParallelTask):
        _check_input(node, node.driver, problems)
        _check_append(node, node.driver, problems)


def _check_input(node: Node, task: ParallelTask, problems: Problems) -> None:
    name, place = task.input_data, task.input_place
    if name is None or place is None:
        return
    port = node.component.inputs.get(name)
    if port is None:
        if not problems.explains(node.component.head.place, "inputs", name):
            problems.error(
                "unknown-input",
                f"`input_data` names input `{name}`, which is not declared",
                place,
                hint=problems.meant(name, node.component.inputs, what="inputs declared here"),
            )
        return
    bound = node.inputs.get(name)
    if isinstance(bound, Literal) or (bound is None and port.type.is_literal):
        problems.error(
            "type-mismatch",
            f"`input_data` is input `{name}`, which is no data",
            place,
            expected="a folder, a file or an mltable",
            found=f"`{port.type.value}`",
        )
        return
    if bound is None:
        if _may_be_missing(port):
            problems.error(
                "missing-input", f"`input_data` is input `{name}`, which has no value", place, expected="data to split"
            )
        return
    is_table = PortType.MLTABLE in (bound.type, port.type)
    by = "`partition_keys`" if task.partition_keys else "a size in bytes" if task.mini_batch_bytes else None
    if by is not None and not is_table:
        problems.error(
            "type-mismatch",
            f"{by} splits the rows of a table, and input `{name}` is a {bound.type.value}",
            place,
            expected="`type: mltable`, or `mini_batch_size` as a number of files",
            found=f"`{bound.type.value}`",
        )


def _may_be_missing(port: InputPort) -> bool:
    # One that is required and missing was reported where it should have been given.
    return port.optional


def _check_append(node: Node, task: ParallelTask, problems: Problems) -> None:
    name, place = task.append_row_to, task.append_place
    if name is None or place is None:
        return
    output = node.outputs.get(name)
    if output is None:
        if not problems.explains(node.component.head.place, "outputs", name):
            problems.error(
                "unknown-output",
                f"`append_row_to` names output `{name}`, which is not declared",
                place,
                hint=problems.meant(name, node.component.outputs, what="outputs declared here"),
            )
    elif output.type not in _APPENDED:
        problems.error(
            "type-mismatch",
            f"`append_row_to` names output `{name}`, which is a {output.type.value}",
            place,
            expected="`type: uri_file`",
            found=f"`{output.type.value}`",
        )
