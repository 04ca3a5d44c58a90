"""
`pipeyard server status`, `start`, `run`, `stop`.

Not here: finding and starting a server (`client/server.py`), the server (`app.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import click

from pipeyard.cli import notice
from pipeyard.cli.command import command
from pipeyard.cli.connection import connected_server, server_if_running
from pipeyard.client.home import home_path
from pipeyard.client.server import stop_server
from pipeyard.model.errors import NotFound


@command(
    "status",
    short_help="Show the server that runs.",
    help="Show the server that runs; exit code 3 when none does. Starts nothing.",
    examples=(("Its version:", "pipeyard server status --query version -o tsv"),),
)
def status() -> None:
    """Print the server's health."""
    workspace = server_if_running()
    if workspace is None:
        raise NotFound(
            f"no server runs for the home `{home_path()}`",
            code="no-server",
            hint="any command that needs one starts it; or: pipeyard server start",
        )
    health = _with_home(workspace.health())
    for problem in server_problems(health):
        notice.warn(problem)
    notice.show(health, table=[_row(health)])


@command(
    "start",
    short_help="Start the server in the background.",
    help="Start the server in the background, if it does not run.",
    examples=(("Start it:", "pipeyard server start"),),
)
def start() -> None:
    """Start a server."""
    health = _with_home(connected_server().health())
    notice.show(health, table=[_row(health)])


@command(
    "run",
    short_help="Run the server here, until Ctrl-C.",
    help="Run the server in the foreground, with its log on stderr.",
    examples=(("Run it:", "pipeyard server run"),),
)
@click.option("--port", type=click.IntRange(1, 65535), metavar="PORT", help="Default: the one that the home remembers.")
@click.option("--ready-fd", type=int, hidden=True)
def run(*, port: int | None, ready_fd: int | None) -> int:
    """Be the server."""
    # Imported here: the server's libraries are many.
    from pipeyard.app import run_server  # noqa: PLC0415

    return run_server(home_path(), port=port, ready_fd=ready_fd)


@command(
    "stop",
    short_help="Stop the server; running steps go on.",
    help="Stop the server. Running steps go on; the next server finds them again.",
    examples=(("Stop it:", "pipeyard server stop"),),
)
def stop() -> None:
    """Stop a server."""
    running = stop_server(home_path())
    if running is None:
        notice.say("No server was running.")
    else:
        notice.say("The server has stopped." + _going_on(running))


def server_problems(health: Mapping[str, Any]) -> Iterator[str]:
    """Yield what a server says is wrong with itself, with the way out."""
    if health.get("broken"):
        yield (
            f"the server met a mistake of ours and runs no jobs ({health['broken']}); "
            "restart the server: pipeyard server stop"
        )
    if health.get("store_problem"):
        yield f"the server cannot store what happens and tries again: {health['store_problem']}"


def _going_on(steps: int) -> str:
    if steps == 0:
        return ""
    if steps == 1:
        return " 1 step goes on; the next server finds it."
    return f" {steps} steps go on; the next server finds them."


def _with_home(health: Mapping[str, Any]) -> dict[str, Any]:
    return {**health, "home": str(home_path())}


def _row(health: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "version": health.get("version"),
        "process": health.get("pid"),
        "since": health.get("started_at"),
        "active_jobs": health.get("active_jobs"),
        "home": health.get("home"),
    }
