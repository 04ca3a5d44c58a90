"""An asset store of plain dictionaries, and short words for what is in it."""

import pytest

from pipeyard.model.asset_record import AssetVersion
from pipeyard.model.assets import AssetKind
from tests.unit.service.memory_assets import MemoryAssets


class Shelf(MemoryAssets):
    def put(self, name="train", version="1", kind=AssetKind.COMPONENT, workspace="default", **rest):
        values = {"type": "command", "created_at_ms": 1, "created_by": "ann", "body": {"command": "x"}, "digest": "d"}
        asset = AssetVersion(workspace=workspace, kind=kind, name=name, version=version, **{**values, **rest})
        self.versions[asset.key] = asset.with_(serial=len(self.versions) + 1)
        return self.versions[asset.key]


@pytest.fixture
def shelf():
    """A store without anything in it."""
    return Shelf()
