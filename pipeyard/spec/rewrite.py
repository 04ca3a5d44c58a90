"""
A YAML text with some of its texts replaced by others, and every other byte as it was.

In:       a text, and new texts by the way to the old ones.
Out:      the new text; None where it would not mean what is wanted.
Not here: YAML made of a tree (`render_yaml.py`), values of `--set` (`override.py`).

Invariant: what is returned reads as the old tree with those leaves replaced, and with nothing else changed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from pipeyard.model.diagnostic import YamlPath
from pipeyard.spec.document import Document, parse_document
from pipeyard.spec.render import replace_leaves

_BOM = "\ufeff"
# What YAML counts as the end of a line.
_BREAK = re.compile("\r\n|[\r\n\x85\u2028\u2029]")
# An anchor or a tag before a value; what names the anchor elsewhere stays good.
_BEFORE = re.compile(r"(?:[&!]\S*\s+)*")


def rewritten(text: str, texts: Mapping[YamlPath, str]) -> str | None:
    """Return *text* with other texts at some paths, comments, order and quotes kept; None if that cannot be done."""
    mark, body = (_BOM, text[1:]) if text.startswith(_BOM) else ("", text)
    document, _ = parse_document(body, source="", file="")
    if document is None:
        return None
    pieces = _pieces(document, body, texts)
    for start, end, new in sorted(pieces, reverse=True):
        body = body[:start] + new + body[end:]
    after, _ = parse_document(body, source="", file="")
    wanted = replace_leaves(document.value, texts)
    return mark + body if after is not None and after.value == wanted else None


def _pieces(document: Document, text: str, texts: Mapping[YamlPath, str]) -> set[tuple[int, int, str]]:
    lines = [0, *(match.end() for match in _BREAK.finditer(text))]
    found = set()
    for path, new in texts.items():
        span = document.span(path)
        # With that, the check at the end fails: what is not written in this text cannot be changed here.
        if span is not None and span.end_line <= len(lines):
            start, end = lines[span.line - 1] + span.column - 1, lines[span.end_line - 1] + span.end_column - 1
            written = text[start:end]
            before = _BEFORE.match(written)
            skipped = before.end() if before is not None else 0
            found.add((start + skipped, end, _as_written(written[skipped:], new)))
    return found


def _as_written(before: str, new: str) -> str:
    """Return a text in the quotes of the one in whose place it comes."""
    if before.startswith('"'):
        return json.dumps(new, ensure_ascii=False)
    if before.startswith("'"):
        return "'" + new.replace("'", "''") + "'"
    return new + ("\n" if before.startswith(("|", ">")) and before.endswith("\n") else "")
