"""
Assets that are registered: what their files say (sections 4, 6 and 8).

In:       an asset's document.
Out:      an `AssetSpec`, or a `Component`.
Not here: what is in a component (`spec/decode_component.py`), whether the bytes are there.
"""

from __future__ import annotations

import re

from pipeyard.model.asset_spec import AssetHead, DataSpec, EnvironmentSpec, ModelSpec
from pipeyard.model.assets import AssetKind, AssetRef, DataUri, LocalPath, LocalRole
from pipeyard.model.component import Component, InlineEnvironment
from pipeyard.model.diagnostic import Place, Severity
from pipeyard.model.types import PortType
from pipeyard.spec import legacy
from pipeyard.spec.binding import Problem
from pipeyard.spec.decode_component import decode_component_fields
from pipeyard.spec.decode_environment import decode_environment_fields
from pipeyard.spec.reading import Fields, Reading
from pipeyard.spec.reference import parse_data_path, parse_datastore_name

DATA_TYPES = (PortType.URI_FILE, PortType.URI_FOLDER, PortType.MLTABLE)
MODEL_TYPES = (PortType.CUSTOM_MODEL, PortType.MLFLOW_MODEL, PortType.TRITON_MODEL)

# It becomes a part of paths and addresses.
_USABLE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,254}")
_STYLED_COMPONENT = re.compile(r"[a-z][a-z0-9_]{0,254}")
_VERSION = re.compile(r"[A-Za-z0-9._-]{1,255}")
_NOUNS = {
    AssetKind.COMPONENT: "a registered component",
    AssetKind.DATA: "a data asset",
    AssetKind.ENVIRONMENT: "a registered environment",
    AssetKind.MODEL: "a model",
    AssetKind.CODE: "a code asset",
}


def decode_data_fields(reading: Reading, fields: Fields) -> DataSpec:
    """Return the data asset in a document."""
    legacy.rewrite_asset(reading, fields)
    if "source" in fields:
        reading.error(
            "unknown-field",
            "a data asset has no `source`: importing from databases is not in this version",
            fields.key_of("source"),
            hint="fetch the data with a step, and register its output",
        )
        fields.drop("source")
    reading.check_fields(fields, "data", severity=Severity.WARNING, where="a data asset")
    head = _decode_head(reading, fields, AssetKind.DATA)
    type_ = _decode_type(reading, fields, DATA_TYPES, PortType.URI_FOLDER)
    path = _decode_path(reading, fields, "a data asset", AssetKind.DATA, type_)
    return DataSpec(head, type_, path, _decode_datastore(reading, fields))


def decode_model_fields(reading: Reading, fields: Fields) -> ModelSpec:
    """Return the model in a document."""
    legacy.rewrite_asset(reading, fields)
    reading.check_fields(fields, "model", severity=Severity.WARNING, where="a model")
    head = _decode_head(reading, fields, AssetKind.MODEL)
    type_ = _decode_type(reading, fields, MODEL_TYPES, PortType.CUSTOM_MODEL)
    # A custom model may be a file or a folder.
    path = _decode_path(reading, fields, "a model", AssetKind.MODEL, type_)
    stage = reading.plain_text(fields, "stage")
    return ModelSpec(head, type_, path, stage, _decode_datastore(reading, fields))


def decode_environment_asset_fields(reading: Reading, fields: Fields) -> EnvironmentSpec:
    """Return the environment in a document that is to be registered."""
    head = _decode_head(reading, fields, AssetKind.ENVIRONMENT)
    found = decode_environment_fields(reading, fields)
    return EnvironmentSpec(head, found if isinstance(found, InlineEnvironment) else None)


def decode_component_asset_fields(reading: Reading, fields: Fields) -> Component | None:
    """Return the component in a document that is to be registered."""
    name, version = fields.get("name"), fields.get("version")
    if name is None or isinstance(name, str):
        place = fields.place_of("name") if name is not None else fields.place
        check_asset_name(reading, name, place, AssetKind.COMPONENT)
    if isinstance(version, str):
        check_asset_version(reading, version, fields.place_of("version"))
    refused = {problem.place for problem in reading.problems if problem.code == "bad-name"}
    component = decode_component_fields(reading, fields)
    # As a file the component could be called so; that is no news any more.
    reading.problems = [item for item in reading.problems if item.code != "name-style" or item.place not in refused]
    return component


def check_asset_name(reading: Reading, name: str | None, place: Place, kind: AssetKind) -> None:
    """Report a name that nothing can be registered under; None: there is none."""
    if name is None:
        reading.missing("name", place, _NOUNS[kind], hint="write `name:`, or give it with --name")
    elif not _USABLE_NAME.fullmatch(name):
        reading.error(
            "bad-name",
            f"`{name}` cannot be the name of {_NOUNS[kind]}",
            place,
            expected="up to 255 letters, digits, `_`, `-` and `.`, with no hyphen or dot first",
        )
    elif kind is AssetKind.COMPONENT and not _STYLED_COMPONENT.fullmatch(name):
        reading.warn(
            "name-style",
            f"Azure's current client refuses the component name `{name}`",
            place,
            expected="small letters, digits and underscores, with a letter first",
        )


def check_asset_version(reading: Reading, version: str | None, place: Place) -> None:
    """Report a version that no reference could name."""
    if version is not None and not _VERSION.fullmatch(version):
        reading.error(
            "bad-version", f"`{version}` cannot be a version", place, expected="letters, digits, `.`, `_` and `-`"
        )


def _decode_head(reading: Reading, fields: Fields, kind: AssetKind) -> AssetHead:
    name, version = reading.plain_text(fields, "name"), reading.plain_text(fields, "version")
    if name is not None or not fields.has("name"):
        check_asset_name(reading, name, fields.place_of("name") if fields.has("name") else fields.place, kind)
    check_asset_version(reading, version, fields.place_of("version"))
    return AssetHead(
        fields.place,
        name=name,
        version=version,
        display_name=reading.text(fields, "display_name"),
        description=reading.text(fields, "description"),
        tags=reading.text_map(fields, "tags"),
        properties=reading.text_map(fields, "properties"),
    )


def _decode_type(reading: Reading, fields: Fields, allowed: tuple[PortType, ...], default: PortType) -> PortType:
    text = reading.plain_text(fields, "type")
    if text is None:
        return default
    for type_ in allowed:
        if text.strip().lower() == type_.value:
            return type_
    reading.unknown_value("type", text, fields.place_of("type"), [type_.value for type_ in allowed])
    return default


def _decode_path(
    reading: Reading, fields: Fields, where: str, kind: AssetKind, type_: PortType
) -> LocalPath | DataUri | AssetRef | None:
    text, place = reading.plain_text(fields, "path"), fields.place_of("path")
    if text is None:
        if not fields.has("path"):
            reading.missing("path", fields.place, where, hint="say where the bytes are: a local path or a URI")
        return None
    found = parse_data_path(text, reading.source_of(place), kind)
    if isinstance(found, Problem):
        reading.report(found, place, text)
        return None
    if isinstance(found, LocalPath):
        reading.note_local(LocalRole.DATA, found, place, type_.value)
    return found


def _decode_datastore(reading: Reading, fields: Fields) -> str | None:
    text = reading.plain_text(fields, "datastore")
    if text is None:
        return None
    found = parse_datastore_name(text)
    if isinstance(found, Problem):
        reading.report(found, fields.place_of("datastore"), text)
        return None
    return found
