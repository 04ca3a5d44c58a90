"""
Words that stand for a version.

In:       a version, a word.
Out:      the word, standing for that version from now on.

`latest` moves by itself and cannot be set. `default` means the same until it is set.
"""

from __future__ import annotations

import re

from pipeyard.model.asset_record import LATEST, AssetVersion
from pipeyard.model.errors import UserError
from pipeyard.ports import AssetStore
from pipeyard.registry.entry import Who, asset_entry

# What the grammar of references takes behind `@`.
_LABEL = re.compile(r"[A-Za-z0-9._-]{1,255}\Z")


def set_label(store: AssetStore, asset: AssetVersion, label: str, who: Who) -> AssetVersion:
    """Let a label stand for a version; it leaves the one it stood for."""
    if label == LATEST:
        raise UserError("the label `latest` cannot be set: it is always the version created last", code="bad-label")
    if not _LABEL.match(label):
        raise UserError(f"`{label}` cannot be a label", code="bad-label", hint="use letters, digits, `.`, `_` and `-`")
    store.set_label(asset.key, label, asset_entry(asset, "update", who, {"label": label}))
    return asset
