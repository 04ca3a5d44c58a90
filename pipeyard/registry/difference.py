"""
In what two plain trees differ.

In:       two trees.
Out:      the paths of what differs, in file order.
Not here: what is said about it (`publish.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

# More names than anybody reads.
_SHOWN_MAX = 6


def differences(before: Any, after: Any) -> tuple[str, ...]:
    """Return the dotted paths at which two trees differ; "" when they differ as a whole."""
    return tuple(_walk(before, after, ""))


def shown(paths: tuple[str, ...]) -> str:
    """Return paths for a message: `a`, `b` and 3 more."""
    named = [f"`{path}`" if path else "everything" for path in paths[:_SHOWN_MAX]]
    if len(paths) > _SHOWN_MAX:
        named.append(f"{len(paths) - _SHOWN_MAX} more")
    return named[0] if len(named) == 1 else f"{', '.join(named[:-1])} and {named[-1]}"


def _walk(before: Any, after: Any, path: str) -> Iterator[str]:
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in [*before, *(key for key in after if key not in before)]:
            yield from _walk(before.get(key), after.get(key), f"{path}.{key}" if path else str(key))
    elif type(before) is not type(after) or before != after:
        # `True == 1 == 1.0` in Python, and not in a file.
        yield path
