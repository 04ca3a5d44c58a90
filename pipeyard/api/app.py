"""
All routes in one application.

In:       a `Desk` and the port it is served on.
Out:      an ASGI application.
Not here: serving it (`pipeyard/app.py`).
"""

from __future__ import annotations

from fastapi import FastAPI
from starlette.types import ASGIApp

from pipeyard.api import (
    assets,
    code,
    computes,
    datastores,
    draft_components,
    drafts,
    environments,
    files,
    graph,
    jobs,
    lineage,
    metrics,
    palette,
    rehearse,
    search,
    stream,
    studio,
    system,
    tables,
    tidy,
    trials,
    uploads,
    workspaces,
)
from pipeyard.api.answer import handle_errors
from pipeyard.api.desk import Desk
from pipeyard.api.mlflow.front import Front
from pipeyard.api.page import routes as page
from pipeyard.api.shell import Shell

PARTS = (
    system,
    jobs,
    metrics,
    trials,
    rehearse,
    graph,
    code,
    files,
    stream,
    uploads,
    computes,
    datastores,
    environments,
    assets,
    tables,
    tidy,
    search,
    lineage,
    draft_components,
    drafts,
    palette,
    workspaces,
    studio,
    page,
)


def create_app(desk: Desk, *, port: int) -> ASGIApp:
    """Return the application. No other site may call it: there is no CORS."""
    # Its own documentation pages would load scripts from elsewhere.
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    app.state.desk = desk
    handle_errors(app)
    for part in PARTS:
        app.include_router(part.router)
    return Shell(Front(app, desk), port=port)
