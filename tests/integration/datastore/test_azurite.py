"""Azure Blob Storage, as Azurite serves it."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from pipeyard.datastore.remote import azure, browse, work
from pipeyard.model.errors import StoreError
from tests.integration.datastore.elsewhere import ACCOUNT, AzureContainer, place_of
from tests.integration.datastore.store_contract import PartsContract


class TestAzurite(PartsContract):
    """What holds for Azure besides the contract."""

    writer = azure.BlockWriter

    def forget_uploads(self, bucket, key):
        # Whatever else is committed there drops the blocks that wait.
        bucket.put(key, b"other")

    @pytest.fixture
    def bucket(self):
        container = AzureContainer()
        yield container
        container.close()

    def test_a_wrong_key_is_refused_and_not_repeated(self, bucket):
        """The message names the datastore and what to check; no part of the key is in it."""
        wrong = "d3Jvbmctd3Jvbmctd3Jvbmc="
        place = place_of(bucket.document, credentials={"account_key": wrong})

        with pytest.raises(StoreError) as caught:
            browse.probe(place)

        assert ("datastore-refused", False) == (caught.value.code, caught.value.may_retry)
        assert "`cloud`" in caught.value.message
        assert wrong not in f"{caught.value.message}{caught.value.hint}{place!r}"

    def test_a_signature_lets_one_in(self, bucket, tmp_path):
        """A `sas_token` reads and writes what it was made for, with or without its question mark."""
        from azure.storage.blob import ContainerSasPermissions, generate_container_sas

        token = generate_container_sas(
            ACCOUNT,
            bucket.name,
            account_key=bucket.key,
            permission=ContainerSasPermissions(read=True, list=True),
            expiry=datetime.now(timezone.utc) + timedelta(hours=1),
        )
        bucket.put("a", b"x")
        for text in (token, f"?{token}"):
            place = place_of(bucket.document, credentials={"sas_token": text})
            assert work.bring(place, "a", tmp_path / "cache").digest

    def test_data_lake_gen2_is_the_same_account(self, bucket, tmp_path):
        """A file system of an account with folders is reached as a container is."""
        bucket.put("folder/a", b"x")
        document = {**bucket.document, "type": "azure_data_lake_gen2", "filesystem": bucket.name}
        del document["container_name"]

        assert work.bring(place_of(document), "folder", tmp_path / "cache").fetched_bytes == 1

    def test_a_backslash_is_refused(self, bucket, tmp_path):
        """Azure makes a slash of it, so that the file would come back elsewhere."""
        from pipeyard.datastore.manifest import scan

        source = tmp_path / "source"
        source.mkdir()
        (source / "a\\b").touch()

        with pytest.raises(Exception, match="cannot keep a file called") as caught:
            work.send_tree(place_of(bucket.document), source, scan(source), "up", tmp_path / "cache")

        assert caught.value.code == "unfit-key"
