"""Data, models and environments that are registered."""

from __future__ import annotations

import pytest

from pipeyard.model.assets import AssetRef, DataUri, LocalPath, LocalRole
from pipeyard.model.types import PortType
from pipeyard.spec.decode import decode_data, decode_environment_asset, decode_model
from pipeyard.spec.decode_asset import decode_data_fields, decode_model_fields
from pipeyard.spec.document import parse_document
from pipeyard.spec.reading import read_document


def document(text):
    found, problems = parse_document(text, source="", file="asset.yml")
    assert problems == ()
    return found


def check(decode, text):
    """Return the spec, and code and place of each problem."""
    spec, problems = decode(document(text))
    return spec, [(item.code, str(item.place)) for item in problems]


def test_a_data_asset_is_a_folder_unless_it_says_otherwise():
    """`type` is `uri_folder`; a local path is kept as it was written."""
    spec, problems = check(decode_data, "name: titanic\nversion: 01\npath: ./data dir\ntags: {a: 1}\n")

    assert problems == [("scalar-reread", "version")]
    assert spec.type is PortType.URI_FOLDER
    assert spec.path == LocalPath("./data dir", "")
    assert (spec.head.name, spec.head.version, spec.head.tags) == ("titanic", "1", {"a": "1"})


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("azureml://datastores/x/paths/a/b.csv", DataUri),
        ("https://host/a.csv", DataUri),
        ("azureml:other:3", AssetRef),
        ("file:./a.csv", LocalPath),
    ],
)
def test_the_path_of_data_may_be_anywhere(path, found):
    """Local paths, URIs and other assets are told apart."""
    spec, problems = check(decode_data, f"name: d\ntype: URI_File\npath: {path}\n")

    assert problems == []
    assert isinstance(spec.path, found)


def test_local_bytes_are_noted_with_their_type():
    """The command line can then look whether they are there, and are a file or a folder."""
    _, reading = read_document(document("name: d\ntype: mltable\npath: ./t\n"), decode_data_fields)

    assert [(item.role, item.path, item.text, item.type) for item in reading.locals] == [
        (LocalRole.DATA, ("path",), "./t", "mltable")
    ]


def test_everything_wrong_with_a_data_asset_is_said_at_once():
    """Name, version, type, path and unknown keys, each at its own place."""
    _, problems = check(
        decode_data, "name: ../x\nversion: a/b\ntype: folder\npath: 's9://x'\ndatastore: a b\npaht: x\n"
    )

    assert problems == [
        ("bad-name", "name"),
        ("bad-version", "version"),
        ("unknown-value", "type"),
        ("unknown-uri", "path"),
        ("broken-reference", "datastore"),
        ("unknown-field", "paht"),
    ]


def test_what_is_missing_is_named():
    """A name and a path are all that data needs."""
    assert check(decode_data, "type: uri_file\n")[1] == [("missing-field", "."), ("missing-field", ".")]


@pytest.mark.parametrize(
    ("text", "place"),
    [("local_path: ./d", ("local_path",)), ("paths: [{folder: ./d}]", ("paths", 0, "folder"))],
)
def test_old_spellings_of_data_are_read_with_a_warning(text, place):
    """The path keeps the place where it was written, so that replacing that leaf works."""
    spec, reading = read_document(document(f"name: d\n{text}\n"), decode_data_fields)

    assert spec.path == LocalPath("./d", "")
    assert [item.path for item in reading.locals] == [place]
    assert [(item.code, item.is_error) for item in reading.problems] == [("old-spelling", False)]


def test_a_model_is_custom_unless_it_says_otherwise():
    """A custom model may be a file or a folder; stage is kept."""
    spec, reading = read_document(document("name: m\npath: ./model.pkl\nstage: Production\n"), decode_model_fields)

    assert (spec.type, spec.stage) == (PortType.CUSTOM_MODEL, "Production")
    assert [item.type for item in reading.locals] == ["custom_model"]


def test_models_and_data_have_their_own_types():
    """`uri_folder` is no type of a model."""
    assert check(decode_model, "name: m\ntype: uri_folder\npath: ./m\n")[1] == [("unknown-value", "type")]


def test_an_environment_file_needs_a_name_to_be_registered():
    """Inline the name has no effect; here it is what is asked for."""
    spec, problems = check(decode_environment_asset, "name: env\nversion: 2\nimage: x\n")
    assert problems == []
    assert (spec.head.name, spec.head.version, spec.environment.image) == ("env", "2", "x")

    assert check(decode_environment_asset, "image: x\n")[1] == [("missing-field", ".")]
