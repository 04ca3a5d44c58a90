"""
What the steps before a step have left for it.

In:       the book of a running job.
Out:      their outputs; of those that are values, the values, as the step's inputs take them.
Not here: bytes (`reading.py`, `planning.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field

from pipeyard.engine.book import JobBook
from pipeyard.graph.fit import as_input
from pipeyard.graph.model import Node, NodeId, NodeOutput
from pipeyard.model.component import Scalar
from pipeyard.model.errors import ComputeError
from pipeyard.model.record import OutputRecord
from pipeyard.model.value import dataclass


@dataclass(frozen=True, slots=True)
class Made:
    """What a step left, whoever really wrote it."""

    # The job whose artifacts are its own.
    writer: str
    outputs: Mapping[str, OutputRecord] = field(default_factory=dict)


# What the steps before left; None: it is not known yet.
MadeBy = Callable[[NodeId], Made | None]


def made_in(book: JobBook) -> MadeBy:
    """Return what the steps of a running job left."""

    def made(node: NodeId) -> Made:
        page = book.pages[node]
        return Made(page.writer, page.outputs)

    return made


def values_of(node: Node, made: MadeBy) -> dict[str, Scalar]:
    """
    Return each input that is a value written by another node, as its port takes it.

    Raises `ComputeError` for one that is not there, or that the port does not take.
    """
    found = {}
    for name, bound in node.inputs.items():
        if not isinstance(bound, NodeOutput) or bound.type.is_data:
            continue
        before = made(bound.node)
        output = before.outputs.get(bound.output) if before is not None else None
        if output is None or output.value is None:
            raise ComputeError(
                f"input `{name}`: step `{bound.node}` left no output `{bound.output}`", code="missing-output"
            )
        taken, problem = as_input(output.value, bound.type, node.component.inputs.get(name))
        if taken is None:
            raise ComputeError(
                f"input `{name}` {problem}; step `{bound.node}` wrote it to its output `{bound.output}`",
                code="bad-value",
            )
        found[name] = taken
    return found
