"""
Whether outputs can be stored where they are wanted and under the name they are given.

In:       a graph.
Out:      diagnostics.
Not here: filling in the macros of a path (`launch/output_path.py` does it for each job).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from pipeyard.graph.model import BoundOutput, Graph, Node, NodeId, NodeOutput
from pipeyard.graph.problems import Problems
from pipeyard.model.assets import DatastoreUri
from pipeyard.model.component import OutputSetting
from pipeyard.model.diagnostic import Place, Related
from pipeyard.model.expression import Template
from pipeyard.model.types import OutputMode, PortType
from pipeyard.model.value import dataclass
from pipeyard.spec.reference import parse_datastore_uri

# What a path may hold (section 1.4), as the names of an expression.
MACROS = frozenset({"name", "output_name", "default_datastore"})

_REGISTERED = re.compile(r"[A-Za-z0-9_-]{1,255}")
_VERSION = re.compile(r"[A-Za-z0-9._-]+")


@dataclass(frozen=True, slots=True)
class _Written:
    node: Node
    name: str
    place: Place
    type: PortType


def check_outputs(graph: Graph, problems: Problems) -> None:
    """Report outputs with bad paths and names, and two that have one place."""
    written_at = places_of_settings(graph)
    places: dict[str, _Written] = {}
    names: dict[tuple[str, str | None], _Written] = {}
    for node in graph.nodes.values():
        for name, output in node.outputs.items():
            if output.type.is_literal:
                _check_value(name, output, _place_of(node, name, written_at), problems)
            if output.path is None and output.register_name is None and output.register_version is None:
                continue
            written = _Written(node, name, _place_of(node, name, written_at), output.type)
            _check_name(output, written, names, problems)
            if output.path is not None:
                uri = _check_path(graph, output.path, written, problems)
                if uri is not None:
                    _check_shared(uri, written, places, problems)


def _place_of(node: Node, name: str, written_at: Mapping[tuple[NodeId, str], Place]) -> Place:
    own, port = node.step.outputs.get(name), node.component.outputs.get(name)
    named = own.place if own is not None else port.place if port is not None else node.step.place
    return written_at.get((node.id, name)) or named


def _check_value(name: str, output: BoundOutput, place: Place, problems: Problems) -> None:
    """Report what only data can have."""
    if output.register_name is not None:
        problems.error(
            "value-as-asset",
            f"output `{name}` is a `{output.type.value}`, and only data and models can be registered",
            place,
            expected="no `name` and `version`, or a type such as `uri_file`",
        )
    if output.mode is OutputMode.DIRECT:
        problems.error(
            "mode-mismatch",
            f"output `{name}` is a `{output.type.value}`, which the command writes to a file of its own",
            place,
            expected="no `mode`",
            found="`direct`",
        )


def _check_path(graph: Graph, path: Template, written: _Written, problems: Problems) -> DatastoreUri | None:
    """Return where the output goes as far as it can be known before the job has a name."""
    for expression in path.expressions:
        if ".".join(expression.names) not in MACROS:
            problems.error(
                "unknown-expression",
                f"`{expression}` means nothing in the path of an output",
                written.place,
                expected="`${{name}}`, `${{output_name}}` or `${{default_datastore}}`",
            )
            return None
    values = {
        # No job has such a name, so that two steps never seem to share a place because of it.
        "name": f"\0{written.node.id}\0",
        "output_name": written.name,
        "default_datastore": graph.default_datastore,
    }
    text = "".join(part if isinstance(part, str) else values[part.names[0]] for part in path.parts)
    uri = parse_datastore_uri(text)
    if uri is None:
        problems.error(
            "wrong-value",
            f"output `{written.name}` cannot be stored at `{path}`",
            written.place,
            expected="a datastore URI: `azureml://datastores/<datastore>/paths/<path>`",
            hint="for a place of its own choosing leave `path` out",
        )
        return None
    parts = [part for part in uri.path.split("/") if part not in {"", "."}]
    if ".." in parts:
        problems.error(
            "wrong-value",
            f"output `{written.name}` has a path with `..` in it",
            written.place,
            expected="a path inside the datastore",
        )
        return None
    if (written.type is PortType.URI_FILE or written.type.is_literal) and (not parts or uri.path.endswith("/")):
        problems.error(
            "wrong-value",
            f"output `{written.name}` is a file, and its path names none",
            written.place,
            expected="a path whose last part is the name of the file",
        )
        return None
    return DatastoreUri(uri.datastore, "/".join(parts))


def _check_shared(uri: DatastoreUri, written: _Written, places: dict[str, _Written], problems: Problems) -> None:
    other = places.setdefault(str(uri), written)
    if other is written:
        return
    message = f"outputs `{_full(other)}` and `{_full(written)}` are stored at the same place"
    related = (Related("the first", other.place),)
    hint = "put `${{name}}` or `${{output_name}}` into the path"
    if any(type_ is PortType.URI_FILE or type_.is_literal for type_ in (written.type, other.type)):
        problems.error("shared-output-path", message, written.place, hint=hint, related=related)
    else:
        problems.warning(
            "shared-output-path",
            f"{message}; files of the same name overwrite each other",
            written.place,
            hint=hint,
            related=related,
        )


def _check_name(
    output: BoundOutput, written: _Written, names: dict[tuple[str, str | None], _Written], problems: Problems
) -> None:
    name, version = output.register_name, output.register_version
    if name is None:
        return
    if not _REGISTERED.fullmatch(name):
        problems.error(
            "bad-name",
            f"output `{written.name}` cannot be registered as `{name}`",
            written.place,
            expected="at most 255 letters, digits, `-` and `_`",
        )
    if version is not None and not _VERSION.fullmatch(version):
        problems.error(
            "bad-name",
            f"output `{written.name}` cannot be registered as version `{version}`",
            written.place,
            expected="letters, digits, `.`, `-` and `_`",
        )
    other = names.setdefault((name, version), written)
    if version is not None and other is not written:
        problems.error(
            "version-clash",
            f"outputs `{_full(other)}` and `{_full(written)}` are registered as `{name}` version `{version}`",
            written.place,
            hint="leave `version` out of one of them: it gets the next number",
            related=(Related("the first", other.place),),
        )


def _full(written: _Written) -> str:
    return f"{written.node.id}.{written.name}" if written.node.id else written.name


def places_of_settings(graph: Graph) -> dict[tuple[NodeId, str], Place]:
    """Return for outputs with a path or name where that is written: outside the step, if there."""
    places: dict[tuple[NodeId, str], Place] = {}
    # Groups stand before those inside them; whoever is further out writes last and wins.
    for group in reversed(list(graph.groups.values())):
        _note_places(group.outputs, group.step.outputs, places)
    _note_places(graph.outputs, graph.output_settings, places)
    return places


def _note_places(
    outputs: Mapping[str, NodeOutput],
    settings: Mapping[str, OutputSetting],
    places: dict[tuple[NodeId, str], Place],
) -> None:
    for name, bound in outputs.items():
        setting = settings.get(name)
        if setting is not None and (setting.path or setting.name or setting.version):
            places[bound.node, bound.output] = setting.place
