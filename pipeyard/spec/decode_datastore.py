"""
Datastores: what `datastore create --file` takes (section 8.1, with `local`, `s3`, `gcs` and `http` added).

In:       a datastore document.
Out:      a `DatastoreSpec`: settings, and apart from them the credentials.
Not here: whether the store can be reached (`datastore/`).

Invariant: no message holds a credential, nor what was written in its place.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from pipeyard.model.datastore import DatastoreSpec
from pipeyard.model.diagnostic import Place, Severity
from pipeyard.spec.reading import Fields, Reading
from pipeyard.spec.schema import fields_of

TYPES = ("azure_blob", "azure_data_lake_gen2", "s3", "gcs", "http", "local")
# Azure has these too; nothing here speaks to them.
_ELSEWHERE = ("azure_file", "azure_data_lake_gen1", "one_lake", "hdfs")
_REQUIRED = {
    "azure_blob": ("account_name", "container_name"),
    "azure_data_lake_gen2": ("account_name", "filesystem"),
    "s3": ("bucket",),
    "gcs": ("bucket",),
    "http": ("url",),
    "local": ("path",),
}
_PRINCIPAL = ("tenant_id", "client_id")
_AZURE_WAYS = (
    ("account_key",),
    ("sas_token",),
    (*_PRINCIPAL, "client_secret"),
    (*_PRINCIPAL, "certificate"),
)
# What lets one in: one of these sets of fields.
_WAYS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "azure_blob": _AZURE_WAYS,
    "azure_data_lake_gen2": _AZURE_WAYS,
    "s3": (("access_key_id", "secret_access_key"),),
    "gcs": (("service_account_key",),),
    "http": (("username", "password"), ("token",)),
    "local": (),
}
# Fields that may stand beside such a set.
_BESIDE: Mapping[str, tuple[str, ...]] = {
    "azure_blob": ("authority_url", "resource_url", "thumbprint"),
    "azure_data_lake_gen2": ("authority_url", "resource_url", "thumbprint"),
    "s3": ("session_token",),
    "gcs": (),
    "http": (),
    "local": (),
}
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,254}")
_AZURE_NAME = re.compile(r"[A-Za-z0-9_]{1,255}")
_PROTOCOLS = ("https", "http", "wasbs", "wasb", "abfss", "abfs")
_ADDRESS = re.compile(r"https?://[^/\s@]+(?:/[^\s?#]*)?", re.IGNORECASE)
_HOST = re.compile(r"[A-Za-z0-9.-]+(?::\d+)?")
_PLAIN = re.compile(r"[^/\\\0-\x1f\x7f]+")


def decode_datastore_fields(reading: Reading, fields: Fields) -> DatastoreSpec | None:
    """Return the datastore; None when its type is unknown."""
    kind = _decode_type(reading, fields)
    if kind is None:
        return None
    reading.check_fields(fields, kind, severity=Severity.WARNING, where=f"a datastore of type `{kind}`")
    settings: dict[str, Any] = {}
    for key in fields_of(kind):
        if key in ("name", "type", "tags", "credentials", "anonymous") or not fields.has(key):
            continue
        text = reading.plain_text(fields, key)
        if text is not None:
            settings[key] = text
    for key in _REQUIRED[kind]:
        if not fields.has(key):
            reading.missing(key, fields.place, f"a datastore of type `{kind}`")
    if fields.has("tags"):
        settings["tags"] = reading.text_map(fields, "tags")
    if fields.has("anonymous") and reading.flag(fields, "anonymous", default=False):
        settings["anonymous"] = True
    _check_settings(reading, fields, settings)
    credentials = _decode_credentials(reading, fields, kind)
    return DatastoreSpec(_decode_name(reading, fields), kind, settings, credentials)


def _decode_type(reading: Reading, fields: Fields) -> str | None:
    text = reading.plain_text(fields, "type")
    if text is None:
        if not fields.has("type"):
            reading.missing("type", fields.place, "a datastore", hint="such as `type: azure_blob`")
        return None
    kind = text.strip().lower()
    if kind in _ELSEWHERE:
        reading.error(
            "datastore-type",
            f"nothing here speaks to a datastore of type `{kind}`",
            fields.place_of("type"),
            expected="one of " + ", ".join(f"`{word}`" for word in TYPES),
            hint="a share that is mounted on this machine can be a datastore of type `local`",
        )
        return None
    if kind not in TYPES:
        reading.unknown_value("type", text, fields.place_of("type"), TYPES)
        return None
    return kind


def _decode_name(reading: Reading, fields: Fields) -> str | None:
    name, place = reading.plain_text(fields, "name"), fields.place_of("name")
    if name is None:
        if not fields.has("name"):
            reading.missing("name", fields.place, "a datastore")
    elif not _NAME.fullmatch(name):
        message = f"`{name}` cannot be the name of a datastore"
        reading.error("bad-name", message, place, expected="letters, digits, `_` and `-`, at most 255")
    elif not _AZURE_NAME.fullmatch(name):
        message = f"Azure refuses the datastore name `{name}`"
        reading.warn("name-style", message, place, expected="letters, digits and underscores")
    return name


def _check_settings(reading: Reading, fields: Fields, settings: dict[str, Any]) -> None:
    for key in ("account_name", "container_name", "filesystem", "bucket"):
        value = settings.get(key)
        if value is not None and not _PLAIN.fullmatch(value):
            reading.error("wrong-value", f"`{key}` is one name, this is `{value}`", fields.place_of(key))
    if "protocol" in settings and settings["protocol"] not in _PROTOCOLS:
        reading.unknown_value("protocol", settings["protocol"], fields.place_of("protocol"), _PROTOCOLS)
    path = settings.get("path")
    if path is not None and not path.startswith("/"):
        message = f"`path` is a folder of the server's machine, this is `{path}`"
        reading.error("wrong-value", message, fields.place_of("path"), expected="an absolute path")
    for key in ("endpoint", "url"):
        if key in settings and not _is_address(settings[key], is_whole=key == "url" or "bucket" in settings):
            # Not repeated: an address may hold a password or a signature.
            reading.error(
                "wrong-value",
                f"`{key}` is no address that can be used",
                Place(fields.place.source, fields.place_of(key).path, on_key=True),
                expected="`https://host/path` without user name, query and fragment",
                hint="a user name and a password belong under `credentials`",
            )
            settings.pop(key)


def _is_address(text: str, *, is_whole: bool) -> bool:
    return bool(_ADDRESS.fullmatch(text)) or (not is_whole and bool(_HOST.fullmatch(text)))


def _decode_credentials(reading: Reading, fields: Fields, kind: str) -> dict[str, str] | None:
    place = fields.key_of("credentials")
    if "credentials" not in fields:
        return None
    value = fields.get("credentials")
    if value is None or value == {} or (isinstance(value, str) and value.strip().lower() in ("none", "")):
        return {}
    if not isinstance(value, dict):
        reading.error("wrong-type", "`credentials` takes a mapping", place, expected="a mapping")
        return {}
    ways, beside = _WAYS[kind], _BESIDE[kind]
    known = {key for way in ways for key in way} | set(beside)
    given: dict[str, str] = {}
    for key, secret in value.items():
        if key not in known:
            message = f"the credentials of a datastore of type `{kind}` have no field `{key}`"
            reading.error("unknown-field", message, place, expected=_expected(ways))
        elif isinstance(secret, str) and secret:
            given[key] = secret
        elif isinstance(secret, dict) and key == "service_account_key":
            given[key] = json.dumps(secret)
        elif secret is not None:
            message = f"`{key}` is no text"
            reading.error("wrong-type", message, place, expected="a text", hint="put it in quotes")
    _check_way(reading, place, kind, given)
    return given


def _check_way(reading: Reading, place: Place, kind: str, given: Mapping[str, str]) -> None:
    """Report credentials that are none of the sets, or more than one."""
    ways = _WAYS[kind]
    if not given:
        return
    named = set(given) - set(_BESIDE[kind])
    if any(set(way) == named for way in ways):
        return
    if not ways:
        reading.error("no-effect", f"a datastore of type `{kind}` takes no credentials", place, hint="remove them")
        return
    reading.error(
        "bad-credentials",
        "these credentials are not complete, or are of two kinds: " + ", ".join(f"`{key}`" for key in given),
        place,
        expected=_expected(ways),
    )


def _expected(ways: tuple[tuple[str, ...], ...]) -> str:
    return "; or ".join(" and ".join(f"`{key}`" for key in way) for way in ways) or "none"
