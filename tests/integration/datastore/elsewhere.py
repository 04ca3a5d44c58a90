"""Object stores to test against: started by tests/object_stores.sh, each test in a container of its own."""

from __future__ import annotations

import os
import uuid

import pytest

from pipeyard.datastore.remote.place import RemotePlace

ACCOUNT = "pipeyard"
ACCESS_KEY, SECRET_KEY = "AKIAEXAMPLE00000", "example-secret-key-0000"


class AzureContainer:
    """A fresh container of Azurite, through Azure's own client."""

    def __init__(self):
        from azure.storage.blob import BlobServiceClient

        self.endpoint = address("PIPEYARD_TEST_AZURITE")
        self.key = os.environ["PIPEYARD_TEST_AZURITE_KEY"]
        self.name = f"test-{uuid.uuid4().hex[:12]}"
        service = BlobServiceClient(self.endpoint, {"account_name": ACCOUNT, "account_key": self.key})
        self._client = service.create_container(self.name)
        self._service = service

    @property
    def document(self):
        """The datastore's keys, as its file has them."""
        return {
            "type": "azure_blob",
            "account_name": ACCOUNT,
            "container_name": self.name,
            "endpoint": self.endpoint,
            "credentials": {"account_key": self.key},
        }

    def put(self, key, data):
        self._client.upload_blob(key, data, overwrite=True)

    def get(self, key):
        return self._client.download_blob(key).readall()

    def remove(self, key):
        self._client.delete_blob(key)

    def names(self):
        return sorted(blob.name for blob in self._client.list_blobs())

    def close(self):
        self._client.delete_container()
        self._client.close()
        self._service.close()


class Bucket:
    """A fresh bucket of moto's server, through Amazon's own client."""

    def __init__(self):
        import boto3

        self.endpoint = address("PIPEYARD_TEST_S3")
        self.name = f"test-{uuid.uuid4().hex[:12]}"
        self._client = boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            aws_access_key_id=ACCESS_KEY,
            aws_secret_access_key=SECRET_KEY,
            region_name="us-east-1",
        )
        self._client.create_bucket(Bucket=self.name)

    @property
    def document(self):
        """The datastore's keys, as its file has them."""
        return {
            "type": "s3",
            "bucket": self.name,
            "endpoint": self.endpoint,
            "credentials": {"access_key_id": ACCESS_KEY, "secret_access_key": SECRET_KEY},
        }

    def put(self, key, data):
        self._client.put_object(Bucket=self.name, Key=key, Body=data)

    def get(self, key):
        return self._client.get_object(Bucket=self.name, Key=key)["Body"].read()

    def remove(self, key):
        self._client.delete_object(Bucket=self.name, Key=key)

    def names(self):
        found = self._client.list_objects_v2(Bucket=self.name)
        return sorted(item["Key"] for item in found.get("Contents", ()))

    def drop_uploads(self, key):
        """Forget uploads that were begun and not finished."""
        for upload in self._client.list_multipart_uploads(Bucket=self.name, Prefix=key)["Uploads"]:
            self._client.abort_multipart_upload(Bucket=self.name, Key=key, UploadId=upload["UploadId"])

    def close(self):
        for key in self.names():
            self.remove(key)
        self._client.delete_bucket(Bucket=self.name)
        self._client.close()


def address(variable):
    """Return where a store listens; a test that needs it is skipped without one."""
    if variable not in os.environ:
        pytest.skip(f"needs {variable}: run it by tests/object_stores.sh")
    return os.environ[variable]


def place_of(document, **changes):
    """Return a datastore's document as workers get it."""
    settings = {key: value for key, value in document.items() if key not in ("type", "credentials")}
    credentials = changes.pop("credentials", document.get("credentials", {}))
    return RemotePlace("cloud", document["type"], {**settings, **changes}, credentials)
