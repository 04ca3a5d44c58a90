"""
What a command can ask of a server about environments as they are made there.

In:       a connection; a name, or a checked file.
Out:      the server's JSON, decoded; the log of a build as it grows.
Not here: versions of environments as assets (`assets.py`), drawing (`cli/`).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from pipeyard.client.assetfile import CheckedAsset
from pipeyard.client.home import cache_path
from pipeyard.client.http import path_of
from pipeyard.client.pack import Watcher, pack
from pipeyard.client.scratch import scratch_folder
from pipeyard.client.submission import send_trees
from pipeyard.client.workspace import Workspace
from pipeyard.model.errors import SpecError
from pipeyard.spec.document import located

Json = Any
# Between two looks at a build.
_LOOK_SECONDS = 0.2
_UNFINISHED = ("queued", "building")


def sent(workspace: Workspace, checked: CheckedAsset, watcher: Watcher) -> Mapping[str, Any]:
    """Send the files of an environment, and return what names it to the server."""
    with scratch_folder() as scratch:
        packed = pack(checked, cache=cache_path(), scratch=scratch, watcher=watcher)
        send_trees(workspace, packed, watcher)
        return {"body": packed.document}


def begin(workspace: Workspace, wanted: Mapping[str, Any], checked: CheckedAsset | None = None) -> Json:
    """Have an environment made; return how far it is."""
    try:
        return workspace.http.call("POST", f"{_root(workspace)}/environment-builds", body=wanted)
    except SpecError as error:
        if checked is not None:
            error.diagnostics = located(error.diagnostics, checked.documents)
        raise


def follow(workspace: Workspace, build: Json, write: Callable[[str], None]) -> Json:
    """Return a build when it is over; its log goes to *write* meanwhile."""
    if build["state"] not in _UNFINISHED:
        return build
    start = 0
    while True:
        found = workspace.http.call(
            "GET", path_of("api", "v1", "environment-builds", build["digest"]), query={"log_from": start}
        )
        text, start = found.pop("log"), found.pop("log_next")
        if text:
            write(text)
        elif found["state"] not in _UNFINISHED:
            return {**build, **found}
        else:
            time.sleep(_LOOK_SECONDS)


def opened(workspace: Workspace, wanted: Mapping[str, Any]) -> Json:
    """Return what a shell in an environment needs; `Conflict` when it is not built."""
    return workspace.http.call("POST", f"{_root(workspace)}/environment-builds:open", body=wanted)


def curated(workspace: Workspace) -> list[Json]:
    """Return the table of curated names."""
    found: list[Json] = workspace.http.call("GET", "/api/v1/curated-environments")["value"]
    return found


def _root(workspace: Workspace) -> str:
    return path_of("api", "v1", "workspaces", workspace.name)
