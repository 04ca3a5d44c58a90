"""
Nodes in which no command runs: choices and repetitions.

In:       what stands for the step in the tree, and what it does.
Out:      a `Node` whose settings are empty: there is nothing to set up.
"""

from __future__ import annotations

from collections.abc import Mapping

from pipeyard.graph.model import BoundInput, BoundOutput, Control, Node, NodeOutput
from pipeyard.graph.tree import Leaf
from pipeyard.model.component import CommandComponent


def bare_node(
    leaf: Leaf,
    component: CommandComponent,
    inputs: Mapping[str, BoundInput],
    outputs: Mapping[str, BoundOutput],
    control: Control,
) -> Node:
    """Return the node of a step that chooses or repeats."""
    return Node(
        id=leaf.id,
        step=leaf.step,
        component=component,
        component_ref=leaf.reference,
        inputs=inputs,
        outputs=outputs,
        compute=None,
        compute_place=None,
        environment=None,
        environment_variables={},
        instance_count=1,
        instance_type=None,
        shm_size=None,
        docker_args=(),
        distribution=None,
        timeout_seconds=None,
        is_deterministic=True,
        upstream=frozenset(bound.node for bound in inputs.values() if isinstance(bound, NodeOutput)),
        control=control,
    )
