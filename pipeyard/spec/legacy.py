"""
Spellings of 2021 and 2022, read as those of today (section 1.6).

In:       fields as they were written.
Out:      the same fields under today's keys, each still at its own place, and a warning.
Not here: single-brace expressions (`spec/binding.py`).

Invariant: a rewritten value keeps the path where it was written, so that problems point
at the user's text and replacing a leaf works on the user's tree.
"""

from __future__ import annotations

from typing import Any

from pipeyard.model.diagnostic import Place
from pipeyard.model.expression import Expression, Template
from pipeyard.spec.binding import OPEN
from pipeyard.spec.reading import Fields, Reading

_KINDS = {
    "command_job": "command",
    "commandjob": "command",
    "commandcomponent": "command",
    "command_component": "command",
    "sweep_job": "sweep",
    "pipeline_job": "pipeline",
    "pipelinecomponent": "pipeline",
}
# The step is whatever its component is.
_ANY_KIND = frozenset({"component", "component_job"})

_DATA_KEYS = ("dataset", "data", "file", "folder", "local_path", "paths")

_SETTINGS = {"datastore": "default_datastore", "compute": "default_compute"}


def rewrite_kind(reading: Reading, fields: Fields) -> None:
    """Read `type: component_job` and its like."""
    word = fields.get("type")
    if not isinstance(word, str):
        return
    lowered = word.lower()
    if lowered in _KINDS:
        reading.old_spelling(f"`type: {word}`", fields.place_of("type"), f"`type: {_KINDS[lowered]}`")
        fields.put("type", _KINDS[lowered], fields.place_of("type"))
    elif lowered in _ANY_KIND:
        now = "`type: command`, or leave it out: a step is what its component is"
        reading.old_spelling(f"`type: {word}`", fields.place_of("type"), now)
        fields.drop("type")


def rewrite_step(reading: Reading, fields: Fields) -> None:
    """Read the old keys of a step: its type, `overrides:`, `compute: {target: ...}`, `code: {local_path: ...}`."""
    rewrite_kind(reading, fields)
    _lift(reading, fields, "overrides")
    rewrite_body(reading, fields)


def rewrite_body(reading: Reading, fields: Fields) -> None:
    """Read the old keys that a job, a step and a component have alike."""
    _rewrite_compute(reading, fields)
    _rewrite_code(reading, fields)
    _rewrite_file_prefix(reading, fields)


def rewrite_pipeline(reading: Reading, fields: Fields) -> None:
    """Read `defaults: {component_job: {...}}` and the old names in `settings`."""
    defaults, defaults_key = reading.mapping(fields, "defaults"), fields.key_of("defaults")
    fields.drop("defaults")
    settings = reading.mapping(fields, "settings") or Fields({}, fields.place.child("settings"))
    if defaults is not None:
        reading.old_spelling("`defaults`", defaults_key, "these keys under `settings`, as `default_...`")
        inner = reading.mapping(defaults, "component_job") or defaults
        for name in inner:
            if name in _SETTINGS and _SETTINGS[name] not in settings:
                settings.put(_SETTINGS[name], inner.get(name), inner.place_of(name))
    for old, now in _SETTINGS.items():
        if old in settings:
            reading.old_spelling(f"`settings.{old}`", settings.key_of(old), f"`settings.{now}`")
            if now not in settings:
                settings.put(now, settings.get(old), settings.place_of(old))
            settings.drop(old)
    fields.put("settings", settings, settings.place)


def rewrite_input(reading: Reading, fields: Fields) -> None:
    """Read `dataset: azureml:d:1`, `{local_path: ./data}`, `file:`, `folder:` and `paths: [...]` of an input."""
    old = next((name for name in _DATA_KEYS if name in fields), None)
    if old is None or "path" in fields:
        return
    kind, value, place = _data_of(old, fields.get(old), fields.place_of(old))
    reading.old_spelling(f"`{old}` in an input", fields.key_of(old), f"`type: {kind}` and `path: ...`")
    fields.drop(old)
    fields.put("path", value, place)
    if "type" not in fields:
        fields.put("type", kind, place)


def rewrite_asset(reading: Reading, fields: Fields) -> None:
    """Read `local_path: ./data` and `paths: [{folder: ...}]` of a data asset or model."""
    old = next((name for name in ("local_path", "paths") if name in fields), None)
    if old is None or "path" in fields:
        return
    kind, value, place = _data_of(old, fields.get(old), fields.place_of(old))
    reading.old_spelling(f"`{old}`", fields.key_of(old), "`path: ...`")
    fields.drop(old)
    fields.put("path", value, place)
    if kind == "uri_file" and "type" not in fields:
        fields.put("type", kind, place)


