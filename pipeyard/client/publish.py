"""
From a checked asset to a version on the server.

In:       a `CheckedAsset` and a connection to a workspace or registry.
Out:      the version's JSON; `SpecError` with lines and columns when the server refuses.
Not here: checking the file (`assetfile.py`), drawing problems (`cli/`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipeyard.client.assetfile import CheckedAsset
from pipeyard.client.home import cache_path
from pipeyard.client.identity import user_name
from pipeyard.client.pack import Watcher, pack
from pipeyard.client.scratch import scratch_folder
from pipeyard.client.sourcefile import JOB
from pipeyard.client.submission import send_trees
from pipeyard.client.workspace import Workspace
from pipeyard.model.errors import SpecError
from pipeyard.spec.document import located


def publish(workspace: Workspace, checked: CheckedAsset, watcher: Watcher) -> Mapping[str, Any]:
    """Send an asset's files, create the version, and return its JSON."""
    with scratch_folder() as scratch:
        packed = pack(checked, cache=cache_path(), scratch=scratch, watcher=watcher)
        send_trees(workspace, packed, watcher)
        body = {
            "body": packed.document,
            "components": packed.components,
            "file": checked.files.shown(JOB),
            "user": user_name(),
        }
        try:
            version: Mapping[str, Any] = workspace.assets(checked.kind).create(body)
        except SpecError as error:
            error.diagnostics = located(error.diagnostics, packed.documents)
            raise
    return version
