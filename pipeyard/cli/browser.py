"""
A job's page in the user's browser, already signed in.

In:       a connection and a job.
Out:      nothing; the page opens, or its address is printed.
Not here: the page (`api/`).
"""

from __future__ import annotations

import webbrowser
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

from pipeyard.cli.notice import say
from pipeyard.client.workspace import Workspace


def open_page(workspace: Workspace, job: Mapping[str, Any]) -> None:
    """Open the page of a job."""
    page = job["services"]["Studio"]["endpoint"]
    address = signed_in(page, workspace.login_code())
    if not webbrowser.open(address):
        # The code in the address works once, for whoever copies it first.
        say(f"No browser could be started. Open this address (it works once): {address}")


def signed_in(page: str, code: str) -> str:
    """Return the address that signs in with a one-time code and goes on to the page."""
    parts = urlsplit(page)
    return urlunsplit((parts.scheme, parts.netloc, "/login", urlencode({"code": code, "next": parts.path}), ""))
