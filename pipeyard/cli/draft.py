"""
The group `pipeyard draft`.

Out:      a group that knows its commands by name.
Not here: the commands: `draft_make.py`, `draft_show.py`, `draft_submit.py`, `draft_register.py`.
"""

from __future__ import annotations

from pipeyard.cli.command import LazyGroup

draft = LazyGroup(
    "draft",
    help="Compose pipelines. A draft is a pipeline that was not submitted: the Studio's Designer edits it, "
    "the server keeps it with all its earlier states, and it is YAML from its first line.",
    table={
        "create": ("pipeyard.cli.draft_make:create", "Begin one: empty, or from a file, an example, a job."),
        "list": ("pipeyard.cli.draft_show:list_", "List drafts, changed last first."),
        "show": ("pipeyard.cli.draft_show:show", "Show one, as it is or as it was."),
        "update": ("pipeyard.cli.draft_make:update", "Change its name, or its text by that of a file."),
        "export": ("pipeyard.cli.draft_show:export", "Write it as files that `job create` runs."),
        "validate": ("pipeyard.cli.draft_submit:validate", "Say what is wrong with it."),
        "register-components": (
            "pipeyard.cli.draft_register:register_components",
            "Register its component files, and refer to them.",
        ),
        "submit": ("pipeyard.cli.draft_submit:submit", "Make a job of it, or say what would run."),
        "revisions": ("pipeyard.cli.draft_show:revisions", "List its earlier states."),
        "templates": ("pipeyard.cli.draft_show:templates", "List the examples that one can begin with."),
        "restore": ("pipeyard.cli.draft_make:restore", "Bring it back, or an earlier state of it."),
        "delete": ("pipeyard.cli.draft_make:delete", "Put it away, or forget it for good."),
    },
    examples=(
        ("Begin with an example:", "pipeyard draft create --template hello-three-components"),
        ("Begin with a job, and change it:", "pipeyard draft create --job NAME"),
        ("See what there is:", "pipeyard draft list -o table"),
        ("Run it:", "pipeyard draft submit DRAFT --stream"),
        ("Keep it in git:", "pipeyard draft export DRAFT"),
    ),
    no_args_is_help=True,
)
