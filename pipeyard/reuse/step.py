"""
Which steps of different jobs count as the same one, for comparing them.

In:       a node's id, and of its job the experiment and the file that was submitted.
Out:      a text, equal for the same step of the same pipeline.
Not here: whether their results are the same: that is the key (`parts.py`).

A wrong guess costs an explanation that compares too much, never a wrong result.
"""

from __future__ import annotations

import json
from pathlib import PurePosixPath

from pipeyard.graph.model import NodeId


def step_of(experiment_name: str, file: str | None, node: NodeId) -> str:
    """Return who a step is across jobs; *file* is what the root record keeps as `detail["file"]`."""
    # The folder depends on where the person stood.
    name = PurePosixPath(file.replace("\\", "/")).name if file else ""
    return json.dumps([experiment_name, name, node])