def report_port_type(reading: Reading, place: Place) -> None:
    """Warn of `type: path` of a port, which took a file or a folder."""
    reading.old_spelling("`type: path`", place, "`type: uri_folder` or `type: uri_file`")


def rewrite_environment(reading: Reading, fields: Fields) -> None:
    """Read `docker: {image: ...}`."""
    if "docker" not in fields:
        return
    docker = reading.mapping(fields, "docker")
    reading.old_spelling("`docker`", fields.key_of("docker"), "`image: ...` or `build: ...`")
    fields.drop("docker")
    for name in ("image", "build"):
        if docker is not None and name in docker and name not in fields:
            fields.put(name, docker.get(name), docker.place_of(name))


def rewrite_binding(reading: Reading, template: Template, place: Place, roots: tuple[str, ...]) -> Template:
    """Read `${{inputs.x}}` of a step binding as `${{parent.inputs.x}}`, and so with other *roots*."""
    if not any(expression.names[0] in roots for expression in template.expressions):
        return template
    parts: list[str | Expression] = []
    for part in template.parts:
        if isinstance(part, Expression) and part.names[0] in roots:
            now = Expression(("parent", *part.names), part.start, part.end)
            reading.old_spelling(f"`{part}`", place.within(part.start, part.end), f"`{now}`")
            parts.append(now)
        else:
            parts.append(part)
    return Template(tuple(parts))


def _lift(reading: Reading, fields: Fields, name: str) -> None:
    """Move the keys of an inner mapping up; keys that stand outside already win."""
    if name not in fields:
        return
    inner = reading.mapping(fields, name)
    reading.old_spelling(f"`{name}`", fields.key_of(name), "its keys directly on the step")
    fields.drop(name)
    for key in inner or ():
        if inner is not None and key not in fields:
            fields.put(key, inner.get(key), inner.place_of(key))


def _rewrite_compute(reading: Reading, fields: Fields) -> None:
    compute = fields.get("compute")
    if not isinstance(compute, dict):
        return
    place = fields.place_of("compute")
    now = "`compute: azureml:<name>`, and `instance_count` under `resources`"
    reading.old_spelling("a mapping as `compute`", fields.key_of("compute"), now)
    fields.put("compute", compute.get("target"), place.child("target"))
    moved = {key: value for key, value in compute.items() if key != "target"}
    if moved and fields.get("resources") is None:
        fields.put("resources", Fields({key: (moved[key], place.child(key)) for key in moved}, place), place)


def _rewrite_code(reading: Reading, fields: Fields) -> None:
    code = fields.get("code")
    if isinstance(code, dict) and "local_path" in code:
        place = fields.place_of("code")
        reading.old_spelling("a mapping as `code`", fields.key_of("code"), "`code: <path>`")
        fields.put("code", code["local_path"], place.child("local_path"))


def _rewrite_file_prefix(reading: Reading, fields: Fields) -> None:
    component = fields.get("component")
    if isinstance(component, str) and component.lower().startswith("file:"):
        reading.old_spelling("`file:` before a path", fields.place_of("component"), f"`{component[len('file:') :]}`")


def _data_of(key: str, value: Any, place: Place) -> tuple[str, Any, Place]:
    """Return the type, the path and the place of the path."""
    if isinstance(value, list) and value:
        value, place = value[0], place.child(0)
    if isinstance(value, dict):
        for inner in ("file", "folder", "local_path", "path", "paths"):
            if inner in value:
                return _data_of(inner, value[inner], place.child(inner))
    return ("uri_file" if key == "file" else "uri_folder"), value, place


def is_old_input(value: dict[str, Any]) -> bool:
    """Return whether a mapping is an input object of the old spelling rather than a group of inputs."""
    old = [key for key in value if key in _DATA_KEYS]
    if len(old) != 1 or any(key not in {*_DATA_KEYS, "type", "mode"} for key in value):
        return False
    inner = value[old[0]]
    # A group may well have an input called `data`: what is behind it says which of the two this is.
    if isinstance(inner, dict):
        return any(key in inner for key in ("file", "folder", "local_path", "paths"))
    return isinstance(inner, list) or (isinstance(inner, str) and OPEN not in inner)
