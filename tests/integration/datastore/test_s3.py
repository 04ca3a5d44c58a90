"""S3, as moto's server serves it."""

from __future__ import annotations

import pytest

from pipeyard.datastore.remote import s3, work
from pipeyard.model.errors import StoreError
from tests.integration.datastore.elsewhere import Bucket, place_of
from tests.integration.datastore.store_contract import PartsContract


class TestS3(PartsContract):
    """What holds for S3 besides the contract."""

    writer = s3.MultipartWriter
    part_bytes = 5 << 20

    def forget_uploads(self, bucket, key):
        bucket.drop_uploads(key)

    @pytest.fixture
    def bucket(self):
        bucket = Bucket()
        yield bucket
        bucket.close()

    def test_keys_that_lead_out_are_refused(self, bucket, tmp_path):
        """A key is any text; one that would leave the folder on this machine names itself and the datastore."""
        bucket.put("in/../../escaped", b"x")

        with pytest.raises(StoreError) as caught:
            work.bring(place_of(bucket.document), "in", tmp_path / "cache")

        assert caught.value.code == "unfit-key"
        assert "`cloud`" in caught.value.message
        assert list(tmp_path.rglob("escaped")) == []

    def test_a_key_that_is_file_and_folder_is_refused(self, bucket, tmp_path):
        """A store may hold both `a` and `a/b`; no disk can."""
        bucket.put("in/a", b"x")
        bucket.put("in/a/b", b"y")

        with pytest.raises(StoreError, match="a file and a folder at once"):
            work.bring(place_of(bucket.document), "in", tmp_path / "cache")

    def test_markers_of_folders_are_no_files(self, bucket, tmp_path):
        """What a console leaves for an empty folder is not brought."""
        bucket.put("in/sub/", b"")
        bucket.put("in/a", b"x")

        assert work.look(place_of(bucket.document), "in").file_count == 1
