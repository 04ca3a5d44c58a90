"""
Collect what is wrong with a job while its graph is made.

In:       problems from expansion and checking, in any order, some of them twice.
Out:      diagnostics, each said once.
Not here: sorting by line and filling in spans (`spec/document.py`).

Invariant: the same sentence about the same place is kept once. A component that
is used a thousand times has each of its own mistakes reported once.
"""

from __future__ import annotations

from collections.abc import Iterable

from pipeyard.model.diagnostic import Diagnostic, Place, Related, Severity
from pipeyard.model.nearest import nearest

_COMPARISONS_MAX = 100_000
_NAMES_SHOWN = 8


class Problems:
    """A growing list of diagnostics without repetitions."""

    def __init__(self, reported: Iterable[Diagnostic] = ()) -> None:
        """Know the problems *reported* by earlier stages, so that what follows from them is not said again."""
        self._found: dict[tuple[str, Place, str], Diagnostic] = {}
        self._compared = 0
        # Whether something was left out because of an earlier problem.
        self.is_silenced = False
        self._reported = {(error.place.source, error.place.path) for error in reported if error.is_error}
        self._around = {(source, path[:end]) for source, path in self._reported for end in range(len(path) + 1)}

    def explains(self, owner: Place, block: str, name: str) -> bool:
        """
        Return whether an earlier problem is why `<owner>.<block>.<name>` is not there.

        It was written, something in it is wrong, and so it was left out; a problem about
        its absence would only repeat that.
        """
        if not self._reported:
            return False
        mapping = (*owner.path, block)
        found = (owner.source, (*mapping, *name.split("."))) in self._around or (
            owner.source,
            mapping,
        ) in self._reported
        self.is_silenced |= found
        return found

    def touches(self, place: Place) -> bool:
        """Return whether an earlier problem lies in this part of a document."""
        return (place.source, place.path) in self._around

    def error(
        self,
        code: str,
        message: str,
        place: Place,
        *,
        expected: str | None = None,
        found: str | None = None,
        hint: str | None = None,
        related: tuple[Related, ...] = (),
    ) -> None:
        """Remember something that stops a submit."""
        self.add(
            Diagnostic(
                code,
                message,
                place,
                expected=expected,
                found=found,
                hint=hint,
                related=related,
            )
        )

    def warning(
        self, code: str, message: str, place: Place, *, hint: str | None = None, related: tuple[Related, ...] = ()
    ) -> None:
        """Remember something that a person should know before the job runs."""
        self.add(Diagnostic(code, message, place, Severity.WARNING, hint=hint, related=related))

    def add(self, diagnostic: Diagnostic) -> None:
        """Remember a diagnostic made elsewhere."""
        self._found.setdefault((diagnostic.code, diagnostic.place, diagnostic.message), diagnostic)

    def meant(self, name: str, known: Iterable[str], *, what: str) -> str:
        """
        Return a hint that offers the nearest known name, or lists the known ones.

        After many comparisons it only lists: five thousand wrong names among five
        thousand right ones would take minutes.
        """
        names = list(known)
        if not names:
            return f"there are no {what}"
        self._compared += len(names)
        close = nearest(name, names) if self._compared <= _COMPARISONS_MAX else None
        if close is not None:
            return f"did you mean `{close}`?"
        shown = ", ".join(f"`{known_name}`" for known_name in names[:_NAMES_SHOWN])
        more = len(names) - _NAMES_SHOWN
        return f"the {what} are {shown}" + (f" and {more} more" if more > 0 else "")

    @property
    def has_errors(self) -> bool:
        """Return whether anything found so far stops a submit."""
        return any(diagnostic.is_error for diagnostic in self._found.values())

    def all(self) -> tuple[Diagnostic, ...]:
        """Return everything found, in the order in which it was found first."""
        return tuple(self._found.values())
