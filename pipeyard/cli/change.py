"""
`--set`, `--add` and `--remove` on something that exists.

In:       the JSON of a job, an asset or a compute, and the words behind the flags.
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
_NUMBERS = ("min_instances", "max_instances", "cpus", "gpus", "idle_time_before_scale_down")

Groups = Sequence[Sequence[str]]


def changed_fields(
    value: Mapping[str, Any],
    noun: str,
    may_change: Sequence[str] = FIELDS,
    *,
    set: Groups = (),  # noqa: A002 - the names of the flags.
    add: Groups = (),
    remove: Groups = (),
    force_string: bool = False,
) -> dict[str, Any]:
    """Return the new values of the fields that were named, mappings whole."""
    change = _Change(value, noun, may_change, force_string=force_string)
    for pair in (word for group in set for word in group):
        path, text = _pair(pair, "--set")
        change.set(path, text)
    for group in add:
        change.add(group)
    for path in (word for group in remove for word in group):
        change.remove(path)
    return {name: change.fields[name] for name in change.touched}


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


class _Change:
    """The fields of one thing while flags change them."""

    def __init__(self, value: Mapping[str, Any], noun: str, may_change: Sequence[str], *, force_string: bool) -> None:
        self._noun = noun
        self._may_change = may_change
        self._force_string = force_string
        self.fields: dict[str, Any] = {
            name: dict(value.get(name) or {}) if name in _MAPPINGS else value.get(name) for name in may_change
        }
        self.touched: dict[str, None] = {}

    def set(self, path: str, text: str) -> None:
        name, key = self._field(path)
        value = _value(text, force_string=self._force_string)
        if name not in _MAPPINGS:
            if key:
                raise UsageError(f"`{name}` has nothing below it, so there is no `{path}`")
            self.fields[name] = value if name in _NUMBERS and isinstance(value, int) else _text(value)
        elif key:
            self.fields[name][key] = _text(value)
        elif isinstance(value, dict):
            self.fields[name] = {str(inner): _text(item) for inner, item in value.items()}
        else:
            raise UsageError(
                f"`{name}` is a mapping, this is `{_text(value)}`", hint=f"name a key: --set {name}.KEY=VALUE"
            )

    def add(self, group: Sequence[str]) -> None:
        path, *pairs = group
        name, key = self._field(path)
        if name not in _MAPPINGS or key or not pairs:
            raise UsageError(
                f"--add takes a mapping and what to add to it, this is `{' '.join(group)}`",
                hint="for example: --add tags team=vision",
            )
        for pair in pairs:
            inner, text = _pair(pair, "--add")
            self.fields[name][inner] = _text(_value(text, force_string=self._force_string))

    def remove(self, path: str) -> None:
        name, key = self._field(path)
        if name not in _MAPPINGS:
            self.fields[name] = None
        elif not key:
            self.fields[name] = {}
        elif key in self.fields[name]:
            del self.fields[name][key]
        else:
            close = nearest(key, self.fields[name])
            raise UsageError(
                f"the {self._noun}'s {name} have no `{key}`", hint=f"did you mean `{name}.{close}`?" if close else None
            )

    def _field(self, path: str) -> tuple[str, str]:
        name, _, rest = path.partition(".")
        if name not in self._may_change:
            close = nearest(name, self._may_change)
            raise UsageError(
                f"`{name}` of {_one(self._noun)} cannot be changed",
                code="not-changeable",
                hint=f"did you mean `{close}`?" if close else f"these can: {', '.join(self._may_change)}",
            )
        self.touched[name] = None
        return name, rest


def _one(noun: str) -> str:
    return f"an {noun}" if noun[0] in "aeiou" else f"a {noun}"


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)
