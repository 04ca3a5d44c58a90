"""
How a plain scalar is read, and how a value becomes what its port declares.

In:       the text of an unquoted scalar; or a read value and a port's type.
Out:      null, a truth value, a number or text; or the problem in words.
Not here: where the scalar stands (`spec/document.py`).

`RULES` is the one written table. It is YAML 1.1 as Azure's client reads it (PyYAML's
safe loader), with two changes that keep every tree plain JSON: dates and
non-finite numbers stay text. `tests/golden/scalars.json` holds it case by case for
every other reader of the same files, such as an editor.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable

from pipeyard.model.component import Scalar
from pipeyard.model.types import PortType
from pipeyard.model.value import dataclass


@dataclass(frozen=True, slots=True)
class ScalarRule:
    """One row of the table: what a plain scalar of this form is read as."""

    name: str
    # Regular expression that the whole scalar must match.
    pattern: str
    read: Callable[[str], Scalar | None]
    # What a person should know of it.
    note: str


def _base_60(text: str) -> int | float:
    digits = text.replace("_", "")
    sign = -1 if digits.startswith("-") else 1
    total: int | float = 0
    for part in digits.lstrip("+-").split(":"):
        total = total * 60 + (float(part) if "." in part else int(part))
    return sign * total


def _based(base: int) -> Callable[[str], int]:
    return lambda text: int(text.replace("_", ""), base)


RULES: tuple[ScalarRule, ...] = (
    ScalarRule("null", r"~|null|Null|NULL|", lambda _: None, "nothing at all is null too"),
    ScalarRule("true", r"true|True|TRUE", lambda _: True, "a truth value"),
    ScalarRule("false", r"false|False|FALSE", lambda _: False, "a truth value"),
    ScalarRule("yes", r"yes|Yes|YES|on|On|ON", lambda _: True, "true; `y` is text"),
    ScalarRule("no", r"no|No|NO|off|Off|OFF", lambda _: False, "false; `n` is text"),
    ScalarRule("binary", r"[-+]?0b[0-1_]+", _based(0), "base 2"),
    ScalarRule("octal", r"[-+]?0[0-7_]+", _based(8), "base 8; `0o17` is text"),
    ScalarRule("integer", r"[-+]?(?:0|[1-9][0-9_]*)", _based(10), "a whole number; underscores are dropped"),
    ScalarRule("hexadecimal", r"[-+]?0x[0-9a-fA-F_]+", _based(0), "base 16"),
    ScalarRule("base-60", r"[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+", _base_60, "base 60, as in hours"),
    ScalarRule(
        "number",
        r"[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?",
        lambda text: float(text.replace("_", "")),
        "needs a dot, and a sign in its exponent: `1e-3` and `1.0e3` are text",
    ),
    ScalarRule(
        "base-60-number",
        r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*",
        _base_60,
        "base 60, as in hours",
    ),
)

# One automaton over all rules: the group that matched is the rule. Most scalars are
# decided by their first character alone, which keeps large files fast.
_READERS = {f"r{index}": rule for index, rule in enumerate(RULES)}
_ANY_RULE = re.compile("|".join(f"(?P<r{index}>(?:{rule.pattern})\\Z)" for index, rule in enumerate(RULES)))
_FIRST = frozenset("~nNtTfFyYoO-+.0123456789")

TRUE_WORDS = frozenset({"true", "false"})
_DECIMAL = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
_WHOLE = re.compile(r"[-+]?[0-9]+")


def rule_of(text: str) -> ScalarRule | None:
    """Return the rule that reads this plain scalar; None when it is text."""
    if text and text[0] not in _FIRST:
        return None
    match = _ANY_RULE.match(text)
    return _READERS[match.lastgroup] if match is not None and match.lastgroup is not None else None


def read_plain(text: str) -> Scalar | None:
    """Return what an unquoted scalar means. Never fails: what no rule can read is text."""
    rule = rule_of(text)
    if rule is None:
        return text
    try:
        value = rule.read(text)
    except ValueError:  # `0x_`, or more digits than Python converts.
        return text
    return text if isinstance(value, float) and not math.isfinite(value) else value


def text_of(value: Scalar) -> str:
    """Return the text of a value, with Azure's spelling of truth values: `True`, `False`."""
    return str(value)


def coerce(value: Scalar, port_type: PortType) -> tuple[Scalar | None, str]:
    """
    Return a value as its port declares it, or None and what is wrong in words.

    Nothing is rounded: `3.7` is no integer, although Azure cuts it to 3.
    """
    if port_type is PortType.STRING:
        return text_of(value), ""
    if port_type is PortType.BOOLEAN:
        return _truth(value)
    if port_type is PortType.NUMBER:
        return _number(value)
    if port_type is PortType.INTEGER:
        return _integer(value)
    return None, f"this is {describe(value)}, not data"


def describe(value: object) -> str:
    """Return what a value is, in words for a message: `the text 'a'`, `a mapping`."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return f"the truth value {str(value).lower()}"
    if isinstance(value, int | float):
        return f"the number {value}"
    if isinstance(value, str):
        short = value if len(value) <= _SHOWN else value[:_SHOWN] + "..."
        return f"the text {short!r}"
    return "a list" if isinstance(value, list) else "a mapping"


_SHOWN = 40


def _truth(value: Scalar) -> tuple[Scalar | None, str]:
    if isinstance(value, bool):
        return value, ""
    if isinstance(value, str) and value.lower() in TRUE_WORDS:
        return value.lower() == "true", ""
    return None, f"takes true or false, this is {describe(value)}"


def _number(value: Scalar) -> tuple[Scalar | None, str]:
    if isinstance(value, str):
        number = _parse_number(value)
        return (number, "") if number is not None else (None, f"takes a number, this is {describe(value)}")
    if isinstance(value, bool) or not math.isfinite(value):
        return None, f"takes a number, this is {describe(value)}"
    return value, ""


def _integer(value: Scalar) -> tuple[Scalar | None, str]:
    number = _parse_number(value) if isinstance(value, str) else value
    if number is None or isinstance(number, bool) or not math.isfinite(number) or number != int(number):
        return None, f"takes an integer, this is {describe(value)}"
    return int(number), ""


def _parse_number(text: str) -> int | float | None:
    try:
        if _WHOLE.fullmatch(text):
            return int(text)
        if _DECIMAL.fullmatch(text) and math.isfinite(number := float(text)):
            return number
    except ValueError:  # More digits than Python converts.
        pass
    return None
