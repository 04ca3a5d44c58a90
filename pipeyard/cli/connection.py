"""
The server of the running command.

In:       the home.
Out:      a `Workspace`, started if need be.
Not here: how a server is found and started (`client/server.py`).
"""

from __future__ import annotations

from pipeyard.cli.notice import say
from pipeyard.client.home import home_path
from pipeyard.client.server import ensure_server, find_server
from pipeyard.client.workspace import Workspace
from pipeyard.model.errors import PipeyardError


def connected() -> Workspace:
    """Return a connection to the home's server, started now if nobody answers."""
    return ensure_server(home_path(), say)


def connected_if_running() -> Workspace | None:
    """Return a connection to the home's server if there is one; for questions that can do without."""
    try:
        return find_server(home_path())
    except PipeyardError:
        return None
