"""
The values that jobs and steps give to inputs and outputs (section 5).

In:       `inputs:` and `outputs:` of a job or step.
Out:      `InputValue` and `OutputSetting` by name; groups become dotted names.
Not here: what components declare (`spec/decode_port.py`), whether a value fits (`graph/check.py`).
"""

from __future__ import annotations

from typing import Any

from pipeyard.model.assets import AssetKind, LocalPath, LocalRole
from pipeyard.model.component import DataInput, InputValue, LiteralInput, OutputSetting, TemplateInput
from pipeyard.model.diagnostic import Place, Severity
from pipeyard.model.expression import Template
from pipeyard.model.types import InputMode, OutputMode, PortType
from pipeyard.spec import legacy
from pipeyard.spec.binding import OPEN, Problem, parse_template
from pipeyard.spec.names import check_ports
from pipeyard.spec.reading import Fields, Reading
from pipeyard.spec.reference import parse_data_path, parse_datastore_name, parse_datastore_uri
from pipeyard.spec.scalar import coerce

# Old words for types: `path` took a file or a folder.
TYPE_ALIASES = {
    "path": PortType.URI_FOLDER,
    "float": PortType.NUMBER,
    "double": PortType.NUMBER,
    "int": PortType.INTEGER,
    "bool": PortType.BOOLEAN,
    "str": PortType.STRING,
}
INPUT_MODE_ALIASES = {"mount": InputMode.RO_MOUNT, "ro": InputMode.RO_MOUNT, "rw": InputMode.RW_MOUNT}
OUTPUT_MODE_ALIASES = {"mount": OutputMode.RW_MOUNT, "rw": OutputMode.RW_MOUNT, "link": OutputMode.RW_MOUNT}

_MODELS = frozenset({PortType.MLFLOW_MODEL, PortType.CUSTOM_MODEL, PortType.TRITON_MODEL})
_TYPE_WORDS = frozenset(member.value for member in PortType) | TYPE_ALIASES.keys()
_MODE_WORDS = frozenset(member.value for member in InputMode) | INPUT_MODE_ALIASES.keys()


def decode_inputs(
    reading: Reading, fields: Fields, *, roots: tuple[str, ...] = ()
) -> tuple[dict[str, InputValue], dict[str, Place]]:
    """
    Return the inputs by dotted name, and those that are named and given nothing.

    *roots*: first names of old bindings that mean the parent (`inputs`, `jobs`).
    """
    inner = reading.mapping(fields, "inputs")
    values: dict[str, InputValue] = {}
    unset: dict[str, Place] = {}
    if inner is not None:
        _decode_group(reading, inner, "", roots=roots, values=values, unset=unset)
    return values, unset


def decode_outputs(reading: Reading, fields: Fields, *, roots: tuple[str, ...] = ()) -> dict[str, OutputSetting]:
    """Return what is said of the outputs by name; an output with nothing behind its key is a default one."""
    inner = reading.mapping(fields, "outputs")
    settings: dict[str, OutputSetting] = {}
    for name in inner or ():
        assert inner is not None
        setting = _decode_output(reading, name, inner.get(name), inner.place_of(name), roots)
        if setting is not None:
            settings[name] = setting
    return settings


def _decode_group(
    reading: Reading,
    fields: Fields,
    prefix: str,
    *,
    roots: tuple[str, ...],
    values: dict[str, InputValue],
    unset: dict[str, Place],
) -> None:
    for key in fields:
        name, value, place = prefix + key, fields.get(key), fields.place_of(key)
        if value is None:
            unset[name] = fields.key_of(key)
        elif isinstance(value, dict) and not _is_input_object(value):
            inner = reading.fields(value, place, name)
            assert inner is not None
            check_ports(reading, inner, "input", reach_command=False)
            _decode_group(reading, inner, f"{name}.", roots=roots, values=values, unset=unset)
        else:
            found = _decode_input(reading, name, value, place, roots)
            if found is not None:
                values[name] = found


def _is_input_object(value: dict[str, Any]) -> bool:
    """
    Return whether a mapping describes one input; else it is a group of inputs.

    An input may really be called `type` (hello-iris-literal), so that the key
    alone says nothing.
    """
    if "path" in value or "value" in value or legacy.is_old_input(value):
        return True
    type_word, mode_word = value.get("type"), value.get("mode")
    return (isinstance(type_word, str) and type_word.lower() in _TYPE_WORDS) or (
        isinstance(mode_word, str) and mode_word.lower() in _MODE_WORDS
    )


def _decode_input(reading: Reading, name: str, value: Any, place: Place, roots: tuple[str, ...]) -> InputValue | None:
    if isinstance(value, dict):
        fields = reading.fields(value, place, name)
        assert fields is not None
        return _decode_input_object(reading, name, fields, roots)
    if isinstance(value, list):
        reading.wrong_type(name, value, place, "a number, a text, true or false, or data with a `path`")
        return None
    if reading.sound(value, place, name) is None:
        return None
    if isinstance(value, str) and OPEN in value:
        template = decode_binding(reading, value, place, roots)
        return TemplateInput(template, place)
    return LiteralInput(value, place)


