"""
What a server and the launcher say to each other: one JSON object a line.

In:       bytes of a socket; objects.
Out:      objects; bytes.
Not here: sockets (`peer.py`), what an order holds (`order.py`).

    server    {"id": 7, "op": "hello" | "launch" | "look" | "stop" | "forget" | "drain", ...}
    launcher  {"id": 7, "ok": {...}}  or  {"id": 7, "error": {"code": ..., "message": ...}}
              {"report": {...}}       to every server, whenever an attempt changes state

`hello` and `drain` keep their form in every version, so that a newer server can
always replace an idle older launcher.
"""

from __future__ import annotations

import json

PROTOCOL = 2
# One for all lines: `json.dumps` makes an encoder of its own each time it is given options.
# ASCII, so that text that is no valid Unicode (a file name in Latin-1) survives.
_encode = json.JSONEncoder(separators=(",", ":")).encode
# A longer line is no order of ours.
LINE_BYTES_MAX = 32 << 20


class LineReader:
    """Cuts received bytes into objects."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._bytes = 0

    def feed(self, data: bytes) -> list[dict[str, object]]:
        """Return the objects that *data* completes; raises `ValueError` for anything else than objects."""
        self._bytes += len(data)
        if self._bytes > LINE_BYTES_MAX:
            raise ValueError("the line is too long")
        self._parts.append(data)
        if b"\n" not in data:
            return []
        *lines, rest = b"".join(self._parts).split(b"\n")
        self._parts, self._bytes = [rest], len(rest)
        return [_object(line) for line in lines if line.strip()]


def encode_line(value: dict[str, object]) -> bytes:
    """Return an object as one line."""
    return _encode(value).encode() + b"\n"


def _object(line: bytes) -> dict[str, object]:
    value = json.loads(line)
    if not isinstance(value, dict):
        raise ValueError("not an object")  # noqa: TRY004 - one kind of error for every bad line
    return value
