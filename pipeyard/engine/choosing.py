"""
Which block an `if_else` takes.

In:       a choice about which everything is known.
Out:      the fact for the scheduler.
Not here: what becomes of the other block (`scheduler/`).
"""

from __future__ import annotations

from pipeyard.engine.book import JobBook
from pipeyard.engine.made import made_in, values_of
from pipeyard.graph.flow import CONDITION, Choice
from pipeyard.graph.model import Literal, NodeId
from pipeyard.scheduler import event as facts


def chosen(book: JobBook, node_id: NodeId, choice: Choice, now_ms: int) -> facts.BranchChosen:
    """Return which block is taken; the same whenever it is asked."""
    node = book.graph.nodes[node_id]
    bound = node.inputs[CONDITION]
    takes = bool(bound.value if isinstance(bound, Literal) else values_of(node, made_in(book))[CONDITION])
    bypassed = choice.if_false if takes else choice.if_true
    return facts.BranchChosen(book.name, node_id, now_ms, takes, bypassed)
