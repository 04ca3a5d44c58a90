"""
The group `pipeyard workspace`.

Out:      a group that knows its commands by name.
Not here: the commands: `workspace_verbs.py`.
"""

from __future__ import annotations

from pipeyard.cli.command import LazyGroup

_SENTENCE = "`workspace {}` is not provided by Pipeyard: a workspace here has no keys and no cloud around it"

workspace = LazyGroup(
    "workspace",
    help="Keep jobs, assets, datastores and computes of several projects apart. `default` is always there.",
    table={
        "create": ("pipeyard.cli.workspace_verbs:create", "Create a workspace, or change it."),
        "list": ("pipeyard.cli.workspace_verbs:list_", "List workspaces."),
        "show": ("pipeyard.cli.workspace_verbs:show", "Show a workspace."),
        "mlflow": ("pipeyard.cli.workspace_mlflow:mlflow", "Let MLflow in this shell log to a workspace."),
        "update": ("pipeyard.cli.workspace_verbs:update", "Change a workspace."),
        "search": ("pipeyard.cli.workspace_verbs:search", "Find jobs, assets, computes and datastores by words."),
        "history": ("pipeyard.cli.workspace_verbs:history", "Show who changed what, and when."),
        "delete": ("pipeyard.cli.workspace_verbs:delete", "Delete a workspace and everything in it."),
    },
    later={
        name: _SENTENCE.format(name)
        for name in ("list-keys", "sync-keys", "diagnose", "provision-network", "sync-network")
    },
    examples=(
        ("Create one:", "pipeyard workspace create -n vision"),
        ("Work in it from now on:", "pipeyard configure --defaults workspace=vision"),
        ("Or for one command:", "pipeyard job list -w vision"),
    ),
    no_args_is_help=True,
)
