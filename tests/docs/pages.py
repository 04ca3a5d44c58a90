"""
The documentation as text: pages, their code blocks, their links.

Not here: running the blocks (`tests/e2e/test_readme.py`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_BLOCK = re.compile(
    r"(?:^<!-- runs: (?P<runs>\w+) -->\n)?^```(?P<language>\w*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL
)
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


@dataclass(frozen=True)
class Block:
    """A fenced block, and who runs it: `make`, `walk`, or nobody."""

    runs: str | None
    language: str
    text: str
    line: int


def pages() -> list[Path]:
    """Return every Markdown page of ours."""
    found = [*ROOT.glob("*.md"), *ROOT.glob("decisions/*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("bench/*.md")]
    return sorted([*found, *ROOT.glob("examples/*.md"), *ROOT.glob("changelog.d/*.md")])


def blocks(page: Path) -> list[Block]:
    """Return the fenced blocks of a page, in order."""
    text = page.read_text(encoding="utf-8")
    return [
        Block(match["runs"], match["language"], match["text"], text.count("\n", 0, match.start()) + 1)
        for match in _BLOCK.finditer(text)
    ]


def links(page: Path) -> list[str]:
    """Return where the links of a page lead."""
    text = re.sub(r"```.*?```|`[^`]*`", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    return _LINK.findall(text)
