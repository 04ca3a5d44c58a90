"""Texts that name assets, data, datastores and computes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeyard.model.assets import AssetKind, AssetRef, DatastoreUri, DataUri, JobOutputUri, LocalPath
from pipeyard.spec.binding import Problem
from pipeyard.spec.reference import (
    is_file_like,
    parse_compute,
    parse_data_path,
    parse_datastore_name,
    parse_datastore_uri,
    parse_job_output_uri,
    parse_reference,
)

ENVIRONMENT = AssetKind.ENVIRONMENT
WORKSPACE = "/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/w"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("azureml:a:1", AssetRef(ENVIRONMENT, "a", "1")),
        ("azureml:a@latest", AssetRef(ENVIRONMENT, "a", label="latest")),
        ("azureml:a", AssetRef(ENVIRONMENT, "a")),
        ("AzureML:a:v-1", AssetRef(ENVIRONMENT, "a", "v-1")),
        # The last colon parts name and version.
        ("azureml:a:b:2", AssetRef(ENVIRONMENT, "a:b", "2")),
        (
            "azureml:AzureML-sklearn-0.24-ubuntu18.04-py37-cpu:9",
            AssetRef(ENVIRONMENT, "AzureML-sklearn-0.24-ubuntu18.04-py37-cpu", "9"),
        ),
        (f"azureml:{WORKSPACE}/environments/n/versions/3", AssetRef(ENVIRONMENT, "n", "3")),
        (f"{WORKSPACE.lower()}/ENVIRONMENTS/n/labels/l", AssetRef(ENVIRONMENT, "n", label="l")),
        ("azureml://registries/r/environments/e-1.5/versions/7", AssetRef(ENVIRONMENT, "e-1.5", "7", registry="r")),
        (
            "azureml://registries/r/environments/e/labels/latest",
            AssetRef(ENVIRONMENT, "e", label="latest", registry="r"),
        ),
        ("azureml://feeds/r/environments/e/versions/7", AssetRef(ENVIRONMENT, "e", "7", registry="r")),
        ("azureml://locations/l/workspaces/w/environments/e/versions/7", AssetRef(ENVIRONMENT, "e", "7")),
        ("azureml://environments/e/versions/7", AssetRef(ENVIRONMENT, "e", "7")),
        ("./env.yml", LocalPath("./env.yml", "here")),
        ("file:./env.yml", LocalPath("./env.yml", "here")),
        ("file:///a/env.yml", LocalPath("/a/env.yml", "here")),
        ("../mit Leerzeichen/ümläut.yml", LocalPath("../mit Leerzeichen/ümläut.yml", "here")),
        ("./my_env:1", LocalPath("./my_env:1", "here")),
    ],
)
def test_every_form_of_a_reference_is_understood(text, expected):
    """Short, labelled, full id, registry, local: all forms of section 1.2."""
    assert parse_reference(text, ENVIRONMENT, "here") == expected


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("azureml:", "broken-reference"),
        ("azureml:a:1@latest", "broken-reference"),
        ("azureml:@latest", "broken-reference"),
        ("azureml::1", "broken-reference"),
        ("azureml:a:", "broken-reference"),
        ("azureml:a@", "broken-reference"),
        ("azureml:a:1 2", "broken-reference"),
        ("azureml:a/b", "broken-reference"),
        ("azureml://registries/r/components/c/versions/1", "broken-reference"),
        ("azureml://registries/r/onlineEndpoints/c", "broken-reference"),
        ("my_env:1", "missing-prefix"),
        ("my_env@latest", "missing-prefix"),
        ("", "empty-path"),
        ("  ", "empty-path"),
        ("./a\0b", "empty-path"),
    ],
)
def test_a_text_that_cannot_be_a_reference_is_a_problem(text, code):
    """A wrong reference is said to be wrong, and never taken for a path."""
    found = parse_reference(text, ENVIRONMENT, "here")

    assert isinstance(found, Problem)
    assert found.code == code
    assert (found.start, found.end) == (0, len(text))


@given(
    st.text(alphabet="abcXYZ019_.-", min_size=1, max_size=12),
    st.one_of(st.none(), st.text(alphabet="abc019_.-", min_size=1, max_size=6)),
    st.sampled_from(AssetKind),
)
def test_a_rendered_reference_is_read_back_as_itself(name, version, kind):
    """Parsing what was rendered gives the same reference."""
    reference = AssetRef(kind, name, version)

    assert parse_reference(str(reference), kind, "") == reference


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("./data", LocalPath("./data", "here")),
        ("data@2021.csv", LocalPath("data@2021.csv", "here")),
        ("C:\\data", LocalPath("C:\\data", "here")),
        ("file:./data", LocalPath("./data", "here")),
        ("azureml:d:1", AssetRef(AssetKind.DATA, "d", "1")),
        ("azureml://data/n/versions/1", AssetRef(AssetKind.DATA, "n", "1")),
        ("azureml://models/n/versions/1", AssetRef(AssetKind.MODEL, "n", "1")),
        (f"azureml:{WORKSPACE}/datasets/n/versions/3", AssetRef(AssetKind.DATA, "n", "3")),
        ("azureml://datastores/d/paths/p", DataUri("azureml://datastores/d/paths/p")),
        ("azureml:azureml://datastores/d/paths/p", DataUri("azureml://datastores/d/paths/p")),
        ("azureml:wasbs://c@a/p", DataUri("wasbs://c@a/p")),
        ("azureml://jobs/j/outputs/artifacts/paths/m", DataUri("azureml://jobs/j/outputs/artifacts/paths/m")),
        ("https://example.org/a b.csv", DataUri("https://example.org/a b.csv")),
        ("abfss://fs@account/p", DataUri("abfss://fs@account/p")),
        ("runs:/r/p", DataUri("runs:/r/p")),
    ],
)
def test_every_form_of_a_data_path_is_understood(text, expected):
    """Local paths, assets, URIs, and URIs behind one more prefix: all forms of section 1.3."""
    assert parse_data_path(text, "here") == expected


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("ftp://example.org/x", "unknown-uri"),
        ("azureml://nothing/x", "unknown-uri"),
        ("iris:1", "missing-prefix"),
        ("", "empty-path"),
        ("azureml:", "broken-reference"),
    ],
)
def test_a_text_that_cannot_be_data_is_a_problem(text, code):
    """A URI that nothing can read is refused before anything is uploaded."""
    found = parse_data_path(text, "here")

    assert isinstance(found, Problem)
    assert found.code == code


LONG = "azureml://subscriptions/S/resourcegroups/R/workspaces/W/datastores/D/paths/P/Q"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("azureml://datastores/d/paths/a/b", DatastoreUri("d", "a/b")),
        ("azureml:azureml://datastores/d/paths/a/b", DatastoreUri("d", "a/b")),
        ("AZUREML://DataStores/d/Paths/a", DatastoreUri("d", "a")),
        ("azureml://datastores/d/paths/", DatastoreUri("d", "")),
        ("azureml://datastores/d", DatastoreUri("d", "")),
        (LONG, DatastoreUri("D", "P/Q")),
        (
            LONG.replace("workspaces", "providers/Microsoft.MachineLearningServices/workspaces"),
            DatastoreUri("D", "P/Q"),
        ),
        ("azureml://datastores/d/paths/a b/ü?x=1#y\nz", DatastoreUri("d", "a b/ü?x=1#y\nz")),
        ("azureml://jobs/j/outputs/o", None),
        ("./d", None),
    ],
)
def test_a_datastore_uri_is_short_or_long_in_any_case(text, expected):
    """Only datastore and path matter: there is one workspace."""
    assert parse_datastore_uri(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("azureml://jobs/j/outputs/artifacts/paths/m/x", JobOutputUri("j", "artifacts", "m/x")),
        ("azureml:azureml://jobs/j/outputs/o", JobOutputUri("j", "o")),
        ("azureml://datastores/d/paths/a", None),
    ],
)
def test_the_output_of_a_job_is_named_by_a_uri(text, expected):
    """A job's outputs stay addressable after it ended."""
    assert parse_job_output_uri(text) == expected


@pytest.mark.parametrize("text", ["cpu-cluster", "azureml:cpu-cluster", f"azureml:{WORKSPACE}/computes/cpu-cluster"])
def test_a_compute_is_named_with_or_without_its_prefix(text):
    """All three spellings name the same compute."""
    assert parse_compute(text) == "cpu-cluster"


@pytest.mark.parametrize("text", ["azureml:", "", "cpu:1", "a b", f"azureml:{WORKSPACE}/datastores/d"])
def test_a_text_that_cannot_be_a_compute_is_a_problem(text):
    """A compute has no version, and its name no blank."""
    assert isinstance(parse_compute(text), Problem)


def test_a_datastore_is_named_with_or_without_its_prefix():
    """As computes are."""
    assert parse_datastore_name("azureml:blob") == parse_datastore_name("blob") == "blob"


@pytest.mark.parametrize(
    ("text", "expected"), [("a.yml", True), ("x/y", True), ("x\\y", True), ("A.YAML", True), ("env", False)]
)
def test_a_file_is_told_from_a_name_that_lost_its_prefix(text, expected):
    """A text with an ending or a slash is a path."""
    assert is_file_like(text) is expected
