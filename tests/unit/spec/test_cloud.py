from __future__ import annotations

import pytest

from pipeyard.spec.cloud import CloudUri, parse_cloud_uri

AZURE = frozenset({"azure_blob", "azure_data_lake_gen2"})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("wasbs://data@acc.blob.core.windows.net/a/b c.csv", CloudUri(AZURE, "data", "a/b c.csv", "acc")),
        ("azureml:wasb://data@acc.blob.core.windows.net", CloudUri(AZURE, "data", "", "acc")),
        ("abfss://fs@acc.dfs.core.windows.net/folder/", CloudUri(AZURE, "fs", "folder/", "acc")),
        ("s3://bucket/a/b", CloudUri(frozenset({"s3"}), "bucket", "a/b")),
        ("GS://bucket", CloudUri(frozenset({"gcs"}), "bucket", "")),
    ],
)
def test_a_clouds_address_names_container_and_path(text, expected):
    """Each cloud's own spelling is read, in any case of its scheme, with or without `azureml:` before it."""
    assert parse_cloud_uri(text) == expected


@pytest.mark.parametrize(
    "text",
    ["https://acc.blob.core.windows.net/data/a", "azureml://datastores/x/paths/a", "s3://", "wasbs://data/a", "./s3"],
)
def test_other_addresses_are_none_of_them(text):
    """What names no container of a cloud is left to others."""
    assert parse_cloud_uri(text) is None
