"""
Runs of a body: what all conductors need that begin them one after the other, or for each item.

In:       the child jobs of a control node.
Out:      what one that completed has left, as values for the next, and why one did not complete.
Not here: when which run begins (`loop.py`, `items.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pipeyard.engine.conduct.conduct import Conduct
from pipeyard.engine.conduct.ending import Taken
from pipeyard.graph.fit import as_input
from pipeyard.graph.model import Data, Literal
from pipeyard.model.assets import DataUri
from pipeyard.model.component import InputPort
from pipeyard.model.diagnostic import Place
from pipeyard.model.errors import ComputeError
from pipeyard.model.record import JobRecord, OutputRecord
from pipeyard.model.status import JobStatus
from pipeyard.model.types import InputMode

Value = Literal | Data


async def made_by(conduct: Conduct, child: JobRecord) -> dict[str, OutputRecord]:
    """Return what a child that completed has left, under the names of the body."""
    store, workspace = conduct.world.store, conduct.book.workspace
    sources = {}
    for name, shown in (child.detail.get("outputs") or {}).items():
        of = shown.get("from")
        sources[name] = (child.name, name) if of is None else (of["job"], of["output"])
    jobs = sorted({job for job, _ in sources.values()})
    rows = {job: await conduct.read(lambda job=job: store.load_outputs(workspace, job)) for job in jobs}  # type: ignore[misc]
    found = {(job, row.output): row for job, some in rows.items() for row in some}
    return {name: found[source] for name, source in sources.items() if source in found}


def taken(made: Mapping[str, OutputRecord]) -> dict[str, Taken]:
    """Return outputs as those of the control node."""
    return {name: Taken(row.writer, row.output) for name, row in made.items()}


def as_value(row: OutputRecord, name: str, port: InputPort | None, whose: str) -> Value:
    """Return what one run wrote as the input *name* of the next takes it. Raises `ComputeError` if it does not."""
    if row.value is None:
        type_ = port.type if port is not None else None
        mode = (port.mode if port is not None else None) or InputMode.RO_MOUNT
        content = row.digest if row.is_own_place else None
        assert type_ is not None
        return Data(DataUri(str(row.uri)), type_, mode, Place(), content=content)
    if port is None:
        return Literal(row.value)
    value, problem = as_input(row.value, port.type, port)
    if value is None:
        raise ComputeError(f"input `{name}` {problem}; {whose} wrote it to its output `{row.output}`", code="bad-value")
    return Literal(value)


def checked(values: Mapping[str, Value], ports: Mapping[str, InputPort], whose: str) -> dict[str, Value]:
    """Return values as the inputs of a body take them. Raises `ComputeError` for one that is not taken."""
    found: dict[str, Value] = {}
    for name, value in values.items():
        port = ports.get(name)
        if not isinstance(value, Literal) or port is None or port.is_derived or port.type.is_data:
            found[name] = value
            continue
        taken_, problem = as_input(value.value, port.type, port)
        if taken_ is None:
            raise ComputeError(f"{whose}: input `{name}` {problem}", code="bad-value")
        found[name] = replace(value, value=taken_)
    return found


def failure_of(child: JobRecord, what: str, code: str) -> dict[str, Any] | None:
    """Return why a run counts as a failure of its node; None if it completed."""
    if child.status is JobStatus.COMPLETED:
        return None
    error = child.error or {}
    how = "was canceled" if child.status is JobStatus.CANCELED else "failed"
    reason = f": {error['message']}" if error.get("message") else ""
    more = {key: error[key] for key in ("exit_code", "signal", "log") if error.get(key) is not None}
    return {"code": code, "message": f"{what} {how} (job {child.name}){reason}", "failed_job": child.name, **more}
