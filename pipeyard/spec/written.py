"""
What a step wrote to an output that is a number, a text or a truth value.

In:       the text in the file, and the output's type.
Out:      the value, or what is wrong with it in words.
Not here: reading the file (`datastore/value.py`), what the value's readers make of it (`graph/fit.py`).

Both ways in which programs write a value are understood: as text, with or without the end
of its line, as `echo` does; and as JSON, as `json.dump` does.
"""

from __future__ import annotations

import json

from pipeyard.model.component import Scalar
from pipeyard.model.types import PortType
from pipeyard.spec.scalar import coerce

# A value goes into commands, variables and records. Linux takes 128 KiB as one of them.
VALUE_BYTES_MAX = 64 * 1024


def read_written(text: str, type_: PortType) -> tuple[Scalar | None, str]:
    """Return the value that *text* stands for, or None and what is wrong in words."""
    if "\0" in text:
        return None, "holds a NUL character"
    written = _from_json(text)
    if type_ is PortType.STRING:
        return (_without_line_end(text) if written is None else written), ""
    return coerce(text.strip() if written is None else written, type_)


def _from_json(text: str) -> str | None:
    """Return the text in a JSON text; None for anything else, which stands for itself."""
    stripped = text.strip()
    if len(stripped) < 2 or stripped[0] != '"' or stripped[-1] != '"':  # noqa: PLR2004 - two quotes
        return None
    try:
        value = json.loads(stripped)
    except ValueError:
        return None
    return value if isinstance(value, str) and "\0" not in value else None


def _without_line_end(text: str) -> str:
    return text.removesuffix("\n").removesuffix("\r")
