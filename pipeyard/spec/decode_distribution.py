"""
How a command's processes share its work: `distribution` (section 3.1).

In:       the fields of a component, a step or a stand-alone job.
Out:      a `Distribution`; what its type does not have is an error, since a misspelt count would run one process.
Not here: counts that an input gives (`graph/merge.py`), which processes that makes (`launch/ranks.py`).
"""

from __future__ import annotations

from pipeyard.model.component import DISTRIBUTED, RAY, Distribution
from pipeyard.model.expression import Template
from pipeyard.model.nearest import did_you_mean
from pipeyard.model.types import PortType
from pipeyard.spec.binding import OPEN
from pipeyard.spec.reading import Fields, Reading
from pipeyard.spec.scalar import coerce
from pipeyard.spec.schema import READ_ONLY, fields_of


def decode_distribution(reading: Reading, fields: Fields) -> Distribution | None:
    """Return what is written here; None: nothing, or nothing that can be read."""
    inner = reading.mapping(fields, "distribution")
    if inner is None:
        return None
    kinds = [*DISTRIBUTED, RAY]
    kind = reading.plain_text(inner, "type")
    if kind is None:
        if not inner.has("type"):
            reading.missing("type", inner.place, "`distribution`", hint=f"one of {', '.join(kinds)}")
        return None
    kind = kind.strip().lower()
    if kind not in kinds:
        reading.unknown_value("type", kind, inner.place_of("type"), kinds)
        return None
    _check_names(reading, inner, kind)
    if kind == RAY:
        return Distribution(kind, {name: inner.get(name) for name in inner if name != "type"}, inner.place)
    counts = {name: _count(reading, inner, name, least) for name, least in DISTRIBUTED[kind].items()}
    return Distribution(kind, {name: count for name, count in counts.items() if count is not None}, inner.place)


def _check_names(reading: Reading, inner: Fields, kind: str) -> None:
    known = list(DISTRIBUTED.get(kind, {}))
    elsewhere = {name: other for other, names in DISTRIBUTED.items() for name in names if other != kind}
    for name in inner:
        if name == "type" or name in known or name in READ_ONLY:
            continue
        if kind == RAY and name in fields_of("distribution"):
            continue
        hint = did_you_mean(name, known)
        if name in elsewhere:
            hint = f"`{name}` belongs to `type: {elsewhere[name]}`; `{kind}` has {_listed(known)}"
        reading.error(
            "unknown-field",
            f"`distribution` of type `{kind}` has no field `{name}`",
            inner.key_of(name),
            hint=hint or f"it has {_listed(known)}",
        )


def _count(reading: Reading, inner: Fields, name: str, least: int) -> int | Template | None:
    value, place = inner.get(name), inner.place_of(name)
    if isinstance(value, str) and OPEN in value:
        return reading.template(value, place, name)
    read = reading.number(inner, name, PortType.INTEGER)
    if read is None:
        return None
    number, _ = coerce(read, PortType.INTEGER)
    assert isinstance(number, int)  # As `number` has seen.
    if number < least:
        expected = f"a whole number from {least} up"
        reading.error("wrong-value", f"`{name}` cannot be {number}", place, expected=expected, found=str(number))
        return None
    return number


def _listed(names: list[str]) -> str:
    return " and ".join(f"`{name}`" for name in names) or "no other fields"
