"""
The group `pipeyard compute`.

Out:      a group that knows its commands by name.
Not here: the commands: `compute_verbs.py`.
"""

from __future__ import annotations

from pipeyard.cli.command import LazyGroup

_SENTENCE = "`compute {}` is not in this version of Pipeyard: a compute is a pool of slots on this machine, always on"

compute = LazyGroup(
    "compute",
    help="Say on how many slots steps may run at once. A compute is a pool of slots on this machine; "
    "`local`, one slot for each CPU, is always there.",
    table={
        "create": ("pipeyard.cli.compute_verbs:create", "Create a compute, or change it."),
        "list": ("pipeyard.cli.compute_verbs:list_", "List computes."),
        "show": ("pipeyard.cli.compute_verbs:show", "Show a compute."),
        "update": ("pipeyard.cli.compute_verbs:update", "Change how many slots a compute has."),
        "list-nodes": ("pipeyard.cli.compute_verbs:list_nodes", "List a compute's slots and what runs in them."),
        "list-waiting": ("pipeyard.cli.compute_verbs:list_waiting", "List the steps that wait for a compute, and why."),
        "delete": ("pipeyard.cli.compute_verbs:delete", "Forget a compute."),
    },
    later={
        name: _SENTENCE.format(name)
        for name in (
            "attach",
            "detach",
            "start",
            "stop",
            "restart",
            "list-sizes",
            "list-usage",
            "connect-ssh",
            "enable-sso",
        )
    },
    examples=(
        ("Create a pool of ten slots:", "pipeyard compute create -n cpu-cluster --type amlcompute --max-instances 10"),
        ("See what there is:", "pipeyard compute list -o table"),
    ),
    no_args_is_help=True,
)
