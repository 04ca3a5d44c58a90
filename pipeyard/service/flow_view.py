"""
What a step that chooses or repeats says, as the JSON that users see: the keys of its YAML.

In:       its node.
Out:      plain mappings.
Not here: how far it is (`engine/conduct/` notes `progress`, and `engine/book.py` the choice that was made).
"""

from __future__ import annotations

from typing import Any

from pipeyard.graph.flow import ForEach, Loop
from pipeyard.graph.model import Node
from pipeyard.model.flow import DoWhileSpec, IfElseSpec, ParallelForSpec


def flow_detail(node: Node) -> dict[str, Any]:
    """Return what the record of a step says of what it chooses or repeats; nothing for any other."""
    spec, control = node.step.control_spec, node.control
    if isinstance(spec, IfElseSpec):
        return {
            "true_block": [named.name for named in spec.true_block],
            "false_block": [named.name for named in spec.false_block],
        }
    if isinstance(spec, DoWhileSpec) and isinstance(control, Loop):
        return {
            "body": spec.body.name,
            "condition": control.condition,
            "mapping": {output: list(inputs) for output, inputs in control.mapping.items()},
            "limits": {"max_iteration_count": control.iterations_max},
        }
    if isinstance(spec, ParallelForSpec) and isinstance(control, ForEach):
        # Items of a text that a step writes are known when it has run.
        labels = [item.label for item in control.items]
        return {
            "body": spec.body.name,
            "items": labels or None,
            "max_concurrency": control.concurrency_max,
        }
    return {}
