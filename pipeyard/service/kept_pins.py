"""
What the references of a stored job meant, for a job that goes on with it.

In:       a root record and its submission.
Out:      `Pins` that look up only what that job did not name: labels may have moved since, versions may be gone.
Not here: pins of a new submit (`pins.py`).
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from pipeyard.model.asset_record import AssetVersion
from pipeyard.model.assets import AssetKind, AssetRef
from pipeyard.model.record import JobRecord, Submission
from pipeyard.ports import AssetStore
from pipeyard.registry.missing import missing
from pipeyard.service.pins import Pins, is_pin_key, pin_key, stored_trees
from pipeyard.spec.reference import parse_reference

_OF_DATA = tuple(f"{kind.value} " for kind in (AssetKind.DATA, AssetKind.MODEL))


class KeptPins(Pins):
    """The pins that were stored with a job."""

    def __init__(self, assets: AssetStore, root: JobRecord, submission: Submission) -> None:
        """Take what *root* was accepted with; *assets* only says which of the versions are still there."""
        super().__init__(assets, root.workspace)
        self._pinned: dict[str, str] = dict(root.detail.get("pinned") or {})
        self._specs = {key: dict(tree) for key, tree in submission.components.items() if is_pin_key(key)}

    def keep_data(self, named: Collection[str]) -> None:
        """Forget data that is not *named* (by `pin_key`) any more: the new job reads other data in its place."""

        def is_kept(key: str) -> bool:
            return key in named or not key.startswith(_OF_DATA)

        self._pinned = {key: text for key, text in self._pinned.items() if is_kept(key)}
        self._specs = {key: tree for key, tree in self._specs.items() if is_kept(key)}

    def exact(self, reference: AssetRef) -> AssetRef | None:
        """Return a reference with the version that it meant."""
        text = self._pinned.get(pin_key(reference))
        if text is None:
            return super().exact(reference)
        found = parse_reference(text, reference.kind, "")
        return found if isinstance(found, AssetRef) else None

    def find(self, reference: AssetRef) -> AssetVersion:
        """Return the version that a reference meant; `AssetMissing` if it is not there any more."""
        if pin_key(reference) not in self._pinned:
            return super().find(reference)
        found = self.found(reference)
        if found is None:
            raise missing(self._assets, self._workspace, self.exact(reference) or reference)
        return found

    def found(self, reference: AssetRef) -> AssetVersion | None:
        """Return the version that a reference meant, None if it is not there any more."""
        exact = self.exact(reference)
        return None if exact is None else self._look(exact)

    def tree(self, reference: AssetRef) -> dict[str, Any]:
        """Return the spec that was stored with the job."""
        return dict(stored_trees(self._specs)(reference))

    def shown(self) -> dict[str, str]:
        """Return the exact version of every reference, by `pin_key`."""
        return {**self._pinned, **super().shown()}

    def kept(self) -> dict[str, dict[str, Any]]:
        """Return what has to be stored with the job, by `pin_key`."""
        return {**super().kept(), **self._specs}
