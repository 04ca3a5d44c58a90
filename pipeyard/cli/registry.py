"""
The group `pipeyard registry`.

Out:      a group that knows its commands by name.
Not here: the commands: `workspace_verbs.py`.
"""

from __future__ import annotations

from pipeyard.cli.command import LazyGroup

registry = LazyGroup(
    "registry",
    help="Keep assets that every workspace may use.",
    table={
        "create": ("pipeyard.cli.workspace_verbs:create_registry", "Create a registry, or change it."),
        "list": ("pipeyard.cli.workspace_verbs:list_registries", "List registries."),
        "show": ("pipeyard.cli.workspace_verbs:show_registry", "Show a registry."),
        "delete": ("pipeyard.cli.workspace_verbs:delete_registry", "Delete a registry and everything in it."),
    },
    later={"update": "`registry update` is `registry create` here: it changes one that is there"},
    examples=(
        ("Create one:", "pipeyard registry create -n team"),
        ("Share with it:", "pipeyard component share -n train -v 1 --registry-name team"),
        ("Use it in a pipeline:", "component: azureml://registries/team/components/train/versions/1"),
    ),
    no_args_is_help=True,
)
