"""Google Cloud Storage, as far as a small server of this process plays it."""

from __future__ import annotations

import pytest

from tests.integration.datastore.fake_gcs import FakeGcs
from tests.integration.datastore.store_contract import StoreContract


class TestGcs(StoreContract):
    """The contract, over gcsfs."""

    @pytest.fixture
    def bucket(self):
        server = FakeGcs()
        yield server
        server.close()
