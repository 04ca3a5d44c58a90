"""
Reading a plain tree field by field, collecting what is wrong.

In:       mappings of the document.
Out:      values of the asked type, and diagnostics in `Reading.problems`.
Not here: which fields there are (`spec/schema.py`), what they mean (`spec/decode_*.py`).

Invariant: nothing here raises for a user's mistake; a wrong value is reported once
and then counts as not written.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from enum import Enum
from typing import Any, TypeVar

from pipeyard.model.assets import LocalPath, LocalReference, LocalRole
from pipeyard.model.component import Scalar
from pipeyard.model.diagnostic import Diagnostic, Place, Related, Severity
from pipeyard.model.expression import Template
from pipeyard.model.nearest import did_you_mean
from pipeyard.model.types import PortType
from pipeyard.spec.binding import OPEN, Problem, parse_template
from pipeyard.spec.collection import no_cycle_collection
from pipeyard.spec.document import Document
from pipeyard.spec.scalar import coerce, describe, read_plain, text_of
from pipeyard.spec.schema import READ_ONLY, fields_of

E = TypeVar("E", bound=Enum)
S = TypeVar("S")
V = TypeVar("V")

# A mapping of so few fields is known by all their names.
_FIELDS_NAMED_MAX = 8

_UNSOUND = re.compile("[\0\ud800-\udfff]")


class Fields:
    """A mapping being read. Each entry knows its place, which an old spelling may have moved."""

    __slots__ = ("_entries", "place")

    def __init__(self, entries: Mapping[str, tuple[Any, Place]], place: Place) -> None:
        """Made by `Reading.fields` from a mapping of the document."""
        self._entries = dict(entries)
        self.place = place

    def __contains__(self, name: str) -> bool:
        """Return whether a key is written, even with nothing behind it."""
        return name in self._entries

    def __iter__(self) -> Iterator[str]:
        """Go through the keys in file order."""
        return iter(self._entries)

    def __len__(self) -> int:
        """Return how many keys there are."""
        return len(self._entries)

    def get(self, name: str) -> Any:
        """Return a value as it stands in the tree; None when absent."""
        entry = self._entries.get(name)
        return entry[0] if entry is not None else None

    def place_of(self, name: str) -> Place:
        """Return where a value stands, or would stand."""
        entry = self._entries.get(name)
        return entry[1] if entry is not None else self.place.child(name)

    def key_of(self, name: str) -> Place:
        """Return where a key itself stands."""
        place = self.place_of(name)
        return Place(place.source, place.path, on_key=True)

    def has(self, name: str) -> bool:
        """Return whether there is more than nothing behind a key."""
        return self.get(name) is not None

    def put(self, name: str, value: Any, place: Place) -> None:
        """Set a value that stands elsewhere."""
        self._entries[name] = (value, place)

    def drop(self, name: str) -> None:
        """Forget a key, so that it counts as not written."""
        self._entries.pop(name, None)


class Reading:
    """One document being decoded: what is wrong in it, and what local things it names."""

    def __init__(self, document: Document) -> None:
        """Start with nothing found."""
        self.document = document
        self.problems: list[Diagnostic] = []
        self.locals: list[LocalReference] = []

    # What is wrong

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
        """Report a problem that stops a submit."""
        self.problems.append(
            Diagnostic(code, message, place, expected=expected, found=found, hint=hint, related=related)
        )

    def warn(
        self, code: str, message: str, place: Place, *, expected: str | None = None, hint: str | None = None
    ) -> None:
        """Report something that is probably not meant so."""
        self.problems.append(Diagnostic(code, message, place, Severity.WARNING, expected=expected, hint=hint))

    def report(self, problem: Problem, place: Place, text: str) -> None:
        """Report what a grammar found in a text."""
        is_whole = problem.start == 0 and problem.end in (0, len(text))
        self.problems.append(
            Diagnostic(
                problem.code,
                problem.message,
                place if is_whole else place.within(problem.start, problem.end),
                problem.severity,
                expected=problem.expected,
                hint=problem.hint,
            )
        )

    def old_spelling(self, what: str, place: Place, now: str) -> None:
        """Report a spelling of 2021 or 2022, which is read as the one of today."""
        self.warn("old-spelling", f"{what} is an old spelling", place, hint=f"write {now}")

    def wrong_type(self, name: str, value: Any, place: Place, expected: str) -> None:
        """Report a value of another type than asked for."""
        message = f"`{name}` takes {expected}, this is {describe(value)}"
        self.error("wrong-type", message, place, expected=expected, found=describe(value))

    def check_fields(self, fields: Fields, kind: str, *, severity: Severity, where: str) -> None:
        """Report keys that this kind of mapping does not have, each with the nearest that it has."""
        known = fields_of(kind)
        for name in fields:
            if name in known or name in READ_ONLY:
                continue
            self.problems.append(
                Diagnostic(
                    "unknown-field",
                    f"{where} has no field `{name}`",
                    fields.key_of(name),
                    severity,
                    hint=did_you_mean(name, known) or _instead_of_unknown(known, severity),
                )
            )

    # Values

    def fields(self, value: Any, place: Place, name: str) -> Fields | None:
        """Return a mapping to read; None (reported unless it is nothing) for anything else."""
        if isinstance(value, Fields):  # An old spelling put it together.
            return value
        if isinstance(value, dict):
            return Fields({key: (item, place.child(key)) for key, item in value.items()}, place)
        if value is not None:
            self.wrong_type(name, value, place, "a mapping")
        return None

    def mapping(self, fields: Fields, name: str) -> Fields | None:
        """Return the mapping behind a key."""
        return self.fields(fields.get(name), fields.place_of(name), name)

    def text(self, fields: Fields, name: str) -> str | None:
        """Return the text behind a key; numbers and truth values become text."""
        return self.as_text(fields.get(name), fields.place_of(name), name)

    def as_text(self, value: Any, place: Place, name: str) -> str | None:
        """Return a scalar as text, with a warning when YAML read it as something else than it looks."""
        if value is None or isinstance(value, str):
            return self.sound(value, place, name)
        if isinstance(value, dict | list):
            self.wrong_type(name, value, place, "a text")
            return None
        text = text_of(value)
        self._warn_of_reading(text, place)
        return text

    def sound(self, value: V, place: Place, name: str) -> V | None:
        """
        Return a value unless it is a text that no process could be given.

        A NUL character ends every argument and path; half of a surrogate pair has
        no bytes. Both can be written as escapes, and sent as JSON.
        """
        match = _UNSOUND.search(value) if isinstance(value, str) else None
        if match is None:
            return value
        message = f"`{name}` holds the character U+{ord(match.group()):04X}, which no process can be given"
        self.error("wrong-value", message, place, expected="a text without it", hint="remove the escape")
        return None

    def plain_text(self, fields: Fields, name: str) -> str | None:
        """Return a text that cannot hold an expression."""
        text = self.text(fields, name)
        if text is not None and OPEN in text:
            self.error(
                "expression-not-here",
                f"`{name}` cannot hold an expression",
                fields.place_of(name),
                expected="a text known before anything runs",
                found=describe(text),
            )
            return None
        return text

    def template(self, value: Any, place: Place, name: str) -> Template | None:
        """Return a text with its expressions parsed."""
        text = self.as_text(value, place, name)
        if text is None:
            return None
        template, problems = parse_template(text)
        for problem in problems:
            self.report(problem, place, text)
        return template

    def flag(self, fields: Fields, name: str, *, default: bool) -> bool:
        """Return a truth value."""
        value = fields.get(name)
        if value is None:
            return default
        read, _ = coerce(value, PortType.BOOLEAN) if not isinstance(value, dict | list) else (None, "")
        if read is None:
            self.wrong_type(name, value, fields.place_of(name), "true or false")
            return default
        return bool(read)

    def number(self, fields: Fields, name: str, port_type: PortType = PortType.NUMBER) -> Scalar | None:
        """Return a number, or a whole number."""
        value = fields.get(name)
        if value is None:
            return None
        read, _ = coerce(value, port_type) if not isinstance(value, dict | list) else (None, "")
        if read is None:
            words = "a whole number" if port_type is PortType.INTEGER else "a number"
            self.wrong_type(name, value, fields.place_of(name), words)
        return read

    def choice(self, fields: Fields, name: str, kind: type[E], aliases: Mapping[str, E] | None = None) -> E | None:
        """Return the member of an enumeration, in any case of its letters."""
        text = self.plain_text(fields, name)
        if text is None:
            return None
        found = _member(text, kind, aliases or {})
        if found is None:
            self.unknown_value(name, text, fields.place_of(name), [str(member.value) for member in kind])
        return found

    def unknown_value(self, name: str, value: str, place: Place, allowed: Iterable[str]) -> None:
        """Report a word that is none of those allowed."""
        words = list(allowed)
        self.error(
            "unknown-value",
            f"`{name}` cannot be `{value}`",
            place,
            expected="one of " + ", ".join(f"`{word}`" for word in words),
            found=describe(value),
            hint=did_you_mean(value.lower(), words),
        )

    def missing(self, name: str, place: Place, where: str, hint: str | None = None) -> None:
        """Report a field that must be there."""
        self.error("missing-field", f"{where} needs `{name}`", place, expected=f"`{name}`", hint=hint)

    def text_map(self, fields: Fields, name: str) -> dict[str, str]:
        """Return a mapping of texts, such as tags; null counts as empty text."""
        inner = self.mapping(fields, name)
        if inner is None:
            return {}
        found = {}
        for key in inner:
            text = self.as_text(inner.get(key), inner.place_of(key), key) if inner.has(key) else ""
            if text is not None:
                found[key] = text
        return found

    def text_list(self, fields: Fields, name: str) -> list[tuple[str, Place]]:
        """Return the texts of a list, each with its place; a text alone is a list of one."""
        value, place = fields.get(name), fields.place_of(name)
        if value is None:
            return []
        if isinstance(value, dict):
            self.wrong_type(name, value, place, "a list of texts")
            return []
        if not isinstance(value, list):
            text = self.as_text(value, place, name)
            return [(text, place)] if text is not None else []
        texts = [(self.as_text(item, place.child(index), name), place.child(index)) for index, item in enumerate(value)]
        return [(text, where) for text, where in texts if text is not None]

    def source_of(self, place: Place) -> str:
        """Return the document whose folder a path written at a place is relative to."""
        return self.document.source_at(place.path)

    def note_local(self, role: LocalRole, path: LocalPath, place: Place, type_: str | None = None) -> None:
        """Remember that a local thing is named here."""
        self.locals.append(LocalReference(role, place.path, path.text, path.source, type_))

    def _warn_of_reading(self, text: str, place: Place) -> None:
        raw = self.document.raw_at(place.path)
        if raw is None or raw == text or raw.lower() == text.lower():
            return
        self.warn(
            "scalar-reread",
            f"YAML reads `{raw}` as {describe(read_plain(raw))}, so that this text becomes `{text}`",
            place,
            hint=f'write "{raw}" in quotes to keep it as it is',
        )


def read_document(document: Document, decode: Callable[[Reading, Fields], S]) -> tuple[S | None, Reading]:
    """Return what *decode* makes of a document's top, and everything met on the way."""
    reading = Reading(document)
    with no_cycle_collection():
        fields = reading.fields(document.value, Place(document.source), "the top of the document")
        return (decode(reading, fields) if fields is not None else None), reading


def _member(text: str, kind: type[E], aliases: Mapping[str, E]) -> E | None:
    wanted = text.strip().lower()
    for member in kind:
        if str(member.value).lower() == wanted:
            return member
    return aliases.get(wanted)


def _instead_of_unknown(known: Collection[str], severity: Severity) -> str | None:
    """Return what to do about a field that no known one is near to; many fields are not all named."""
    if severity is not Severity.ERROR:
        return "it has no effect; remove it"
    if len(known) > _FIELDS_NAMED_MAX:
        return None
    return f"its fields are {', '.join(f'`{name}`' for name in known)}"
