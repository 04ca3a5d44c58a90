"""
Expressions and the texts that hold them, parsed.

Not here: the grammar that makes them from text (`spec/binding.py`), and putting
values in their place (`graph/bind.py`, `launch/command_line.py`).
"""

from __future__ import annotations

from pipeyard.model.value import dataclass


@dataclass(frozen=True, slots=True)
class Expression:
    """One `${{ ... }}`: `${{parent.jobs.a.outputs.b}}` has names (parent, jobs, a, outputs, b)."""

    names: tuple[str, ...]
    # Offsets into the text that held it, for pointing at it.
    start: int = 0
    end: int = 0

    def __str__(self) -> str:
        return "${{" + ".".join(self.names) + "}}"


@dataclass(frozen=True, slots=True)
class Template:
    """Text with expressions in it; a text without any has one string part."""

    parts: tuple[str | Expression, ...]

    @property
    def expressions(self) -> tuple[Expression, ...]:
        """Return the expressions, in order."""
        return tuple(part for part in self.parts if isinstance(part, Expression))

    @property
    def single(self) -> Expression | None:
        """Return the one expression when the text is nothing else."""
        only = self.parts[0] if len(self.parts) == 1 else None
        return only if isinstance(only, Expression) else None

    @property
    def is_plain(self) -> bool:
        """Return whether there is no expression in it."""
        return not self.expressions

    def __str__(self) -> str:
        return "".join(str(part) for part in self.parts)


@dataclass(frozen=True, slots=True)
class OptionalSection:
    """One `$[[ ... ]]`: kept when every input in it has a value, else dropped whole."""

    parts: tuple[str | Expression, ...]
    start: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True)
class CommandText:
    """A component's command, parsed."""

    text: str
    parts: tuple[str | Expression | OptionalSection, ...]

    @property
    def expressions(self) -> tuple[Expression, ...]:
        """Return every expression, those inside optional sections included."""
        found: list[Expression] = []
        for part in self.parts:
            if isinstance(part, Expression):
                found.append(part)
            elif isinstance(part, OptionalSection):
                found += [inner for inner in part.parts if isinstance(inner, Expression)]
        return tuple(found)
