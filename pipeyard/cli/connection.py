"""
The server of the running command, and the workspace in it.

In:       the home, and the workspace named by flag, environment or defaults.
Out:      a `Workspace`; the server is started if need be.
Not here: how a server is found and started (`client/server.py`), defaults (`client/defaults.py`).

A workspace that a flag names has to exist. One that was only set somewhere once, as the
first lines of nearly every tutorial for Azure do, must not stand in the way of every
later command: where it does not exist, a warning says so and `default` is used.
"""

from __future__ import annotations

from shlex import quote

import click

from pipeyard.cli.command import settings_of
from pipeyard.cli.notice import say, warn
from pipeyard.client.defaults import workspace_name
from pipeyard.client.home import home_path
from pipeyard.client.server import ensure_server, find_server
from pipeyard.client.workspace import Workspace
from pipeyard.model.default import DEFAULT_WORKSPACE
from pipeyard.model.errors import NotFound, PipeyardError


def connected() -> Workspace:
    """Return a connection to the workspace on the home's server, started now if nobody answers."""
    found = connected_server()
    return found.called(_settled(found, None))


def connected_if_running(context: click.Context | None = None) -> Workspace | None:
    """Return a connection to the workspace if there is a server; for questions that can do without."""
    found = server_if_running()
    return None if found is None else found.called(_settled(found, context))


def connected_server() -> Workspace:
    """Return a connection to the home's server for what is in no workspace, started now if nobody answers."""
    return ensure_server(home_path(), say)


def server_if_running() -> Workspace | None:
    """Return a connection to the home's server for what is in no workspace, if there is a server."""
    try:
        return find_server(home_path())
    except PipeyardError:
        return None


def chosen_workspace(context: click.Context | None = None) -> str:
    """Return the name of the workspace that the command is about."""
    return workspace_name(settings_of(context).workspace)


def absent_text(name: str) -> str:
    """Return what is said of a workspace that was set somewhere and does not exist."""
    return (
        f"there is no workspace `{name}` here; using `{DEFAULT_WORKSPACE}`; "
        f"to create it: pipeyard workspace create -n {quote(name)}"
    )


def is_absent(server: Workspace, name: str) -> bool:
    """Return whether the server knows no such workspace; whatever else is wrong, the command itself will meet."""
    try:
        server.called(name).describe()
    except NotFound:
        return True
    except PipeyardError:
        pass
    return False


def _settled(server: Workspace, context: click.Context | None) -> str:
    """Return the workspace to work in; a server is asked at most once, and only about names that no flag gave."""
    settings = settings_of(context)
    if settings.settled_workspace is None:
        name = chosen_workspace(context)
        if name not in (settings.workspace, DEFAULT_WORKSPACE) and is_absent(server, name):
            # Only completion brings its context, and nothing may be printed into what is being typed.
            if context is None:
                warn(absent_text(name))
            name = DEFAULT_WORKSPACE
        settings.settled_workspace = name
    return settings.settled_workspace
