"""
The group `pipeyard server`.

Out:      a group that knows its commands by name.
Not here: the commands: `server_verbs.py`.
"""

from __future__ import annotations

from pipeyard.cli.command import LazyGroup

server = LazyGroup(
    "server",
    help="Start, stop and look at the local server. Commands that need it start it by themselves; "
    "PIPEYARD_HOME says where it keeps everything.",
    table={
        "status": ("pipeyard.cli.server_verbs:status", "Show the server that runs."),
        "start": ("pipeyard.cli.server_verbs:start", "Start the server in the background."),
        "run": ("pipeyard.cli.server_verbs:run", "Run the server here, until Ctrl-C."),
        "stop": ("pipeyard.cli.server_verbs:stop", "Stop the server; running steps go on."),
    },
    examples=(
        ("Does it run:", "pipeyard server status -o table"),
        ("A second one, apart from everything:", "PIPEYARD_HOME=/data/pipeyard pipeyard server start"),
    ),
    no_args_is_help=True,
)
