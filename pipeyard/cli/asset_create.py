"""
From an asset's file and flags to its version on the server, whatever the kind.

In:       a file, flags, the pairs of `--set`.
Out:      the version's JSON on stdout; problems, drawn, on stderr; the exit code.
Not here: the check itself (`client/assetfile.py`), the flags of each kind (`*_create.py`).
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

from pipeyard.cli import notice
from pipeyard.cli.asset_option import ONE, home_of
from pipeyard.cli.asset_show import version_row
from pipeyard.cli.command import settings_of
from pipeyard.cli.connection import connected_if_running
from pipeyard.cli.progress import ProgressLine
from pipeyard.cli.verdict import draw, pairs_of, refuse, refused, warn_if_slow
from pipeyard.client.assetfile import Given, check_asset
from pipeyard.client.publish import publish
from pipeyard.client.registered import Registered
from pipeyard.client.workspace import Workspace
from pipeyard.model.assets import AssetKind
from pipeyard.model.errors import UserError

NOTHING_CREATED = "Nothing was created."


def given_by(flag: str, path: tuple[str, ...], value: Any) -> list[Given]:
    """Return what a flag gives; nothing when it was not written."""
    return [] if value is None or value in ((), {}) else [Given(flag, path, value)]


def create_asset(
    kind: AssetKind,
    file: str | None,
    given: Sequence[Given],
    pairs: tuple[tuple[str, ...], ...],
    *,
    registry: str | None,
    form: str | None,
) -> int:
    """Check an asset, send its files, create the version, and print it."""
    warn_if_slow()
    registered = Registered(lambda: _running(registry), lambda: home_of(registry))
    checked = check_asset(kind, file, given, pairs_of(pairs), registered)
    texts = checked.files.texts
    if checked.has_errors:
        return refuse(checked.diagnostics, texts, form, NOTHING_CREATED)
    draw(checked.diagnostics, texts, form, sys.stderr)
    settings = settings_of()
    watcher = ProgressLine(quiet=settings.only_show_errors, verbose=settings.verbose)
    try:
        version = dict(publish(home_of(registry), checked, watcher))
    except UserError as error:
        return refused(error, texts, form, NOTHING_CREATED)
    for remark in version.pop("warnings", None) or ():
        notice.warn(str(remark))
    notice.show(version, table=[version_row(version)])
    return 0


def what_file(kind: AssetKind) -> str:
    """Return the help of `--file`."""
    return f"YAML file of {ONE[kind]}."


def _running(registry: str | None) -> Workspace | None:
    workspace = connected_if_running()
    return workspace if workspace is None or registry is None else workspace.registry(registry)
