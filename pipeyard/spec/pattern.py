"""
The language of `pattern:` in an MLTable: `*`, `**`, `?`, `[abc]`.

In:       a pattern for paths relative to some folder.
Out:      the same as a regular expression; the part of it that is no pattern.
Not here: files.

`*` and `?` stay within one name, `**` goes through folders, also through none.
"""

from __future__ import annotations

import re

_WILD = re.compile(r"[*?\[]")
_WILDCARDS = {"**/": "(?:[^/]+/)*", "/**": "/.+", "**": ".*", "*": "[^/]*", "?": "[^/]"}
_TOKEN = re.compile(r"\*\*/|/\*\*$|\*\*|\*|\?|\[!?\]?[^\]/]*\]|.", re.DOTALL)


def pattern_of(text: str) -> str:
    """Return a regular expression for whole paths."""
    return "".join(map(_piece, _TOKEN.findall(text)))


def static_part(text: str) -> tuple[str, str]:
    """Return the folder that everything which fits lies below, and the pattern from there on."""
    names = text.split("/")
    for index, name in enumerate(names):
        if _WILD.search(name):
            return "/".join(names[:index]), "/".join(names[index:])
    return "/".join(names[:-1]), names[-1]


def _piece(token: str) -> str:
    if token in _WILDCARDS:
        return _WILDCARDS[token]
    return _class(token[1:-1]) if len(token) > 1 else re.escape(token)


def _class(inside: str) -> str:
    negated = inside.startswith("!")
    signs = inside[1:] if negated else inside
    # A range the wrong way round, such as `[z-a]`, fits nothing.
    if any(first > last for first, last in re.findall(r"(.)-(.)", signs, re.DOTALL)):
        return "(?!)"
    escaped = re.sub(r"([\\\]\[^&~|])", r"\\\1", signs)
    return f"(?!/)[{'^' if negated else ''}{escaped}]" if signs else re.escape(f"[{inside}]")
