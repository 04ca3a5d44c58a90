"""
Where an output is written first, and where it goes afterwards.

In:       a node's outputs, the name of its job, the default datastore.
Out:      a `PlannedOutput` for each: a place below the staging root, and a datastore URI.
Not here: moving files (`datastore/publish.py`), whether a path is good (`graph/check_outputs.py`).
"""

from __future__ import annotations

from collections.abc import Mapping

from pipeyard.graph.model import BoundOutput, Node
from pipeyard.launch.plan import OUTPUTS_DIR, PlannedOutput
from pipeyard.model.assets import DatastoreUri
from pipeyard.model.errors import Bug
from pipeyard.model.record import default_output_uri
from pipeyard.model.types import OutputMode, PortType
from pipeyard.spec.reference import parse_datastore_uri


def plan_outputs(node: Node, job_name: str, default_datastore: str) -> tuple[PlannedOutput, ...]:
    """
    Return the plan of every output of a node, in the order of its component.

    The same for every attempt: what an attempt wrote can be found again after a restart.
    """
    return tuple(_plan(name, output, job_name, default_datastore) for name, output in node.outputs.items())


def _plan(name: str, output: BoundOutput, job_name: str, default_datastore: str) -> PlannedOutput:
    # A value is one file, too.
    is_file = output.type is PortType.URI_FILE or output.type.is_literal
    uri = _final_uri(name, output, job_name, default_datastore)
    if is_file and (not uri.path or uri.path.endswith("/")):
        # Without a path of its own a file is called as its output is.
        uri = uri.child(name)
    folder = f"{OUTPUTS_DIR}/{name}"
    return PlannedOutput(
        name=name,
        type=output.type.value,
        path=f"{folder}/{uri.path.rpartition('/')[2]}" if is_file else folder,
        is_file=is_file,
        uri=str(uri),
        is_direct=output.mode is OutputMode.DIRECT,
    )


def _final_uri(name: str, output: BoundOutput, job_name: str, default_datastore: str) -> DatastoreUri:
    if output.path is None:
        return default_output_uri(default_datastore, job_name, name)
    macros: Mapping[tuple[str, ...], str] = {
        ("name",): job_name,
        ("output_name",): name,
        ("default_datastore",): default_datastore,
    }
    text = "".join(part if isinstance(part, str) else macros.get(part.names, str(part)) for part in output.path.parts)
    uri = parse_datastore_uri(text)
    if uri is None:
        raise Bug(f"output `{name}` was accepted with the path `{output.path}`, which is no datastore URI")
    return DatastoreUri(uri.datastore, _tidy(uri.path))


def _tidy(path: str) -> str:
    """Return a path without empty and `.` parts; a slash at its end stays, as it says that this is a folder."""
    parts = [part for part in path.split("/") if part not in {"", "."}]
    return "/".join(parts) + ("/" if parts and path.endswith("/") else "")
