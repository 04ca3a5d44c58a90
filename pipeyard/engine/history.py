"""
Facts to rows of a job's history and back.

In:       facts of `scheduler/event.py`.
Out:      `EventRecord` values, and the same facts again after a restart.
Not here: storing them (`store/`), feeding them to the scheduler (`recover.py`).

Invariant: `fact_of(record_of(fact)) == fact`, but for the nodes of a JobSubmitted,
which are made from the graph again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields
from typing import Any

from pipeyard.model.errors import Bug
from pipeyard.model.record import EventRecord
from pipeyard.scheduler import event as facts

JobFact = facts.JobSubmitted | facts.CancelAsked | facts.NodeEvent

_KINDS: Mapping[str, type] = {
    kind.__name__: kind
    for kind in (
        facts.JobSubmitted,
        facts.CancelAsked,
        facts.ReuseFound,
        facts.ReuseMissed,
        facts.BranchChosen,
        facts.SlotsTaken,
        facts.AttemptStarted,
        facts.PreparationFailed,
        facts.AttemptExited,
        facts.HeartbeatLate,
        facts.HeartbeatBack,
        facts.AttemptLost,
        facts.AttemptUnknown,
        facts.OutputsStored,
        facts.OutputsNotStored,
        facts.RetryDue,
    )
}
# Columns of the record, and what is not stored at all.
_APART = frozenset({"job", "node", "attempt", "at_ms", "nodes"})
# For each kind: the fields that go into `data`, with their defaults.
_DATA_FIELDS: Mapping[type, tuple[tuple[str, Any], ...]] = {
    kind: tuple(
        (one.name, one.default_factory() if one.default_factory is not MISSING else one.default)
        for one in fields(kind)
        if one.name not in _APART
    )
    for kind in _KINDS.values()
}


def record_of(fact: JobFact, seq: int) -> EventRecord:
    """Return the row of a fact. Values that say nothing are left out."""
    data = {}
    for name, default in _DATA_FIELDS[type(fact)]:
        value = getattr(fact, name)
        if value != default:
            data[name] = value
    return EventRecord(
        root_name=fact.job,
        seq=seq,
        at_ms=fact.at_ms,
        kind=type(fact).__name__,
        node_id=getattr(fact, "node", None),
        attempt=getattr(fact, "attempt", None),
        data=data,
    )


def fact_of(record: EventRecord, nodes: tuple[facts.NodeOrder, ...] = ()) -> JobFact:
    """Return the fact of a row; *nodes* are those of the job, which a JobSubmitted needs."""
    kind = _KINDS.get(record.kind)
    if kind is None:
        raise Bug(f"{record.root_name}: event {record.seq} is of the unknown kind {record.kind}")
    values: dict[str, Any] = {"job": record.root_name, "at_ms": record.at_ms}
    if record.node_id is not None:
        values["node"] = record.node_id
    if record.attempt is not None:
        values["attempt"] = record.attempt
    if kind is facts.JobSubmitted:
        values["nodes"] = nodes
    for name, _ in _DATA_FIELDS[kind]:
        if name in record.data:
            value = record.data[name]
            # JSON knows no tuples; the facts know no lists.
            values[name] = tuple(value) if isinstance(value, list) else value
    fact: JobFact = kind(**values)
    return fact
