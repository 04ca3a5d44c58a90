"""
The inputs and outputs that a component declares (section 4.1).

In:       `inputs:` and `outputs:` of a component, or the values of an inline step.
Out:      `InputPort` and `OutputPort` by name; groups become dotted names.
Not here: values given to them (`spec/decode_value.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pipeyard.model.component import (
    DataInput,
    InputPort,
    InputValue,
    LiteralInput,
    OutputPort,
    OutputSetting,
    Scalar,
)
from pipeyard.model.diagnostic import Place, Severity
from pipeyard.model.types import InputMode, OutputMode, PortType
from pipeyard.spec import legacy
from pipeyard.spec.decode_value import INPUT_MODE_ALIASES, OUTPUT_MODE_ALIASES, TYPE_ALIASES
from pipeyard.spec.names import check_ports
from pipeyard.spec.reading import Fields, Reading
from pipeyard.spec.scalar import coerce, describe

_GROUP = "group"
_NOT_FINITE = frozenset({"nan", "inf", "-inf", "+inf", ".nan", ".inf", "-.inf", "+.inf", "infinity", "-infinity"})


def decode_input_ports(reading: Reading, fields: Fields) -> dict[str, InputPort]:
    """Return the declared inputs by dotted name."""
    inner = reading.mapping(fields, "inputs")
    ports: dict[str, InputPort] = {}
    if inner is not None:
        _decode_group(reading, inner, "", ports)
    return ports


def decode_output_ports(reading: Reading, fields: Fields) -> dict[str, OutputPort]:
    """Return the declared outputs by name."""
    inner = reading.mapping(fields, "outputs")
    ports: dict[str, OutputPort] = {}
    for name in inner or ():
        assert inner is not None
        port = _decode_output(reading, name, inner.get(name), inner.place_of(name))
        if port is not None:
            ports[name] = port
    return ports


def derived_input_ports(values: Mapping[str, InputValue], unset: Mapping[str, Place]) -> dict[str, InputPort]:
    """Return the inputs of an inline step, which it declares by giving them values."""
    ports = {
        name: InputPort(name, _type_of(value), value.place, mode=getattr(value, "mode", None), is_derived=True)
        for name, value in values.items()
    }
    for name, place in unset.items():
        ports[name] = InputPort(name, PortType.STRING, place, optional=True, is_derived=True)
    return ports


def derived_output_ports(settings: Mapping[str, OutputSetting]) -> dict[str, OutputPort]:
    """Return the outputs of an inline step, which it declares by naming them."""
    return {
        name: OutputPort(name, setting.type or PortType.URI_FOLDER, setting.place, mode=setting.mode)
        for name, setting in settings.items()
    }


def _type_of(value: InputValue) -> PortType:
    if isinstance(value, LiteralInput):
        return _literal_type(value.value)
    if isinstance(value, DataInput):
        return value.type or PortType.URI_FOLDER
    if value.type is not None:
        return value.type
    # Several expressions, or text beside one, always make a text.
    return PortType.URI_FOLDER if value.template.single is not None else PortType.STRING


def _literal_type(value: Scalar) -> PortType:
    if isinstance(value, bool):
        return PortType.BOOLEAN
    if isinstance(value, int):
        return PortType.INTEGER
    return PortType.NUMBER if isinstance(value, float) else PortType.STRING


def _decode_group(reading: Reading, fields: Fields, prefix: str, ports: dict[str, InputPort]) -> None:
    for key in fields:
        name, value, place = prefix + key, fields.get(key), fields.place_of(key)
        inner = _group_of(value, place)
        if inner is not None:
            check_ports(reading, inner, "input", reach_command=False)
            _decode_group(reading, inner, f"{name}.", ports)
            continue
        port = _decode_input(reading, name, value, place)
        if port is not None:
            ports[name] = port


def _group_of(value: Any, place: Place) -> Fields | None:
    """Return the inputs inside a group: `type: group`, or a mapping of mappings without a type."""
    if not isinstance(value, dict) or not value:
        return None
    type_word = value.get("type")
    is_marked = isinstance(type_word, str) and type_word.lower() == _GROUP
    if not is_marked and not all(isinstance(item, dict) for item in value.values()):
        return None
    for key in ("values", "properties", "inputs"):
        if is_marked and isinstance(value.get(key), dict):
            value, place = value[key], place.child(key)
            break
    items = {key: (item, place.child(key)) for key, item in value.items() if not is_marked or isinstance(item, dict)}
    return Fields(items, place)


def _decode_input(reading: Reading, name: str, value: Any, place: Place) -> InputPort | None:
    fields = _port_fields(reading, name, value, place, "input")
    if fields is None:
        return None
    type_ = _decode_type(reading, name, fields, "input")
    if type_ is None:
        return None
    minimum, maximum = _decode_bound(reading, fields, "min", type_), _decode_bound(reading, fields, "max", type_)
    enum = tuple(text for text, _ in reading.text_list(fields, "enum"))
    if minimum is not None and maximum is not None and minimum > maximum:
        message = f"the input `{name}` has a `min` above its `max`"
        reading.error("wrong-value", message, fields.place_of("min"), expected=f"at most {maximum}", found=str(minimum))
    port = InputPort(
        name,
        type_,
        place,
        description=reading.text(fields, "description"),
        optional=reading.flag(fields, "optional", default=False),
        minimum=minimum,
        maximum=maximum,
        enum=enum,
        mode=reading.choice(fields, "mode", InputMode, INPUT_MODE_ALIASES),
    )
    default = _decode_default(reading, fields, port)
    return port if default is None else replace(port, default=default)


def _decode_output(reading: Reading, name: str, value: Any, place: Place) -> OutputPort | None:
    fields = _port_fields(reading, name, value, place, "output")
    if fields is None:
        return None
    type_ = _decode_type(reading, name, fields, "output")
    if type_ is None:
        return None
    return OutputPort(
        name,
        type_,
        place,
        description=reading.text(fields, "description"),
        mode=reading.choice(fields, "mode", OutputMode, OUTPUT_MODE_ALIASES),
        is_control=reading.flag(fields, "is_control", default=False),
        early_available=reading.flag(fields, "early_available", default=False),
    )


def _port_fields(reading: Reading, name: str, value: Any, place: Place, what: str) -> Fields | None:
    if not isinstance(value, dict):
        found = "" if value is None else f", this is {describe(value)}"
        reading.error(
            "missing-field",
            f"the {what} `{name}` must say its type{found}",
            place,
            expected="a mapping with `type`",
            hint=f"write `{name}: {{type: uri_folder}}`",
        )
        return None
    fields = reading.fields(value, place, name)
    assert fields is not None
    reading.check_fields(fields, f"{what} port", severity=Severity.WARNING, where=f"the {what} `{name}`")
    return fields


def _decode_type(reading: Reading, name: str, fields: Fields, what: str) -> PortType | None:
    if not fields.has("type"):
        reading.missing("type", fields.place, f"the {what} `{name}`", hint="such as `type: uri_folder`")
        return None
    word = fields.get("type")
    if isinstance(word, str) and word.lower() == "path":
        legacy.report_port_type(reading, fields.place_of("type"))
    return reading.choice(fields, "type", PortType, TYPE_ALIASES)


def _decode_bound(reading: Reading, fields: Fields, name: str, type_: PortType) -> float | None:
    if not fields.has(name):
        return None
    if type_ not in (PortType.NUMBER, PortType.INTEGER):
        reading.warn("no-effect", f"`{name}` means nothing for an input of type `{type_.value}`", fields.place_of(name))
        return None
    # Azure writes bounds back as text (`"0.5"`).
    value = reading.number(fields, name)
    return value if isinstance(value, int | float) else None


def _decode_default(reading: Reading, fields: Fields, port: InputPort) -> Scalar | None:
    value, place = fields.get("default"), fields.place_of("default")
    if value is None:
        return None
    if port.type.is_data:
        reading.error(
            "default-of-data",
            f"the input `{port.name}` is data, which cannot have a default",
            place,
            hint="make it `optional: true`, or give the data in the pipeline",
        )
        return None
    if isinstance(value, dict | list):
        reading.wrong_type("default", value, place, "a number, a text, or true or false")
        return None
    if port.type is PortType.NUMBER and str(value).lower() in _NOT_FINITE:
        reading.warn("no-effect", f"the default `{value}` of `{port.name}` is dropped: it is no finite number", place)
        return None
    if port.type is PortType.STRING:
        read: Scalar | None = reading.as_text(value, place, "default")
    else:
        read, problem = coerce(value, port.type)
        if read is None:
            message = f"the default of `{port.name}` {problem}"
            reading.error("type-mismatch", message, place, expected=port.type.value, found=describe(value))
            return None
    return read if read is None or _is_allowed(reading, port, read, place) else None


def _is_allowed(reading: Reading, port: InputPort, value: Scalar, place: Place) -> bool:
    problem = value_problem(port, value)
    if problem is None:
        return True
    reading.error("value-not-allowed", f"the default of `{port.name}` {problem[0]}", place, expected=problem[1])
    return False


def value_problem(port: InputPort, value: Scalar) -> tuple[str, str] | None:
    """Return what a port says against a value of its type, and what it expects instead."""
    if port.enum and str(value) not in port.enum:
        return f"is `{value}`, which is none of its values", "one of " + ", ".join(f"`{word}`" for word in port.enum)
    if isinstance(value, bool | str):
        return None
    if port.minimum is not None and value < port.minimum:
        return f"is {value}, below its smallest value", f"{port.minimum} or more"
    if port.maximum is not None and value > port.maximum:
        return f"is {value}, above its largest value", f"{port.maximum} or less"
    return None
