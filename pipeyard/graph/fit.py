"""
What a declared input makes of the value that reaches it.

In:       a port and a value found for it.
Out:      the value as the port declares it, or `Broken` after saying why.
Not here: finding the value (`graph/trace.py`).

A text for a data port is a path, as in Azure's client. Only a URI or an asset
reference may be written so: a local path in that place could not be told from
text before the component is known, and would not be uploaded.
"""

from __future__ import annotations

from dataclasses import replace

from pipeyard.graph.problems import Problems
from pipeyard.graph.tree import GivenValue
from pipeyard.graph.value import Broken, Found, LeafOutput
from pipeyard.model.assets import AssetRef, DataUri
from pipeyard.model.component import DataInput, InputPort, Scalar
from pipeyard.model.diagnostic import Place, Related
from pipeyard.model.types import Fit, PortType, fit_of
from pipeyard.spec.decode_port import value_problem
from pipeyard.spec.reference import parse_data_path
from pipeyard.spec.scalar import coerce, describe

_ARTICLES = {
    PortType.STRING: "text",
    PortType.NUMBER: "a number",
    PortType.INTEGER: "an integer",
    PortType.BOOLEAN: "true or false",
}


def fit_value(found: Found, port: InputPort, at: Place, problems: Problems) -> Found | Broken:
    """
    Return the value as *port* takes it.

    *at* is where it was bound to the port: for a value written there, its own place.
    """
    if not found.is_literal:
        return _fit_data(found, port, at, problems)
    if port.type.is_data:
        return _path_from_text(found, port, at, problems)
    assert not isinstance(found.value, (DataInput, LeafOutput, GivenValue))
    value, problem = coerce(found.value, port.type)
    if value is None:
        problems.error(
            "type-mismatch",
            f"input `{port.name}` {problem}",
            found.place,
            expected=_expected(port),
            found=describe(found.value),
            related=_related(found, port, at, shown=found.place),
        )
        return Broken()
    if not _is_allowed(value, found, port, at, problems):
        return Broken()
    # `1`, `1.0` and `True` are equal, and are not the same text.
    return found if found.value is value else replace(found, value=value)


def words_of(port_type: PortType) -> str:
    """Return what a port of this type takes, for a message."""
    return _ARTICLES.get(port_type) or f"data (`{port_type.value}`)"


def _fit_data(found: Found, port: InputPort, at: Place, problems: Problems) -> Found | Broken:
    produced = found.type or (port.type if port.type.is_data else PortType.URI_FOLDER)
    if fit_of(produced, port.type) is Fit.NO:
        problems.error(
            "type-mismatch",
            f"input `{port.name}` takes {words_of(port.type)}, this is {words_of(produced)}",
            at,
            expected=_expected(port),
            found=f"`{produced.value}`",
            hint=_instead(produced, port.type),
            related=_related(found, port, at, shown=at),
        )
        return Broken()
    # What a value becomes is what the port takes (`as_input`); data stays what it is.
    becomes = port.type if produced.is_literal else produced
    return found if found.type is becomes else replace(found, type=becomes)


def as_input(value: Scalar, wanted: PortType, port: InputPort | None) -> tuple[Scalar | None, str]:
    """
    Return a value that a step wrote as an input of type *wanted* takes it, or None and what is wrong in words.

    For the moment of launching; that its type fits was checked before.
    """
    taken, problem = coerce(value, wanted)
    refused = None if taken is None or port is None else value_problem(port, taken)
    return (taken, problem) if refused is None else (None, refused[0])


def _instead(produced: PortType, wanted: PortType) -> str | None:
    """Return what to do about something that a step writes and an input cannot take."""
    if produced.is_literal and wanted.is_literal:
        return f"declare the output as `{wanted.value}` if that is what the step writes, or the input as `string`"
    if wanted.is_literal:
        return f"an output that is declared as `{wanted.value}` gives its value; the step writes that to its file"
    return "declare the output as `uri_file` to pass the file itself on" if produced.is_literal else None


def _path_from_text(found: Found, port: InputPort, at: Place, problems: Problems) -> Found | Broken:
    path = parse_data_path(found.value, found.place.source) if isinstance(found.value, str) else None
    if isinstance(path, (DataUri, AssetRef)):
        return replace(found, value=DataInput(path, found.place, port.type), type=port.type)
    is_text = isinstance(found.value, str)
    problems.error(
        "type-mismatch",
        f"input `{port.name}` takes {words_of(port.type)}, this is {describe(found.value)}",
        found.place,
        expected=_expected(port),
        hint=f"write it as a mapping: `{{type: {port.type.value}, path: {found.text}}}`" if is_text else None,
        related=_related(found, port, at, shown=found.place),
    )
    return Broken()


def _is_allowed(value: Scalar, found: Found, port: InputPort, at: Place, problems: Problems) -> bool:
    problem = value_problem(port, value)
    if problem is None:
        return True
    problems.error(
        "value-not-allowed",
        f"input `{port.name}` {problem[0]}",
        found.place,
        expected=problem[1],
        found=f"`{value}`",
        hint=problems.meant(str(value), port.enum, what="values that it takes") if port.enum else None,
        related=_related(found, port, at, shown=found.place),
    )
    return False


def _expected(port: InputPort) -> str:
    what = words_of(port.type)
    if port.enum:
        return "one of " + ", ".join(f"`{text}`" for text in port.enum)
    if port.minimum is not None and port.maximum is not None:
        return f"{what} from {port.minimum:g} to {port.maximum:g}"
    if port.minimum is not None:
        return f"{what} of at least {port.minimum:g}"
    return f"{what} of at most {port.maximum:g}" if port.maximum is not None else what


def _related(found: Found, port: InputPort, at: Place, shown: Place) -> tuple[Related, ...]:
    """Return where the port is declared and the other end of the binding: the one that is not *shown* already."""
    # Of a choice, the condition itself.
    declared = (Related(f"`{port.name}` is declared here", port.place),) if port.place != shown else ()
    if at == found.place:
        return declared
    if shown == at:
        return *declared, Related("the value is written here", found.place)
    return *declared, Related("the value reaches it here", at)
