"""
The group `pipeyard component`.

Out:      a group that knows its commands by name.
Not here: the commands: `component_create.py`, `asset_*.py`.
"""

from __future__ import annotations

from pipeyard.cli.command import LazyGroup

component = LazyGroup(
    "component",
    help="Register steps with their inputs, outputs and code, and use them in any pipeline. "
    "A version is written once; `azureml:NAME@latest` is the one created last.",
    table={
        "create": ("pipeyard.cli.component_create:create", "Check a file and register it."),
        "download": ("pipeyard.cli.asset_download:download_component", "Fetch a version's YAML and code."),
        "list": ("pipeyard.cli.asset_show:list_component", "List components, or the versions of one."),
        "show": ("pipeyard.cli.asset_show:show_component", "Show a version, or where it was used."),
        "lineage": ("pipeyard.cli.asset_lineage:lineage_component", "Show what came of what: jobs, data, models."),
        "update": ("pipeyard.cli.asset_change:update_component", "Change a version's description or tags."),
        "archive": ("pipeyard.cli.asset_change:archive_component", "Hide a component or a version from lists."),
        "restore": ("pipeyard.cli.asset_change:restore_component", "Show it in lists again."),
        "share": ("pipeyard.cli.asset_change:share_component", "Put a version into a registry."),
        "delete": ("pipeyard.cli.asset_change:delete_component", "Forget a version for good."),
    },
    later={
        "prepare-for-sign": "`component prepare-for-sign` is not provided by Pipeyard: nothing here is signed",
    },
    examples=(
        ("Register a component:", "pipeyard component create --file train.yml"),
        ("Use it in a pipeline:", "component: azureml:train@latest"),
        ("See what there is:", "pipeyard component list -o table"),
    ),
    no_args_is_help=True,
)
