"""
`pipeyard workspace mlflow`.

Out:      lines for a shell, after which any MLflow client in it logs to this server.
Not here: steps, which find all of this in their environment (`launch/contract.py`).

The token is printed because a shell reads it; it is the user's own, and in no address and no log.
"""

from __future__ import annotations

import sys
from shlex import quote

import click

from pipeyard.cli.command import command


@command(
    "mlflow",
    short_help="Let MLflow in this shell log to a workspace.",
    help="Print what a shell exports so that MLflow's own client, in any script or notebook started from it, logs to the "
    "workspace: MLFLOW_TRACKING_URI, and in MLFLOW_TRACKING_TOKEN the key to this server, which is a secret. Runs begun so are "
    "in `pipeyard job list`. Steps of a job need none of it.",
    examples=(
        ("In this shell from now on:", 'eval "$(pipeyard workspace mlflow)"'),
        ("For another workspace:", 'eval "$(pipeyard workspace mlflow -n vision)"'),
        ("Only the address:", "pipeyard workspace show --query mlflow_tracking_uri -o tsv"),
    ),
)
@click.option("-n", "--name", metavar="NAME", help="Name of the workspace. Default: the one that commands work in.")
def mlflow(*, name: str | None) -> None:
    """Print exports."""
    # Imported here: help can do without.
    from pipeyard.cli.connection import connected, connected_server  # noqa: PLC0415

    workspace = connected() if name is None else connected_server().called(name)
    uri = workspace.describe()["mlflow_tracking_uri"]
    sys.stdout.write(f"export MLFLOW_TRACKING_URI={quote(uri)}\n")
    sys.stdout.write(f"export MLFLOW_TRACKING_TOKEN={quote(workspace.http.token)}\n")
