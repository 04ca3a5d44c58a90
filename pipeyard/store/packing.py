"""
JSON and manifests as the database keeps them.

In:       plain trees and `Manifest` values.
Out:      text and bytes, and back.
Not here: which column holds which (`rows.py`).
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Iterator, Mapping
from typing import Any

from pipeyard.model.assets import FileEntry, Manifest

# Shorter ones do not get smaller.
_COMPRESS_FROM_BYTES = 400
_PLAIN, _DEFLATED = b"\0", b"\1"

# PostgreSQL takes no NUL, and neither database takes half of a surrogate pair.
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} cannot be kept as JSON")


# One encoder for all calls: `json.dumps` makes a new one each time it is given options.
# All ASCII, so that any text that Python can hold comes back as it was.
_encode = json.JSONEncoder(separators=(",", ":"), default=_plain).encode


def pack_json(value: Any) -> str:
    """Return a tree as compact JSON."""
    return "{}" if value == {} else _encode(value)


def unpack_json(text: str | None) -> Any:
    """Return the tree; None for no text."""
    if text is None:
        return None
    return {} if text == "{}" else json.loads(text)


class Unread(Mapping[str, Any]):
    """
    A mapping that is read from its JSON when somebody first looks into it.

    Of ten thousand steps that are listed, nobody looks into most; read, each takes four times its text.
    """

    __slots__ = ("_text", "_tree")

    def __init__(self, text: str) -> None:
        """Take the JSON of a mapping."""
        self._text: str | None = text
        self._tree: dict[str, Any] | None = None

    def _read(self) -> dict[str, Any]:
        # Two threads at once read it twice, and to each its own is as good.
        text, tree = self._text, self._tree
        if tree is None:
            assert text is not None
            tree = self._tree = json.loads(text)
            self._text = None
        return tree

    def __getitem__(self, key: str) -> Any:
        return self._read()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._read())

    def __len__(self) -> int:
        return len(self._read())

    def __repr__(self) -> str:
        return repr(self._read())


def pack_tree(value: Any) -> bytes:
    """Return a tree as bytes, compressed when that helps."""
    data = _encode(value).encode()
    if len(data) < _COMPRESS_FROM_BYTES:
        return _PLAIN + data
    return _DEFLATED + zlib.compress(data, 1)


def unpack_tree(data: bytes) -> Any:
    """Return the tree that `pack_tree` was given."""
    body = data[1:]
    return json.loads(zlib.decompress(body) if data[:1] == _DEFLATED else body)


def pack_manifest(manifest: Manifest) -> bytes:
    """Return a manifest as bytes: one row per output, however many files it has."""
    rows = [[entry.path, entry.size, entry.sha256, int(entry.executable)] for entry in manifest.entries]
    packed: list[Any] = [int(manifest.is_file), rows]
    if manifest.looks:
        packed.append(manifest.looks)
    return pack_tree(packed)


def unpack_manifest(data: bytes) -> Manifest:
    """Return the manifest that `pack_manifest` was given."""
    is_file, rows, *more = unpack_tree(data)
    entries = tuple(FileEntry(path, size, sha256, bool(executable)) for path, size, sha256, executable in rows)
    looks = more[0] if more else ()
    return Manifest(entries, bool(is_file), tuple(None if look is None else tuple(look) for look in looks))


def storable(text: str) -> str:
    """Return free text with what no database takes replaced by a question-mark sign."""
    if text.isascii() and "\0" not in text:
        return text
    return _UNSTORABLE.sub("\ufffd", text)