def _decode_input_object(reading: Reading, name: str, fields: Fields, roots: tuple[str, ...]) -> InputValue | None:
    legacy.rewrite_input(reading, fields)
    reading.check_fields(fields, "input", severity=Severity.WARNING, where=f"the input `{name}`")
    type_ = reading.choice(fields, "type", PortType, TYPE_ALIASES)
    mode = reading.choice(fields, "mode", InputMode, INPUT_MODE_ALIASES)
    if "value" in fields:
        return _decode_literal_object(reading, name, fields, type_, roots)
    if type_ is not None and type_.is_literal:
        path = fields.get("path")
        if not (isinstance(path, str) and OPEN in path):
            reading.missing("value", fields.place, f"the input `{name}`", hint=f"write `{name}: <value>`")
            return None
    text, place = reading.text(fields, "path"), fields.place_of("path")
    if text is None:
        if not fields.has("path"):
            reading.missing("path", fields.place, f"the input `{name}`", hint="say where the data is")
        return None
    if OPEN in text:
        return TemplateInput(decode_binding(reading, text, place, roots), fields.place, type_, mode)
    kind = AssetKind.MODEL if type_ in _MODELS else AssetKind.DATA
    found = parse_data_path(text, reading.source_of(place), kind)
    if isinstance(found, Problem):
        reading.report(found, place, text)
        return None
    if isinstance(found, LocalPath):
        reading.note_local(LocalRole.DATA, found, place, type_.value if type_ is not None else None)
    return DataInput(found, fields.place, type_, mode, decode_datastore_name(reading, fields, "datastore"))


def _decode_literal_object(
    reading: Reading, name: str, fields: Fields, type_: PortType | None, roots: tuple[str, ...]
) -> InputValue | None:
    value, place = fields.get("value"), fields.place_of("value")
    if value is None or isinstance(value, dict | list):
        reading.wrong_type("value", value, place, "a number, a text, or true or false")
        return None
    if reading.sound(value, place, name) is None:
        return None
    if isinstance(value, str) and OPEN in value:
        return TemplateInput(decode_binding(reading, value, place, roots), fields.place, type_)
    if type_ is None or type_.is_data:
        return LiteralInput(value, place)
    read, problem = coerce(value, type_)
    if read is None:
        reading.error("type-mismatch", f"the input `{name}` {problem}", place, expected=type_.value)
        return None
    return LiteralInput(read, place)


def decode_binding(reading: Reading, text: str, place: Place, roots: tuple[str, ...]) -> Template:
    """Return a text with its expressions, old ones read as those of today."""
    template, problems = parse_template(text)
    for problem in problems:
        reading.report(problem, place, text)
    return legacy.rewrite_binding(reading, template, place, roots)


def decode_datastore_name(reading: Reading, fields: Fields, name: str) -> str | None:
    """Return the bare name of a datastore."""
    text, place = reading.plain_text(fields, name), fields.place_of(name)
    if text is None:
        return None
    found = parse_datastore_name(text)
    if isinstance(found, Problem):
        reading.report(found, place, text)
        return None
    return found


def _decode_output(
    reading: Reading, name: str, value: Any, place: Place, roots: tuple[str, ...]
) -> OutputSetting | None:
    if value is None:
        return OutputSetting(place)
    if isinstance(value, dict):
        fields = reading.fields(value, place, name)
        assert fields is not None
        return _decode_output_object(reading, name, fields, roots)
    if isinstance(value, str) and OPEN in value:
        promoted = _promoted(decode_binding(reading, value, place, roots))
        if promoted is None:
            _report_output_binding(reading, name, value, place)
            return None
        return OutputSetting(place, promoted_to=promoted)
    expected = "`${{parent.outputs.<name>}}`, or a mapping with `type`, `mode` and `path`"
    reading.wrong_type(name, value, place, expected)
    return None


def _decode_output_object(reading: Reading, name: str, fields: Fields, roots: tuple[str, ...]) -> OutputSetting | None:
    reading.check_fields(fields, "output", severity=Severity.WARNING, where=f"the output `{name}`")
    type_ = reading.choice(fields, "type", PortType, TYPE_ALIASES)
    mode = reading.choice(fields, "mode", OutputMode, OUTPUT_MODE_ALIASES)
    path = _decode_output_path(reading, fields, roots)
    promoted = _promoted(path) if path is not None else None
    register, version = reading.text(fields, "name"), reading.text(fields, "version")
    if version is not None and register is None:
        place = fields.place_of("version")
        reading.missing("name", place, "an output with a `version`", hint="say what to register it as")
    return OutputSetting(
        fields.place,
        promoted_to=promoted,
        type=type_,
        mode=mode,
        path=path if promoted is None else None,
        name=register,
        version=version,
    )


def _decode_output_path(reading: Reading, fields: Fields, roots: tuple[str, ...]) -> Template | None:
    text, place = reading.text(fields, "path"), fields.place_of("path")
    if text is None:
        return None
    template = decode_binding(reading, text, place, roots)
    starts_open = bool(template.parts) and not isinstance(template.parts[0], str)
    if starts_open or parse_datastore_uri(_with_stand_ins(template)) is not None:
        return template
    reading.error(
        "wrong-value",
        f"the path of an output must be on a datastore, this is `{text}`",
        place,
        expected="`azureml://datastores/<datastore>/paths/<path>`",
        hint="to get a copy in a local folder, use `pipeyard job download`",
    )
    return None


def _with_stand_ins(template: Template) -> str:
    return "".join(part if isinstance(part, str) else "x" for part in template.parts)


def _promoted(template: Template) -> str | None:
    """Return the pipeline output that `${{parent.outputs.x}}` names."""
    single = template.single
    if single is None or single.names[:2] != ("parent", "outputs"):
        return None
    return ".".join(single.names[2:]) or None


def _report_output_binding(reading: Reading, name: str, value: str, place: Place) -> None:
    reading.error(
        "wrong-binding",
        f"the output `{name}` can only become an output of the pipeline",
        place,
        expected="`${{parent.outputs.<name>}}`",
        found=f"`{value}`",
        hint="to read another step's output, bind an input to it",
    )
