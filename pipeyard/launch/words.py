"""
Arguments of a program, cut into words as a shell would, without a shell.

In:       the parsed text of `program_arguments` or `args`; what its expressions stand for.
Out:      the words.
Not here: commands, which a shell reads (`launch/command_line.py`).

Quotes and backslashes mean what they mean to a shell. Text of a person may become several words, as it
does in a command; a path of ours is always part of one word, whatever signs are in it. Nothing is
replaced: `$HOME` and `*` stay as they are.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from pipeyard.launch.command_line import kept_parts, value_of
from pipeyard.model.expression import CommandText


def split_words(
    text: CommandText,
    inputs: Mapping[str, str | None],
    outputs: Mapping[str, str],
    *,
    paths: Collection[str] = (),
) -> tuple[str, ...]:
    """Return the words of a text with every expression replaced; arguments as for `render_command`."""
    splitter = _Splitter()
    for part in kept_parts(text, inputs):
        if isinstance(part, str):
            splitter.read(part)
            continue
        value, is_path = value_of(part, inputs, outputs, paths)
        if is_path:
            splitter.add(value)
        else:
            splitter.read(value)
    return splitter.words()


class _Splitter:
    def __init__(self) -> None:
        self._words: list[str] = []
        # None: between two words.
        self._word: str | None = None
        self._quote = ""
        self._is_escaped = False

    def read(self, text: str) -> None:
        for sign in text:
            self._take(sign)

    def add(self, text: str) -> None:
        """Take a text as it is."""
        self._word = (self._word or "") + text

    def words(self) -> tuple[str, ...]:
        # A quote that is never closed ends with the text.
        return tuple(self._words if self._word is None else [*self._words, self._word])

    def _take(self, sign: str) -> None:
        if self._is_escaped:
            self._is_escaped = False
            if sign != "\n":
                # Within quotes a backslash escapes only what means something there.
                self.add(sign if not self._quote or sign in '"\\$`' else "\\" + sign)
        elif sign == "\\" and self._quote != "'":
            self._is_escaped = True
        elif self._quote:
            if sign == self._quote:
                self._quote = ""
            else:
                self.add(sign)
        elif sign in "'\"":
            self._quote = sign
            self.add("")
        elif sign.isspace():
            if self._word is not None:
                self._words.append(self._word)
            self._word = None
        else:
            self.add(sign)
