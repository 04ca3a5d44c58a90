"""
The group `pipeyard model`.

Out:      a group that knows its commands by name.
Not here: the commands: `model_create.py`, `asset_*.py`.
"""

from __future__ import annotations

from pipeyard.cli.command import LazyGroup

model = LazyGroup(
    "model",
    help="Register models under names and versions, use them in pipelines, and fetch them.",
    table={
        "create": ("pipeyard.cli.model_create:create", "Register a model from a file or by flags."),
        "download": ("pipeyard.cli.asset_download:download_model", "Fetch a version's files."),
        "list": ("pipeyard.cli.asset_show:list_model", "List models, or the versions of one."),
        "show": ("pipeyard.cli.asset_show:show_model", "Show a version, or where it was used."),
        "lineage": ("pipeyard.cli.asset_lineage:lineage_model", "Show what came of what: jobs, data, models."),
        "update": ("pipeyard.cli.asset_change:update_model", "Change a version's description or tags."),
        "archive": ("pipeyard.cli.asset_change:archive_model", "Hide a model or a version from lists."),
        "restore": ("pipeyard.cli.asset_change:restore_model", "Show it in lists again."),
        "share": ("pipeyard.cli.asset_change:share_model", "Put a version into a registry."),
        "delete": ("pipeyard.cli.asset_change:delete_model", "Forget a version for good."),
    },
    later={
        "package": "`model package` is not provided by Pipeyard: it builds no images to deploy",
    },
    examples=(
        (
            "Register a model that a job wrote:",
            "pipeyard model create -n m --type mlflow_model --path azureml://jobs/JOB/outputs/model",
        ),
        ("Fetch it:", "pipeyard model download -n m -v 1"),
        ("See what there is:", "pipeyard model list -o table"),
    ),
    no_args_is_help=True,
)
