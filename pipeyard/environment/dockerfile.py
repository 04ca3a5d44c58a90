"""
Where in a Dockerfile a build failed.

In:       the Dockerfile's text; what the building program printed.
Out:      the line and its instruction.
Not here: building (`image.py`).

podman and docker name the step that failed, not its line; newer dockers draw it themselves.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from pipeyard.model.value import dataclass

# `STEP 2/3: RUN false`, `[1/2] STEP 2/3: RUN false`, `Step 2/3 : RUN false`.
_STEP = re.compile(r"(?:\[\d+/\d+\] )?step \d+(?:/\d+)? ?: (?P<text>.+)", re.IGNORECASE)
_DRAWN = re.compile(r"\S*:(?P<line>\d+)\Z")
_UNKNOWN = re.compile(r"unknown instruction:? [\"']?(?P<word>[A-Za-z]+)", re.IGNORECASE)
_PARSE = re.compile(r"(?:parse error on line|error on line|line) (?P<line>\d+)", re.IGNORECASE)
_HEREDOC = re.compile(r"<<-?\s*[\"']?(\w+)[\"']?")


@dataclass(frozen=True, slots=True)
class Instruction:
    """An instruction and the line that it begins on, counted from 1."""

    line: int
    text: str


def failed_instruction(dockerfile: str, said: Sequence[str]) -> Instruction | None:
    """Return the instruction that a build failed at; None if what was printed does not tell."""
    instructions = list(instructions_of(dockerfile))
    for line in reversed(said):
        unknown = _UNKNOWN.search(line)
        if unknown is not None:
            word = unknown["word"].lower()
            return next((one for one in instructions if one.text.split()[0].lower() == word), None)
        parse = _PARSE.search(line)
        if parse is not None:
            return _at(instructions, int(parse["line"]))
        drawn = _DRAWN.match(line.strip())
        if drawn is not None and "ockerfile" in line:
            return _at(instructions, int(drawn["line"]))
        step = _STEP.match(line.strip())
        if step is not None:
            return _like(instructions, step["text"])
    return None


def instructions_of(dockerfile: str) -> Iterator[Instruction]:
    """Yield each instruction, its continued lines joined by blanks."""
    start, parts, here = 0, list[str](), None
    for number, raw in enumerate(dockerfile.splitlines(), 1):
        line = raw.strip()
        if here is not None:
            # Inside a document that the instruction brings along.
            here = None if line == here else here
            continue
        if not line or line.startswith("#"):
            continue
        start = start or number
        parts.append(line.removesuffix("\\").strip())
        if line.endswith("\\"):
            continue
        heredoc = _HEREDOC.search(line)
        here = heredoc[1] if heredoc is not None else None
        yield Instruction(start, " ".join(part for part in parts if part))
        start, parts = 0, []
    if parts:
        yield Instruction(start, " ".join(part for part in parts if part))


def _at(instructions: Sequence[Instruction], line: int) -> Instruction | None:
    before = [one for one in instructions if one.line <= line]
    return before[-1] if before else None


def _like(instructions: Sequence[Instruction], text: str) -> Instruction | None:
    wanted = _plain(text)
    same = [one for one in instructions if _plain(one.text) == wanted]
    if same:
        return same[0]
    # Values of arguments were put in, or the end was cut: the same word at its start, and most of the rest.
    word = wanted.split(" ")[0]
    close = [one for one in instructions if _plain(one.text).split(" ")[0] == word]
    return close[0] if len(close) == 1 else None


def _plain(text: str) -> str:
    word, _, rest = " ".join(text.replace("\\", " ").split()).partition(" ")
    return f"{word.upper()} {rest}".strip()
