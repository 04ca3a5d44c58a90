"""
The group `pipeyard data`.

Out:      a group that knows its commands by name.
Not here: the commands: `data_create.py`, `data_preview.py`, `asset_*.py`.
"""

from __future__ import annotations

from pipeyard.cli.command import LazyGroup

data = LazyGroup(
    "data",
    help="Register files, folders and tables under names and versions, and use them in any pipeline.",
    table={
        "create": ("pipeyard.cli.data_create:create", "Register data from a file or by flags."),
        "list": ("pipeyard.cli.asset_show:list_data", "List data, or the versions of one."),
        "show": ("pipeyard.cli.asset_show:show_data", "Show a version, or where it was used."),
        "lineage": ("pipeyard.cli.asset_lineage:lineage_data", "Show what came of what: jobs, data, models."),
        "preview": ("pipeyard.cli.data_preview:preview", "Show the first rows of a table."),
        "update": ("pipeyard.cli.asset_change:update_data", "Change a version's description or tags."),
        "archive": ("pipeyard.cli.asset_change:archive_data", "Hide data or a version from lists."),
        "restore": ("pipeyard.cli.asset_change:restore_data", "Show it in lists again."),
        "share": ("pipeyard.cli.asset_change:share_data", "Put a version into a registry."),
        "delete": ("pipeyard.cli.asset_change:delete_data", "Forget a version for good."),
    },
    later={
        "import": "`data import` is not in this version of Pipeyard; fetch the data with a step of your own",
        "list-materialization-status": "`data list-materialization-status` is not in this version of Pipeyard: nothing is imported",
        "mount": "`data mount` is not provided by Pipeyard: a step gets its data as files anyway",
    },
    examples=(
        ("Register a folder:", "pipeyard data create --name titanic --path ./data"),
        ("Use it in a pipeline:", "path: azureml:titanic@latest"),
        ("See what there is:", "pipeyard data list -o table"),
        ("See what is in a table:", "pipeyard data preview -n titanic -o table"),
    ),
    no_args_is_help=True,
)
