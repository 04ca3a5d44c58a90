"""
`--set`, `--add` and `--remove` on something that exists.

In:       a job's JSON and the words behind the flags.
Out:      the fields that differ, for the server.
Not here: `--set` on a file (`spec/override.py`).

Source: the general update rules of Azure's command line. A value that reads as JSON is
taken as JSON unless `--force-string` is given.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from pipeyard.model.errors import UsageError
from pipeyard.model.nearest import nearest

FIELDS = ("tags", "properties", "display_name", "description")
_MAPPINGS = ("tags", "properties")

Groups = Sequence[Sequence[str]]


def changed_job(
    job: Mapping[str, Any],
    *,
    set: Groups = (),  # noqa: A002 - the names of the flags.
    add: Groups = (),
    remove: Groups = (),
    force_string: bool = False,
) -> dict[str, Any]:
    """Return the new values of the fields that were named, mappings whole."""
    fields: dict[str, Any] = {name: dict(job.get(name) or {}) for name in _MAPPINGS}
    fields |= {name: job.get(name) for name in FIELDS if name not in _MAPPINGS}
    touched: dict[str, None] = {}
    for pair in (word for group in set for word in group):
        path, value = _pair(pair, "--set")
        touched[_set(fields, path, _value(value, force_string=force_string))] = None
    for group in add:
        touched[_add(fields, group, force_string=force_string)] = None
    for path in (word for group in remove for word in group):
        touched[_remove(fields, path)] = None
    return {name: fields[name] for name in touched}


def _pair(text: str, flag: str) -> tuple[str, str]:
    path, found, value = text.partition("=")
    if not found or not path:
        raise UsageError(f"{flag} takes KEY=VALUE, this is `{text}`", hint=f"for example: {flag} tags.team=vision")
    return path, value


def _value(text: str, *, force_string: bool) -> Any:
    if force_string:
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text


def _field(path: str) -> tuple[str, str]:
    name, _, rest = path.partition(".")
    if name not in FIELDS:
        close = nearest(name, FIELDS)
        raise UsageError(
            f"`{name}` of a job cannot be changed",
            code="not-changeable",
            hint=f"did you mean `{close}`?" if close else f"these can: {', '.join(FIELDS)}",
        )
    return name, rest


def _set(fields: dict[str, Any], path: str, value: Any) -> str:
    name, key = _field(path)
    if name not in _MAPPINGS:
        if key:
            raise UsageError(f"`{name}` has nothing below it, so there is no `{path}`")
        fields[name] = _text(value)
    elif key:
        fields[name][key] = _text(value)
    elif isinstance(value, dict):
        fields[name] = {str(inner): _text(item) for inner, item in value.items()}
    else:
        raise UsageError(f"`{name}` is a mapping, this is `{_text(value)}`", hint=f"name a key: --set {name}.KEY=VALUE")
    return name


def _add(fields: dict[str, Any], group: Sequence[str], *, force_string: bool) -> str:
    path, *pairs = group
    name, key = _field(path)
    if name not in _MAPPINGS or key or not pairs:
        raise UsageError(
            f"--add takes a mapping and what to add to it, this is `{' '.join(group)}`",
            hint="for example: --add tags team=vision",
        )
    for pair in pairs:
        inner, value = _pair(pair, "--add")
        fields[name][inner] = _text(_value(value, force_string=force_string))
    return name


def _remove(fields: dict[str, Any], path: str) -> str:
    name, key = _field(path)
    if name not in _MAPPINGS:
        fields[name] = None
    elif not key:
        fields[name] = {}
    elif key in fields[name]:
        del fields[name][key]
    else:
        close = nearest(key, fields[name])
        raise UsageError(f"the job's {name} have no `{key}`", hint=f"did you mean `{name}.{close}`?" if close else None)
    return name


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)
