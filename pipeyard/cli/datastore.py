"""
The group `pipeyard datastore`: the places where data and outputs are.

Out:      a group that knows its commands by name.
Not here: the commands: `datastore_verbs.py`.
"""

from __future__ import annotations

from pipeyard.cli.command import LazyGroup

_SENTENCE = "`datastore {}` is not in this version of Pipeyard: the five built-in datastores are all there are"

datastore = LazyGroup(
    "datastore",
    help="Look at the places where data and outputs are.",
    table={
        "list": ("pipeyard.cli.datastore_verbs:list_", "List datastores."),
        "show": ("pipeyard.cli.datastore_verbs:show", "Show a datastore."),
    },
    later={name: _SENTENCE.format(name) for name in ("create", "update", "delete", "mount")},
    examples=(("See what there is:", "pipeyard datastore list -o table"),),
    no_args_is_help=True,
)
