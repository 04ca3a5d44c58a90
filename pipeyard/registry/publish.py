"""
A version is written once.

In:       a version to store, with what it needs and the anonymous components in it.
Out:      the version as it is stored now, and whether it is new.
Not here: decoding and checking its body (`service/asset_draft.py`), giving numbers (`store/`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pipeyard.model.asset_record import MUTABLE, AssetNeed, AssetVersion, AuditEntry
from pipeyard.model.errors import Conflict
from pipeyard.ports import AssetStore
from pipeyard.registry.difference import differences, shown
from pipeyard.registry.entry import Who, change_entry
from pipeyard.registry.missing import NOUNS


def publish(
    store: AssetStore,
    asset: AssetVersion,
    *,
    needs: Sequence[AssetNeed] = (),
    parts: Sequence[AssetVersion] = (),
    action: str = "create",
    detail: Mapping[str, Any] | None = None,
) -> tuple[AssetVersion, bool]:
    """
    Store a version, or return the one that is there with an equal body.

    A version "" is the next number. Of one that is there, what may change takes the new
    values; another body is refused with `version-exists` and the fields that differ.
    """
    earlier = store.load_asset(asset.key) if asset.version else None
    if earlier is None:
        entry = AuditEntry(
            workspace=asset.workspace,
            at_ms=asset.created_at_ms,
            by=asset.created_by,
            action=action,
            kind=asset.kind.value,
            name=asset.name,
            version=asset.version or None,
            detail=detail or {},
        )
        try:
            return store.create_asset(asset, entry, needs=needs, parts=parts), True
        except Conflict as conflict:
            # Somebody was faster by a moment; what they stored may be the same.
            earlier = store.load_asset(asset.key) if conflict.code == "version-exists" else None
            if earlier is None:
                raise
    return _published_again(store, earlier, asset), False


def _published_again(store: AssetStore, earlier: AssetVersion, asset: AssetVersion) -> AssetVersion:
    if earlier.digest != asset.digest or _has_other_bytes(earlier, asset):
        raise differs(store, earlier, asset)
    values = {
        field: getattr(asset, field)
        for field in MUTABLE
        # What a file does not say is left as it is.
        if getattr(asset, field) and getattr(asset, field) != getattr(earlier, field)
    }
    return change(store, earlier, values, Who(asset.created_by, asset.created_at_ms))


def _has_other_bytes(earlier: AssetVersion, asset: AssetVersion) -> bool:
    """Return whether the same path holds something else by now."""
    return earlier.content is not None and asset.content is not None and earlier.content != asset.content


def change(store: AssetStore, asset: AssetVersion, values: Mapping[str, Any], who: Who) -> AssetVersion:
    """Give what may change new values, and return the version with them; nothing is written when all are as before."""
    changed = {field: value for field, value in values.items() if value != getattr(asset, field)}
    if not changed:
        return asset
    store.change_asset(asset.key, changed, change_entry(asset, changed, who))
    return asset.with_(**changed, changed_at_ms=who.at_ms, changed_by=who.name)


def differs(store: AssetStore, earlier: AssetVersion, asset: AssetVersion) -> Conflict:
    """Return what is to be said of a version that is there with another body."""
    noun = NOUNS[asset.kind]
    paths = differences(earlier.body, asset.body)
    # Equal trees with unequal digests: the digest is of an earlier way of writing bodies.
    what = f", and differs in {shown(paths)}" if paths else ""
    if earlier.digest == asset.digest:
        what = ", and the files at its path were changed since"
    container = store.load_container(asset.workspace, asset.kind, asset.name)
    following = f"leave the version out to create version {container.next_version}" if container else "choose another"
    return Conflict(
        f"version {asset.version} of {noun} `{asset.name}` exists{what}; a version is written once",
        code="version-exists",
        hint=f"{following}, or give another version",
    )
