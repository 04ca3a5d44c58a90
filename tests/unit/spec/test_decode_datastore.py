from __future__ import annotations

import json

import pytest

from pipeyard.spec.decode import decode_datastore
from pipeyard.spec.document import document_of, parse_document

SECRET = "c2VjcmV0LXNlY3JldA=="
BLOB = {"name": "blob", "type": "azure_blob", "account_name": "acc", "container_name": "data"}


def decode(**more):
    return decode_datastore(document_of({**BLOB, **more}, source=""))


def codes(problems):
    return [problem.code for problem in problems if problem.is_error]


def test_credentials_are_kept_apart_from_the_rest():
    """What may be stored and shown holds no secret, and neither does the value's own text."""
    spec, problems = decode(credentials={"account_key": SECRET}, tags={"team": "vision"}, description="Raw")

    assert problems == ()
    assert spec.settings == {
        "account_name": "acc",
        "container_name": "data",
        "tags": {"team": "vision"},
        "description": "Raw",
    }
    assert spec.credentials == {"account_key": SECRET}
    assert SECRET not in repr(spec)


@pytest.mark.parametrize(
    ("written", "expected"), [({}, None), ({"credentials": {}}, {}), ({"credentials": "none"}, {})]
)
def test_no_credentials_and_none_are_two_things(written, expected):
    """A file that does not speak of credentials leaves those that are kept; `none` removes them."""
    assert decode(**written)[0].credentials == expected


@pytest.mark.parametrize(
    ("credentials", "is_whole"),
    [
        ({"sas_token": "?sv=1"}, True),
        ({"tenant_id": "t", "client_id": "c", "client_secret": "s", "authority_url": "https://login"}, True),
        ({"tenant_id": "t", "client_id": "c", "certificate": "pem", "thumbprint": "p"}, True),
        ({"tenant_id": "t", "client_secret": "s"}, False),
        ({"account_key": "k", "sas_token": "s"}, False),
    ],
)
def test_credentials_are_of_one_kind_and_whole(credentials, is_whole):
    """Half a service principal, or a key beside a token, says what would be whole."""
    found = codes(decode(credentials=credentials)[1])

    assert found == ([] if is_whole else ["bad-credentials"])


@pytest.mark.parametrize(
    "credentials", [{"account_key": 12345678}, {"account_kee": SECRET}, SECRET, {"account_key": [SECRET]}, [SECRET]]
)
def test_no_problem_repeats_a_credential(credentials):
    """Whatever is wrong with a secret, no message holds it or what was written in its place."""
    _, problems = decode(credentials=credentials)

    said = json.dumps([[item.message, item.expected, item.found, item.hint] for item in problems])
    assert codes(problems)
    assert SECRET not in said
    assert "12345678" not in said


@pytest.mark.parametrize(
    ("document", "settings"),
    [
        ({"type": "s3", "bucket": "b", "region": "eu", "endpoint": "http://127.0.0.1:9000"}, {"region": "eu"}),
        ({"type": "GCS", "bucket": "b", "credentials": {"service_account_key": {"type": "x"}}}, {"bucket": "b"}),
        ({"type": "http", "url": "https://example.org/data/"}, {"url": "https://example.org/data/"}),
        ({"type": "local", "path": "/srv/data"}, {"path": "/srv/data"}),
        ({"type": "azure_data_lake_gen2", "account_name": "a", "filesystem": "f"}, {"filesystem": "f"}),
        ({"type": "s3", "bucket": "b", "anonymous": True}, {"anonymous": True}),
    ],
)
def test_each_type_has_its_own_fields(document, settings):
    """What a type needs is taken, and its keys keep their names."""
    spec, problems = decode_datastore(document_of({"name": "one", **document}, source=""))

    assert codes(problems) == []
    assert spec.type == document["type"].lower()
    assert settings.items() <= spec.settings.items()


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ({"type": "azure_blob", "account_name": "a"}, "missing-field"),
        ({"type": "s3"}, "missing-field"),
        ({"type": "azure_file", "account_name": "a"}, "datastore-type"),
        ({"type": "azure_blop"}, "unknown-value"),
        ({}, "missing-field"),
        ({"type": "local", "path": "data"}, "wrong-value"),
        ({"type": "s3", "bucket": "a/b"}, "wrong-value"),
        ({"type": "http", "url": "ftp://example.org"}, "wrong-value"),
        ({"type": "local", "path": "/x", "credentials": {"account_key": "k"}}, "unknown-field"),
        ({"type": "azure_blob", "account_name": "a", "container_name": "c", "protocol": "gopher"}, "unknown-value"),
    ],
)
def test_what_cannot_be_a_datastore_says_so(document, code):
    """A missing part, a type that nothing here speaks to, a value that is no name or address."""
    assert code in codes(decode_datastore(document_of({"name": "one", **document}, source=""))[1])


def test_an_address_with_a_password_is_not_repeated():
    """Credentials in an endpoint are refused without being shown."""
    document = {"name": "web", "type": "http", "url": f"https://ann:{SECRET}@example.org/"}

    _, problems = decode_datastore(document_of(document, source=""))

    assert codes(problems) == ["wrong-value"]
    assert SECRET not in str(problems)


def test_names_that_azure_refuses_are_warned_of():
    """A hyphen works here and not in Azure; a slash works nowhere."""
    warned = decode(name="my-store")[1]
    refused = decode(name="my/store")[1]

    assert [problem.code for problem in warned] == ["name-style"]
    assert codes(refused) == ["bad-name"]


def test_a_problem_has_its_line():
    """A file's problems are drawn where they are."""
    document, _ = parse_document("name: s\ntype: s3\nbucket: a/b\n", source="", file="s3.yml")

    _, (problem,) = decode_datastore(document)

    assert (problem.span.line, problem.code) == (3, "wrong-value")
