"""
Computes: what `compute create --file` takes (section 7).

In:       a compute document.
Out:      its keys with their types put right and the defaults of a pool filled in.
Not here: what a compute does with them (`compute/`).
"""

from __future__ import annotations

import re
from typing import Any

from pipeyard.model.diagnostic import Severity
from pipeyard.model.environment import ImagePolicy
from pipeyard.model.types import PortType
from pipeyard.spec.memory import memory_gib
from pipeyard.spec.reading import Fields, Reading
from pipeyard.spec.scalar import describe
from pipeyard.spec.schema import READ_ONLY

TYPES = ("amlcompute", "computeinstance", "virtualmachine", "kubernetes", "synapsespark")

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{1,23}")
# A name reaches addresses and expressions; more than Azure allows, but no blank, slash or dot.
_USABLE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,254}")
_BUILT_IN = frozenset({"local", "serverless"})
_TIERS = ("dedicated", "low_priority")
_WHOLE = ("min_instances", "max_instances", "idle_time_before_scale_down", "idle_time_before_shutdown_minutes")
_FLAGS = (
    "ssh_public_access_enabled",
    "enable_node_public_ip",
    "enable_sso",
    "enable_root_access",
    "enable_os_patching",
)
# No size: without one, only slots count.
_POOL_DEFAULTS = {
    "tier": "dedicated",
    "min_instances": 0,
    "max_instances": 1,
    "idle_time_before_scale_down": 120,
}


def decode_compute_fields(reading: Reading, fields: Fields) -> dict[str, Any] | None:
    """Return the keys of a compute; None when its type is unknown."""
    kind = _decode_type(reading, fields)
    if kind is None:
        return None
    reading.check_fields(fields, kind, severity=Severity.WARNING, where=f"a compute of type `{kind}`")
    spec: dict[str, Any] = {key: fields.get(key) for key in fields if key not in READ_ONLY and fields.has(key)}
    spec |= {"type": kind, "name": _decode_name(reading, fields), "tags": reading.text_map(fields, "tags")}
    for key in ("description", "location", "size", "namespace", "resource_id"):
        if fields.has(key):
            spec[key] = reading.plain_text(fields, key)
    for key in _WHOLE:
        if fields.has(key):
            spec[key] = _decode_count(reading, fields, key, 1 if key == "max_instances" else 0)
    for key in _FLAGS:
        if fields.has(key):
            spec[key] = reading.flag(fields, key, default=False)
    if fields.has("tier"):
        spec["tier"] = _decode_tier(reading, fields)
    if kind == "amlcompute":
        _decode_measures(reading, fields, spec)
        spec = {**_POOL_DEFAULTS, **{key: value for key, value in spec.items() if value is not None}}
        _check_pool(reading, fields, spec)
    return spec


def _decode_type(reading: Reading, fields: Fields) -> str | None:
    text = reading.plain_text(fields, "type")
    if text is None:
        if not fields.has("type"):
            reading.missing("type", fields.place, "a compute", hint="such as `type: amlcompute`")
        return None
    kind = text.strip().lower()
    if kind not in TYPES:
        reading.unknown_value("type", text, fields.place_of("type"), TYPES)
        return None
    return kind


def _decode_name(reading: Reading, fields: Fields) -> str | None:
    name, place = reading.plain_text(fields, "name"), fields.place_of("name")
    if name is None:
        if not fields.has("name"):
            reading.missing("name", fields.place, "a compute")
    elif name.lower() in _BUILT_IN:
        reading.error("reserved-name", f"a compute cannot be called `{name}`", place, hint="it is built in")
    elif not _USABLE_NAME.fullmatch(name):
        message = f"`{name}` cannot be the name of a compute"
        reading.error("bad-name", message, place, expected="letters, digits and hyphens, with no hyphen first")
    elif not _NAME.fullmatch(name):
        reading.warn(
            "name-style",
            f"Azure refuses the compute name `{name}`",
            place,
            expected="2 to 24 letters, digits and hyphens, with a letter first",
        )
    return name


def _decode_count(reading: Reading, fields: Fields, name: str, least: int = 0) -> int | None:
    value = reading.number(fields, name, PortType.INTEGER)
    if not isinstance(value, int):
        return None
    if value < least:
        message = f"`{name}` must be at least {least}, this is {value}"
        reading.error("wrong-value", message, fields.place_of(name), expected=f"{least} or more")
        return None
    return value


def _decode_measures(reading: Reading, fields: Fields, spec: dict[str, Any]) -> None:
    for key, least in (("cpus", 1), ("gpus", 0)):
        if fields.has(key):
            spec[key] = _decode_count(reading, fields, key, least)
    if fields.has("image_policy"):
        spec["image_policy"] = _decode_policy(reading, fields)
    if fields.get("sandbox") is not None:
        spec["sandbox"] = reading.flag(fields, "sandbox", default=False)
    memory = fields.get("memory")
    if memory is not None and memory_gib(memory) is None:
        spec["memory"] = None
        reading.error(
            "wrong-value",
            f"`memory` takes an amount of memory, this is {describe(memory)}",
            fields.place_of("memory"),
            expected="a number of GiB, or a text such as `512MB` or `16GB`",
        )


def _decode_policy(reading: Reading, fields: Fields) -> str | None:
    text = reading.plain_text(fields, "image_policy")
    words = tuple(policy.value for policy in ImagePolicy)
    if text is not None and text not in words:
        reading.unknown_value("image_policy", text, fields.place_of("image_policy"), words)
        return None
    return text


def _decode_tier(reading: Reading, fields: Fields) -> str | None:
    text = reading.plain_text(fields, "tier")
    if text is None:
        return None
    tier = text.strip().lower().replace("lowpriority", "low_priority")
    if tier not in _TIERS:
        reading.unknown_value("tier", text, fields.place_of("tier"), _TIERS)
        return None
    return tier


def _check_pool(reading: Reading, fields: Fields, spec: dict[str, Any]) -> None:
    if spec["min_instances"] > spec["max_instances"]:
        reading.error(
            "wrong-value",
            f"`min_instances` is {spec['min_instances']}, above `max_instances`, which is {spec['max_instances']}",
            fields.place_of("min_instances"),
            expected=f"at most {spec['max_instances']}",
        )
