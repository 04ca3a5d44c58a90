"""
The tasks of a Spark step and of a `data_transfer` step that copies (sections 3.5 and 3.7).

In:       the fields of a component, of a step that holds one, or of a step that runs one.
Out:      a `SparkTask` or `CopyTask`; arguments under a command's key.
Not here: whether there is a Spark (`service/spark.py`), running it (`pipeyard/drivers/`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from pipeyard.model.diagnostic import Place, Severity
from pipeyard.model.driver import CopyMode, CopyTask, SparkTask
from pipeyard.spec.decode_parallel import inner_path, note_entry
from pipeyard.spec.reading import Fields, Reading

_LISTS = ("py_files", "jars", "files", "archives")
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_SIZES = ("standard_e4s_v3", "standard_e8s_v3", "standard_e16s_v3", "standard_e32s_v3", "standard_e64s_v3")
_NEEDED = ("spark.driver.cores", "spark.driver.memory", "spark.executor.cores", "spark.executor.memory")
_INSTANCES = "spark.executor.instances"
_DYNAMIC = "spark.dynamicAllocation.enabled"
_DYNAMIC_BOUNDS = ("spark.dynamicAllocation.minExecutors", "spark.dynamicAllocation.maxExecutors")
_MEMORY = re.compile(r"\d+[kmgt]?b?", re.IGNORECASE)
COPY = "copy_data"


def decode_spark(reading: Reading, fields: Fields, where: str) -> SparkTask:
    """Return the task of *fields*; everything that it needs to run is asked for."""
    found = decode_spark_settings(reading, fields)
    if not fields.has("entry"):
        reading.missing("entry", fields.place, where, "such as `entry: {file: main.py}`")
    # Noted where `entry` stands, which is beside `code`, also when the file's name is one level below.
    note_entry(reading, found.entry_file, fields.place_of("entry"))
    if found.entry_file is not None and not fields.has("code"):
        reading.missing("code", fields.place, where, "the folder that holds the entry file")
    if found.conf_place is None:
        reading.missing("conf", fields.place, where, f"it says at least {_listed(_NEEDED)}")
    else:
        _check_conf(reading, found.conf, found.conf_place)
    if fields.has("args"):
        fields.put("command", fields.get("args"), fields.place_of("args"))
    return found


def decode_spark_settings(reading: Reading, fields: Fields) -> SparkTask:
    """Return what is written, be it little: a step says only what differs from its component."""
    file, class_name = _entry(reading, fields)
    lists = {name: _paths(reading, fields, name) for name in _LISTS}
    return SparkTask(
        fields.place,
        entry_file=file,
        entry_class=class_name,
        conf=_conf(reading, fields),
        conf_place=fields.place_of("conf") if fields.has("conf") else None,
        runtime_version=_resources(reading, fields),
        **lists,
    )


def decode_copy(reading: Reading, fields: Fields, where: str) -> CopyTask:
    """Return what to copy and how."""
    outputs = fields.get("outputs")
    count = len(outputs) if isinstance(outputs, dict) else 0
    if count != 1:
        reading.error(
            "wrong-value",
            f"{where} that copies has exactly one output, this one has {count}",
            fields.key_of("outputs") if "outputs" in fields else fields.place,
            expected="one entry under `outputs`",
        )
    if not isinstance(fields.get("inputs"), dict) or not fields.get("inputs"):
        reading.missing("inputs", fields.place, where, "the data that is copied")
    return decode_copy_settings(reading, fields)


def decode_copy_settings(reading: Reading, fields: Fields) -> CopyTask:
    """Return what is written of copying."""
    return CopyTask(fields.place, reading.choice(fields, "data_copy_mode", CopyMode))


def _entry(reading: Reading, fields: Fields) -> tuple[str | None, str | None]:
    value = fields.get("entry")
    if isinstance(value, str):
        # A file's name alone is the short form of `{file: ...}`.
        return inner_path(reading, value, fields.place_of("entry"), "`entry`"), None
    inner = reading.mapping(fields, "entry")
    if inner is None:
        return None, None
    reading.check_fields(inner, "spark entry", severity=Severity.WARNING, where="`entry`")
    file, class_name = reading.plain_text(inner, "file"), reading.plain_text(inner, "class_name")
    if (file is None) == (class_name is None):
        reading.error(
            "wrong-value",
            "`entry` has either `file` or `class_name`",
            inner.place,
            expected="`{file: <path in the code>}` or `{class_name: <class in a jar>}`",
        )
        return None, None
    if file is None:
        return None, class_name
    return inner_path(reading, file, inner.place_of("file"), "`entry.file`"), None


def _paths(reading: Reading, fields: Fields, name: str) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for text, place in reading.text_list(fields, name):
        # `archive.zip#name` unpacks under another name.
        path, sharp, alias = text.partition("#")
        kept = text if _URI.match(text) else inner_path(reading, path, place, f"`{name}`")
        if kept is None:
            continue
        kept = kept if _URI.match(text) else kept + sharp + alias
        if kept in found:
            reading.error("wrong-value", f"`{name}` names `{text}` twice", place, hint="remove one of the two")
        found[kept] = None
    return tuple(found)


def _conf(reading: Reading, fields: Fields) -> dict[str, str]:
    inner = reading.mapping(fields, "conf")
    found: dict[str, str] = {}
    for name in inner or ():
        assert inner is not None
        value = inner.get(name)
        if isinstance(value, bool):
            found[name] = "true" if value else "false"
            continue
        text = reading.as_text(value, inner.place_of(name), name) if value is not None else ""
        if text is not None:
            found[name] = text
    return found


def _resources(reading: Reading, fields: Fields) -> str | None:
    inner = reading.mapping(fields, "resources")
    if inner is None:
        return None
    if fields.has("compute"):
        reading.error(
            "wrong-value",
            "a Spark step has either `resources` or `compute`, this has both",
            fields.key_of("resources"),
            expected="one of the two",
            hint="`compute` names a pool of slots here; `resources` is what Azure's serverless Spark takes",
        )
    size = reading.plain_text(inner, "instance_type")
    if size is not None and size.lower() not in _SIZES:
        reading.unknown_value("instance_type", size, inner.place_of("instance_type"), _SIZES)
    version = reading.text(inner, "runtime_version")
    if version is None and not inner.has("runtime_version"):
        reading.missing("runtime_version", inner.place, "`resources`", 'such as `runtime_version: "3.4"`')
    # Nobody else reads them: a Spark step has one instance here.
    fields.drop("resources")
    return version


def _check_conf(reading: Reading, conf: Mapping[str, str], place: Place) -> None:
    """Check what Azure checks: cores and memory of driver and executors, and how many executors."""
    for name in _NEEDED:
        if name not in conf:
            reading.missing(name, place, "`conf`", f"it says at least {_listed(_NEEDED)}")
        elif name.endswith(".memory") and not _MEMORY.fullmatch(conf[name]):
            _wrong(reading, conf, name, place, "a size such as `2g`")
        elif name.endswith(".cores") and _number(conf[name]) is None:
            _wrong(reading, conf, name, place, "a whole number of at least 1")
    instances = None if _INSTANCES not in conf else _number(conf[_INSTANCES])
    if _INSTANCES in conf and instances is None:
        _wrong(reading, conf, _INSTANCES, place, "a whole number of at least 1")
    if conf.get(_DYNAMIC, "false").lower() == "true":
        _check_dynamic(reading, conf, place, instances)
    elif _INSTANCES not in conf:
        reading.missing(_INSTANCES, place, "`conf`", f"or write `{_DYNAMIC}: true` with its bounds")


def _check_dynamic(reading: Reading, conf: Mapping[str, str], place: Place, instances: int | None) -> None:
    bounds: list[int] = []
    for name in _DYNAMIC_BOUNDS:
        if name not in conf:
            reading.missing(name, place, f"`conf` with `{_DYNAMIC}`")
            continue
        bound = _number(conf[name], least=0)
        if bound is None:
            _wrong(reading, conf, name, place, "a whole number")
        else:
            bounds.append(bound)
    if len(bounds) != len(_DYNAMIC_BOUNDS):
        return
    if bounds[0] > bounds[1]:
        _wrong(reading, conf, _DYNAMIC_BOUNDS[0], place, f"at most {bounds[1]}, which is `{_DYNAMIC_BOUNDS[1]}`")
    elif instances is not None and not bounds[0] <= instances <= bounds[1]:
        _wrong(reading, conf, _INSTANCES, place, f"{bounds[0]} to {bounds[1]}, which the two bounds say")


def _wrong(reading: Reading, conf: Mapping[str, str], name: str, place: Place, expected: str) -> None:
    message = f"`{name}` cannot be `{conf[name]}`"
    reading.error("wrong-value", message, place.child(name), expected=expected, found=f"`{conf[name]}`")


def _number(text: str, least: int = 1) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and int(text) >= least else None


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names)
