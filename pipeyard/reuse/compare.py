"""
What differs between two steps, field by field.

In:       the parts of two keys.
Out:      every difference, in the order in which people look for one; none exactly when the keys are equal.
Not here: words for people (`reason.py`), which files of a folder differ (`files.py`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from pipeyard.model.value import dataclass
from pipeyard.reuse.parts import KeyParts

_NOTHING: Mapping[str, Any] = {}
# Compared one by one, or not part of what a key says.
_OWN_RULES = frozenset({"command", "code", "environment", "inputs", "variables", "outputs"})


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that is not what it was."""

    # A word for programs, such as `code-changed`.
    code: str
    # The input, output, variable or setting; None where there is one only.
    name: str | None
    # None: it was, or is, not there.
    before: Any
    now: Any


def differences(now: KeyParts, earlier: KeyParts) -> tuple[Difference, ...]:
    """Return everything in which two steps differ."""
    return tuple(_walk(now, earlier))


def _walk(now: KeyParts, earlier: KeyParts) -> Iterator[Difference]:
    for field in ("command", "code"):
        if not is_same(earlier.get(field), now.get(field)):
            yield Difference(f"{field}-changed", None, earlier.get(field), now.get(field))
    before, after = earlier.get("environment", _NOTHING), now.get("environment", _NOTHING)
    if before.get("digest") != after.get("digest"):
        yield Difference("environment-changed", None, before.get("parts", _NOTHING), after.get("parts", _NOTHING))
    for name, old, new in _pairs(earlier, now, "inputs"):
        yield from _of_input(name, old, new)
    for name, old, new in _pairs(earlier, now, "variables"):
        yield Difference(f"variable-{_verb(old, new)}", name, old, new)
    for name, old, new in _pairs(earlier, now, "outputs"):
        yield from _of_port("output", name, old, new)
    for name in dict.fromkeys([*earlier, *now]):
        if name not in _OWN_RULES and not is_same(earlier.get(name), now.get(name)):
            yield Difference("setting-changed", name, earlier.get(name), now.get(name))


def is_same(one: Any, other: Any) -> bool:
    """Return whether two values are written alike: 1, 1.0 and True are three values."""
    return one is other or _text(one) == _text(other)


def _pairs(earlier: KeyParts, now: KeyParts, field: str) -> Iterator[tuple[str, Any, Any]]:
    """Yield what differs of a mapping: name, what it was, what it is."""
    before, after = earlier.get(field, _NOTHING), now.get(field, _NOTHING)
    for name in dict.fromkeys([*after, *before]):
        old, new = before.get(name), after.get(name)
        if not is_same(old, new) or (name in before) != (name in after):
            yield name, old, new


def _of_input(name: str, old: Any, new: Any) -> Iterator[Difference]:
    if old is None or new is None or ("value" in old) != ("value" in new):
        # As texts and numbers are, when there is one on either side.
        yield Difference(f"input-{_verb(old, new)}", name, old, new)
        return
    kind = "literal" if "value" in new else "content"
    field = "value" if "value" in new else "content"
    if not is_same(old.get(field), new.get(field)):
        yield Difference(f"{kind}-changed", name, old.get(field), new.get(field))
    yield from _of_port("input", name, _without(old, field), _without(new, field))


def _of_port(side: str, name: str, old: Any, new: Any) -> Iterator[Difference]:
    if old is None or new is None:
        yield Difference(f"{side}-{_verb(old, new)}", name, old, new)
        return
    for field in dict.fromkeys([*old, *new]):
        if not is_same(old.get(field), new.get(field)):
            yield Difference(f"{side}-{field}-changed", name, old.get(field), new.get(field))


def _verb(old: Any, new: Any) -> str:
    return "added" if old is None else "removed" if new is None else "changed"


def _without(part: Mapping[str, Any], field: str) -> dict[str, Any]:
    return {name: value for name, value in part.items() if name != field}


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=_plain)


def _plain(value: Any) -> Any:
    return dict(value) if isinstance(value, Mapping) else list(value)
