"""
Whether a step's processes can work together as it says.

In:       a node whose counts are known.
Out:      diagnostics at `distribution` or `resources`.
Not here: what a file alone shows (`spec/decode_distribution.py`), slots (`service/placing.py`).
"""

from __future__ import annotations

from pipeyard.graph.model import Node
from pipeyard.graph.problems import Problems
from pipeyard.model.component import DISTRIBUTED, Distribution
from pipeyard.model.diagnostic import Place

# They all run on one machine, and each has a log of its own.
PROCESSES_MAX = 1024


def check_distribution(node: Node, problems: Problems, *, who: str, instances_place: Place) -> None:
    """Report what cannot run, and instances that would have nothing to do; *who* is how the node is spoken of."""
    distribution = node.distribution
    if node.driver is not None or node.control is not None:
        # They know what to do with instances.
        return
    if distribution is None:
        if node.instance_count > 1:
            _warn_of_idle_instances(node, problems, who, instances_place)
    elif distribution.type not in DISTRIBUTED:
        problems.error(
            "distribution-not-yet",
            f"{who} asks for `{distribution.type}` distribution, which this version cannot run",
            distribution.place.child("type"),
            expected=f"one of {', '.join(f'`{name}`' for name in DISTRIBUTED)}",
            found=f"`{distribution.type}`",
        )
    else:
        _check_counts(node, distribution, problems, who)


def _check_counts(node: Node, distribution: Distribution, problems: Problems, who: str) -> None:
    is_sound = True
    for name, least in DISTRIBUTED[distribution.type].items():
        count = distribution.settings[name]
        if count < least:
            is_sound = False
            problems.error(
                "wrong-value",
                f"{who} has a `{name}` of {count}",
                distribution.place.child(name),
                expected=f"a whole number from {least} up",
                found=str(count),
            )
    total = distribution.process_count(node.instance_count)
    if is_sound and total > PROCESSES_MAX:
        problems.error(
            "too-many-processes",
            f"{who} asks for {total} processes",
            distribution.place,
            expected=f"at most {PROCESSES_MAX}: all of them run on this machine",
            found=str(total),
        )


def _warn_of_idle_instances(node: Node, problems: Problems, who: str, place: Place) -> None:
    problems.warning(
        "no-distribution",
        f"{who} takes {node.instance_count} instances and has no `distribution`: its command runs once, on the first",
        place,
        hint="to run it once on each instance, write `distribution: {type: pytorch}`",
    )
