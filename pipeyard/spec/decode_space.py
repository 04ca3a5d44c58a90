"""
`search_space`: hyperparameters and the distributions of their values (section 13.2).

In:       the mapping.
Out:      a `Space`.
Not here: whether each is an input of the trial (`graph/check_sweep.py`), drawing values (`sweep/`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from pipeyard.model.diagnostic import Place, Severity
from pipeyard.model.nearest import did_you_mean
from pipeyard.model.sweep import Choice, Distribution, Normal, RandInt, SubSpace, SweptValue, Uniform
from pipeyard.model.types import PortType
from pipeyard.spec.names import check_ports
from pipeyard.spec.reading import Fields, Reading
from pipeyard.spec.scalar import describe

KINDS = (
    "choice",
    "randint",
    "uniform",
    "quniform",
    "loguniform",
    "qloguniform",
    "normal",
    "qnormal",
    "lognormal",
    "qlognormal",
)
# exp of more than this is no number any more.
LOG_MAX = 709
_EXAMPLE = "such as `{type: uniform, min_value: 0.1, max_value: 1}`"


def decode_space(reading: Reading, fields: Fields, where: str) -> dict[str, Distribution]:
    """Return the hyperparameters of a sweep, in file order."""
    inner = reading.mapping(fields, "search_space")
    if inner is None or not len(inner):
        if inner is not None or not fields.has("search_space"):
            reading.missing("search_space", fields.place, where, hint=f"at least one hyperparameter, {_EXAMPLE}")
        return {}
    check_ports(reading, inner, "hyperparameter", reach_command=True)
    space: dict[str, Distribution] = {}
    for name in inner:
        found = _distribution(reading, name, inner.get(name), inner.place_of(name))
        if found is not None:
            space[name] = found
    return space


def _distribution(reading: Reading, name: str, value: Any, place: Place) -> Distribution | None:
    if not isinstance(value, dict):
        given = f"`{{type: choice, values: {_shown(value)}}}`" if isinstance(value, list) else _EXAMPLE
        what = describe(value) if value is not None else "nothing"
        reading.error(
            "wrong-type",
            f"hyperparameter `{name}` takes a distribution, this is {what}",
            place,
            expected="a mapping with `type`",
            hint=f"write {given}" if isinstance(value, list) else f"{given}; a fixed value belongs under `inputs`",
        )
        return None
    fields = reading.fields(value, place, name)
    assert fields is not None
    _rewrite(reading, fields)
    kind = reading.plain_text(fields, "type")
    if kind is None:
        if not fields.has("type"):
            reading.missing("type", place, f"hyperparameter `{name}`", hint=f"one of {', '.join(KINDS)}")
        return None
    kind = kind.strip().lower()
    if kind not in KINDS:
        reading.unknown_value("type", kind, fields.place_of("type"), KINDS)
        return None
    reading.check_fields(fields, kind, severity=Severity.ERROR, where=f"a `{kind}` distribution")
    if kind == "choice":
        return _choice(reading, name, fields)
    if kind == "randint":
        return _randint(reading, name, fields)
    return _continuous(reading, name, kind, fields)


def _rewrite(reading: Reading, fields: Fields) -> None:
    """Read `spec: uniform` of 2021."""
    if "spec" in fields and "type" not in fields:
        reading.old_spelling("`spec`", fields.key_of("spec"), "`type`")
        fields.put("type", fields.get("spec"), fields.place_of("spec"))
        fields.drop("spec")


def _choice(reading: Reading, name: str, fields: Fields) -> Choice | None:
    values, place = fields.get("values"), fields.place_of("values")
    if values is None:
        reading.missing("values", fields.place, f"the choice `{name}`", hint="such as `values: [0.1, 0.2]`")
        return None
    if not isinstance(values, list):
        reading.wrong_type("values", values, place, "a list")
        return None
    if not values:
        reading.error("wrong-value", f"the choice `{name}` has no values", place, expected="at least one value")
        return None
    found = [_value(reading, name, value, place.child(index)) for index, value in enumerate(values)]
    return Choice(tuple(value for value in found if value is not None), fields.place) if None not in found else None


def _value(reading: Reading, name: str, value: Any, place: Place) -> SweptValue | SubSpace | None:
    if isinstance(value, dict):
        return _sub_space(reading, value, place)
    if isinstance(value, list) or value is None:
        reading.error(
            "wrong-type",
            f"a value of the choice `{name}` is {describe(value)}",
            place,
            expected="a number, a text, a truth value, or a mapping of hyperparameters",
            hint=f'write it as a text, "{_shown(value)}", and read that in your script' if value is not None else None,
        )
        return None
    sound: SweptValue | None = reading.sound(value, place, name)
    return sound


def _sub_space(reading: Reading, value: Mapping[str, Any], place: Place) -> SubSpace | None:
    inner = reading.fields(value, place, "values")
    assert inner is not None
    check_ports(reading, inner, "hyperparameter", reach_command=True)
    space: dict[str, Distribution | SweptValue] = {}
    for name in inner:
        one = inner.get(name)
        # A mapping is a distribution; anything else stands for itself.
        found = (
            _distribution(reading, name, one, inner.place_of(name))
            if isinstance(one, dict)
            else _value(reading, name, one, inner.place_of(name))
        )
        if found is None or isinstance(found, SubSpace):
            return None
        space[name] = found
    return SubSpace(space, place)


def _randint(reading: Reading, name: str, fields: Fields) -> RandInt | None:
    upper = _number(reading, name, fields, "upper", PortType.INTEGER)
    if upper is None:
        return None
    if upper < 1:
        reading.error(
            "wrong-value",
            f"`upper` of `{name}` must be at least 1, this is {upper:g}",
            fields.place_of("upper"),
            expected="one more than the highest value",
        )
        return None
    return RandInt(int(upper), fields.place)


def _continuous(reading: Reading, name: str, kind: str, fields: Fields) -> Uniform | Normal | None:
    quantum = _number(reading, name, fields, "q") if kind.startswith("q") else None
    if quantum is not None and quantum <= 0:
        message = f"`q` of `{name}` must be more than 0, this is {quantum:g}"
        reading.error("wrong-value", message, fields.place_of("q"), expected="a number above 0")
        return None
    is_log = "log" in kind
    if kind.endswith("uniform"):
        low, high = (_number(reading, name, fields, field) for field in ("min_value", "max_value"))
        if low is None or high is None or (kind.startswith("q") and quantum is None):
            return None
        return _uniform(reading, name, fields, Uniform(low, high, quantum, is_log, fields.place))
    mu, sigma = (_number(reading, name, fields, field) for field in ("mu", "sigma"))
    if mu is None or sigma is None or (kind.startswith("q") and quantum is None):
        return None
    if sigma < 0:
        message = f"`sigma` of `{name}` cannot be {sigma:g}"
        reading.error("wrong-value", message, fields.place_of("sigma"), expected="a number of at least 0")
        return None
    return Normal(mu, sigma, quantum, is_log, fields.place)


def _uniform(reading: Reading, name: str, fields: Fields, one: Uniform) -> Uniform | None:
    if one.low > one.high:
        reading.error(
            "wrong-value",
            f"`min_value` of `{name}`, {one.low:g}, is above its `max_value`, {one.high:g}",
            fields.place_of("min_value"),
            expected="a range from low to high",
        )
        return None
    if one.is_log and one.high > LOG_MAX:
        reading.error(
            "wrong-value",
            f"`max_value` of `{name}` is a logarithm, and exp({one.high:g}) is no number",
            fields.place_of("max_value"),
            expected="the logarithm of the highest value",
            hint=f"for values up to {one.high:g} write {math.log(one.high):.4g}",
        )
        return None
    return one


def _number(
    reading: Reading, name: str, fields: Fields, field: str, port_type: PortType = PortType.NUMBER
) -> float | None:
    if not fields.has(field):
        # One that was misspelt is reported as such.
        if did_you_mean(field, [key for key in fields if key != "type"]) is None:
            reading.missing(field, fields.place, f"the distribution of `{name}`")
        return None
    value = reading.number(fields, field, port_type)
    return value if isinstance(value, int | float) else None


def _shown(values: Any) -> str:
    return str(values).replace("'", '"')
