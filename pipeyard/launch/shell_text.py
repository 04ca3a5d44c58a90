"""
Where in a shell command a text is put, and how it must be written there to mean itself.

In:       a command, piece by piece, from its beginning.
Out:      for a text put at the present point, its spelling.
Not here: what is put where (`launch/command_line.py`).

A reader of bash's quoting, as far as it decides how a path is spelled: quotes,
`$(...)`, backquotes, arithmetic, comments and here-documents, nested in each other.
It changes nothing that a person wrote.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import field
from enum import Enum

from pipeyard.model.value import dataclass

_SAFE = re.compile(r"[A-Za-z0-9_@%+=:,./-]+")
# Signs that open and close nothing, but for the lines of a here-document.
_DULL = re.compile(r"[A-Za-z0-9_@%+=:,./ -]+")
# The word that ends a here-document; quoted in any way, its text is taken as it is.
_HERE = re.compile(r"<<(?P<dash>-?)[ \t]*(?P<word>(?:\\?[\w.-]|'[^'\n]*'|\"[^\"\n]*\")+)")


class _Around(Enum):
    PLAIN = "plain"
    SINGLE = "single quotes"
    DOUBLE = "double quotes"
    ESCAPES = "$'...'"
    PARENTHESES = "$(...) or (...)"
    ARITHMETIC = "$((...))"
    BRACES = "${...}"
    BACKQUOTES = "`...`"
    COMMENT = "# ..."
    HERE = "the lines after <<WORD"


@dataclass(frozen=True, slots=True)
class _HereWord:
    word: str
    is_literal: bool
    may_be_indented: bool


@dataclass(slots=True)
class ShellReader:
    """Follows a command as it is written, and spells texts for the point that it has reached."""

    _around: list[_Around] = field(default_factory=lambda: [_Around.PLAIN])
    # Here-documents announced on this line; the first begins on the next.
    _announced: list[_HereWord] = field(default_factory=list)
    # The line of a here-document read so far.
    _line: str = ""
    _before: str = "\n"

    def read(self, text: str) -> None:
        """Go on behind *text*, which stands in the command as it is."""
        at = 0
        while at < len(text):
            dull = None if self._around[-1] is _Around.HERE else _DULL.match(text, at)
            if dull is None:
                at = self._step(text, at)
            else:
                at = dull.end()
                self._before = text[at - 1]

    def spell(self, text: str) -> str:
        """Return how *text* is written here to mean itself, and go on behind it."""
        spelled = self._spelled(text)
        # The spelling closes every quote that it opens.
        self._before = spelled[-1:] or self._before
        self._line += spelled
        return spelled

    def _spelled(self, text: str) -> str:
        around = self._around[-1]
        if around is _Around.SINGLE:
            spelled = text.replace("'", "'\\''")
        elif around is _Around.DOUBLE:
            spelled = re.sub(r'([\\"$`])', r"\\\1", text)
        elif around is _Around.ESCAPES:
            spelled = re.sub(r"([\\'])", r"\\\1", text)
        elif around is _Around.COMMENT:
            spelled = text.replace("\n", " ")
        elif around is _Around.HERE:
            spelled = text if self._announced[0].is_literal else re.sub(r"([\\$`])", r"\\\1", text)
        else:
            spelled = text if _SAFE.fullmatch(text) else "'" + text.replace("'", "'\\''") + "'"
        # Inside backquotes bash takes one layer of backslashes away before it reads the rest.
        for _ in range(self._around.count(_Around.BACKQUOTES)):
            spelled = re.sub(r"([\\`])", r"\\\1", spelled)
        return spelled

    def _step(self, text: str, at: int) -> int:
        """Read one sign and what belongs to it; return where to go on."""
        after = min(_STEPS[self._around[-1]](self, text, at), len(text))
        is_escaped = text[at] == "\\" and after == at + 2
        self._before = "\\" if is_escaped else text[after - 1]
        return after

    def _in_commands(self, text: str, at: int) -> int:
        if text[at] == "\n" and self._announced:
            self._line = ""
            return self._open(_Around.HERE, at + 1)
        return self._expansion(text, at) or self._quote(text, at) or self._word(text, at)

    def _in_single(self, text: str, at: int) -> int:
        return self._close_if(text[at] == "'", at + 1)

    def _in_escapes(self, text: str, at: int) -> int:
        return at + 2 if text[at] == "\\" else self._close_if(text[at] == "'", at + 1)

    def _in_double(self, text: str, at: int) -> int:
        return self._expansion(text, at) or self._close_if(text[at] == '"', at + 1)

    def _in_braces(self, text: str, at: int) -> int:
        return self._expansion(text, at) or self._quote(text, at) or self._close_if(text[at] == "}", at + 1)

    def _in_arithmetic(self, text: str, at: int) -> int:
        is_end = text.startswith("))", at)
        return self._expansion(text, at) or self._close_if(is_end, at + (2 if is_end else 1))

    def _in_comment(self, text: str, at: int) -> int:
        if text[at] != "\n":
            return at + 1
        self._around.pop()
        return self._in_commands(text, at)

    def _in_here(self, text: str, at: int) -> int:
        """Read the rest of a line of a here-document."""
        end = text.find("\n", at)
        if end < 0:
            self._line += text[at:]
            return len(text)
        here = self._announced[0]
        line = self._line + text[at:end]
        self._line = ""
        if (line.lstrip("\t") if here.may_be_indented else line) == here.word:
            del self._announced[0]
            if not self._announced:
                self._around.pop()
        return end + 1

    def _expansion(self, text: str, at: int) -> int:
        """Read what bash expands inside double quotes and outside; 0 when there is nothing of the kind."""
        if text[at] == "\\":
            return at + 2
        for opening, inner in _EXPANSIONS:
            if text.startswith(opening, at):
                return self._open(inner, at + len(opening))
        if text[at] != "`":
            return 0
        if _Around.BACKQUOTES not in self._around:
            return self._open(_Around.BACKQUOTES, at + 1)
        while self._around.pop() is not _Around.BACKQUOTES:
            pass
        return at + 1

    def _quote(self, text: str, at: int) -> int:
        """Read a quote that opens; 0 when there is none."""
        if text[at] == '"':
            return self._open(_Around.DOUBLE, at + 1)
        if text[at] == "'":
            return self._open(_Around.ESCAPES if self._before == "$" else _Around.SINGLE, at + 1)
        return 0

    def _word(self, text: str, at: int) -> int:
        """Read one sign where commands stand."""
        sign = text[at]
        if sign == "#" and (self._before.isspace() or self._before in ";&|(`"):
            return self._open(_Around.COMMENT, at + 1)
        if sign == "<":
            return self._redirection(text, at)
        if sign == "(":
            return self._open(_Around.PARENTHESES, at + 1)
        return self._close_if(sign == ")" and self._around[-1] is _Around.PARENTHESES, at + 1)

    def _redirection(self, text: str, at: int) -> int:
        if text.startswith("<<<", at):
            return at + 3
        here = _HERE.match(text, at)
        if here is None:
            return at + 1
        word = re.sub(r"[\\'\"]", "", here["word"])
        self._announced.append(_HereWord(word, word != here["word"], bool(here["dash"])))
        return here.end()

    def _open(self, around: _Around, at: int) -> int:
        self._around.append(around)
        return at

    def _close_if(self, is_end: bool, at: int) -> int:  # noqa: FBT001  # One word for its callers.
        if is_end:
            self._around.pop()
        return at


_EXPANSIONS = (("$((", _Around.ARITHMETIC), ("$(", _Around.PARENTHESES), ("${", _Around.BRACES))
_STEPS: dict[_Around, Callable[[ShellReader, str, int], int]] = {
    _Around.PLAIN: ShellReader._in_commands,  # noqa: SLF001
    _Around.PARENTHESES: ShellReader._in_commands,  # noqa: SLF001
    _Around.BACKQUOTES: ShellReader._in_commands,  # noqa: SLF001
    _Around.SINGLE: ShellReader._in_single,  # noqa: SLF001
    _Around.DOUBLE: ShellReader._in_double,  # noqa: SLF001
    _Around.ESCAPES: ShellReader._in_escapes,  # noqa: SLF001
    _Around.ARITHMETIC: ShellReader._in_arithmetic,  # noqa: SLF001
    _Around.BRACES: ShellReader._in_braces,  # noqa: SLF001
    _Around.COMMENT: ShellReader._in_comment,  # noqa: SLF001
    _Around.HERE: ShellReader._in_here,  # noqa: SLF001
}
