"""
The server of the running command, and the workspace in it.

In:       the home, and the workspace named by flag, environment or defaults.
Out:      a `Workspace`; the server is started if need be.
Not here: how a server is found and started (`client/server.py`), defaults (`client/defaults.py`).
"""

from __future__ import annotations

import click

from pipeyard.cli.command import settings_of
from pipeyard.cli.notice import say
from pipeyard.client.defaults import workspace_name
from pipeyard.client.home import home_path
from pipeyard.client.server import ensure_server, find_server
from pipeyard.client.workspace import Workspace
from pipeyard.model.errors import PipeyardError


def connected() -> Workspace:
    """Return a connection to the workspace on the home's server, started now if nobody answers."""
    return ensure_server(home_path(), say).called(chosen_workspace())


def connected_if_running(context: click.Context | None = None) -> Workspace | None:
    """Return a connection to the workspace if there is a server; for questions that can do without."""
    try:
        found = find_server(home_path())
    except PipeyardError:
        return None
    return None if found is None else found.called(chosen_workspace(context))


def chosen_workspace(context: click.Context | None = None) -> str:
    """Return the name of the workspace that the command is about."""
    return workspace_name(settings_of(context).workspace)
