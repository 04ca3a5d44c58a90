"""
The group `pipeyard environment`.

Out:      a group that knows its commands by name.
Not here: the commands: `environment_create.py`, `environment_build.py`, `asset_*.py`.
"""

from __future__ import annotations

from pipeyard.cli.command import LazyGroup

environment = LazyGroup(
    "environment",
    help="Register what steps run in: an image with packages, or a build context.",
    table={
        "create": ("pipeyard.cli.environment_create:create", "Register an environment from a file or by flags."),
        "list": ("pipeyard.cli.asset_show:list_environment", "List environments, or the versions of one."),
        "show": ("pipeyard.cli.asset_show:show_environment", "Show a version, or where it was used."),
        "lineage": ("pipeyard.cli.asset_lineage:lineage_environment", "Show what came of what: jobs, data, models."),
        "build": ("pipeyard.cli.environment_build:build", "Make an environment now."),
        "shell": ("pipeyard.cli.environment_build:shell", "Open a shell in an environment."),
        "update": ("pipeyard.cli.asset_change:update_environment", "Change a version's description or tags."),
        "archive": ("pipeyard.cli.asset_change:archive_environment", "Hide an environment or a version from lists."),
        "restore": ("pipeyard.cli.asset_change:restore_environment", "Show it in lists again."),
        "share": ("pipeyard.cli.asset_change:share_environment", "Put a version into a registry."),
        "delete": ("pipeyard.cli.asset_change:delete_environment", "Forget a version for good."),
    },
    examples=(
        ("Register an image with packages:", "pipeyard environment create -n sklearn -i python:3.11 -c conda.yml"),
        ("Use it in a step:", "environment: azureml:sklearn@latest"),
        ("Look around in it:", "pipeyard environment shell sklearn"),
        ("See what there is:", "pipeyard environment list -o table"),
    ),
    no_args_is_help=True,
)
