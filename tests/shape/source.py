"""
The package's own source, read but never imported.

Out:      modules by dotted name, with their syntax trees and what they import.
Not here: the rules; those are the tests beside this file.
"""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "pipeyard"
CORE = ("model", "spec", "graph", "reuse", "launch", "scheduler", "sweep")


@dataclass(frozen=True)
class Import:
    """One imported module, or one name taken from it."""

    module: str
    # None for `import module`.
    name: str | None
    line: int


@dataclass(frozen=True)
class Module:
    """One file of the package."""

    name: str
    path: Path

    @cached_property
    def text(self) -> str:
        """Return its source, read when it is first asked for: every test process lists the modules."""
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def tree(self) -> ast.Module:
        """Return its syntax tree."""
        return ast.parse(self.text)

    @property
    def folder(self) -> str:
        return self.name.split(".")[1] if "." in self.name else ""

    @property
    def shown(self) -> str:
        return self.path.relative_to(ROOT).as_posix()

    def imports(self) -> Iterator[Import]:
        """Yield every import, also those inside functions and under `TYPE_CHECKING`."""
        for node in _statements(self.tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    yield Import(alias.name, None, node.lineno)
            elif isinstance(node, ast.ImportFrom):
                for alias in node.names:
                    yield Import(self._absolute(node), alias.name, node.lineno)

    def _absolute(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        package = self.name if self.path.name == "__init__.py" else self.name.rpartition(".")[0]
        for _ in range(node.level - 1):
            package = package.rpartition(".")[0]
        return f"{package}.{node.module}" if node.module else package


def _statements(tree: ast.AST) -> Iterator[ast.AST]:
    # Expressions hold no statements, and are most of a tree.
    for name in ("body", "handlers", "orelse", "finalbody", "cases"):
        inner = getattr(tree, name, ())
        for node in inner if isinstance(inner, list) else ():
            yield node
            yield from _statements(node)


@cache
def modules() -> tuple[Module, ...]:
    """Return every module of the package, sorted by name."""
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        found.append(Module(name, path))
    return tuple(found)


@cache
def tracked_files() -> tuple[Path, ...]:
    """Return the files that git keeps and that exist."""
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout.decode()
    return tuple(path for name in listing.split("\0") if name and (path := ROOT / name).is_file())
