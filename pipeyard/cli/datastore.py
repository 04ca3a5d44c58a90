"""
The group `pipeyard datastore`.

Out:      a group that knows its commands by name.
Not here: the commands: `datastore_verbs.py`, `datastore_files.py`.
"""

from __future__ import annotations

from pipeyard.cli.command import LazyGroup

datastore = LazyGroup(
    "datastore",
    help="Say where data and outputs are: folders of this machine, or containers and buckets elsewhere. "
    "Five datastores are always there.",
    table={
        "create": ("pipeyard.cli.datastore_verbs:create", "Create a datastore from its YAML file."),
        "list": ("pipeyard.cli.datastore_verbs:list_", "List datastores."),
        "show": ("pipeyard.cli.datastore_verbs:show", "Show a datastore."),
        "test": ("pipeyard.cli.datastore_verbs:test", "See whether a datastore can be reached and lets us in."),
        "list-files": ("pipeyard.cli.datastore_files:list_files", "List what is in a folder of a datastore."),
        "download": ("pipeyard.cli.datastore_files:download", "Fetch a file or a folder of a datastore."),
        "update": ("pipeyard.cli.datastore_verbs:update", "Change a datastore, or its credentials."),
        "delete": ("pipeyard.cli.datastore_verbs:delete", "Forget a datastore; its data stays where it is."),
    },
    later={"mount": "`datastore mount` is not provided by Pipeyard: a step gets its data as files anyway"},
    examples=(
        ("Create one:", "pipeyard datastore create --file blob.yml"),
        ("Use it in a pipeline:", "path: azureml://datastores/blob/paths/raw/2022"),
        ("See what there is:", "pipeyard datastore list -o table"),
        ("Look into one:", "pipeyard datastore list-files -n workspaceblobstore -o table"),
    ),
    no_args_is_help=True,
)
