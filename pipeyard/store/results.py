"""
What reuse knows of earlier steps.

In:       keys, names of steps and jobs.
Out:      `ResultRecord`s; outputs with their manifests, many at a time.
Not here: deciding (`pipeyard/reuse/`), the rest of a job (`sql.py`).

A step that was reused has a row of its own, which shares the parts of the step whose result it took.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import BindParameter, Row, Select, bindparam, func, literal_column, select

from pipeyard.model.assets import Manifest
from pipeyard.model.record import OutputRecord
from pipeyard.model.reuse import ResultEnd, ResultRecord
from pipeyard.store import tables
from pipeyard.store.packing import pack_manifest, pack_tree, storable, unpack_manifest, unpack_tree
from pipeyard.store.reader import Reader
from pipeyard.store.rows import Params, output_of

_results = tables.results
_sources = tables.results.alias("sources")
_COLUMNS = tuple(column for column in _results.c if column.name != "parts")
_NO_PARTS = b""


def result_params(result: ResultRecord) -> Params:
    """Return a result's columns."""
    return {
        "job_name": result.job_name,
        "workspace": result.workspace,
        "key": bytes.fromhex(result.key),
        "root_name": result.root_name,
        "node_id": result.node_id,
        "step_sha256": _step_key(result.step),
        "step": storable(result.step),
        "ended_at_ms": result.ended_at_ms,
        "is_reusable": result.is_reusable,
        "source_job": result.source_job,
        "parts": _NO_PARTS if result.source_job is not None else pack_tree(result.parts),
    }


def end_params(end: ResultEnd) -> Params:
    """Return what changes in a result when its step has completed."""
    return {"ended_job": end.job_name, "ended_at_ms": end.ended_at_ms, "is_reusable": end.is_reusable}


def manifest_params(job_name: str, output: str, manifest: Manifest) -> Params:
    """Return what replaces the manifest of an output."""
    return {"made_by": job_name, "made_as": output, "manifest": pack_manifest(manifest)}


class SqlResults:
    """Queries about results."""

    def __init__(self, reader: Reader) -> None:
        """Read by one reader."""
        self._reader = reader

    def find(self, workspace: str, keys: Sequence[str]) -> Mapping[str, Sequence[ResultRecord]]:
        """Return for each key the results that may be reused, newest first; without their parts."""
        wanted = [bytes.fromhex(key) for key in dict.fromkeys(keys)]
        found: dict[str, list[ResultRecord]] = {}
        for row in self._reader.find_wanted(_FIND, wanted, workspace=workspace):
            result = _result_of(row)
            found.setdefault(result.key, []).append(result)
        for some in found.values():
            if len(some) > 1:
                some.sort(key=_age, reverse=True)
        return found

    def nearest(self, workspace: str, step: str, limit: int) -> Sequence[ResultRecord]:
        """Return the completed results of a step, newest first."""
        statement = _select(
            _results.c.workspace == workspace,
            _results.c.step_sha256 == _step_key(step),
            _results.c.ended_at_ms.is_not(None),
        )
        newest_first = statement.order_by(_results.c.ended_at_ms.desc(), _results.c.job_name.desc())
        return tuple(_result_of(row) for row in self._reader.all(newest_first.limit(limit)))

    def newest(self, workspace: str, steps: Sequence[str]) -> Mapping[str, ResultRecord]:
        """Return the newest completed result of each of many steps."""
        keys = {_step_key(step): step for step in steps}
        rows = self._reader.find_wanted(_NEWEST, list(keys), workspace=workspace)
        return {keys[row.step_sha256]: _result_of(row) for row in rows}

    def of_job(self, workspace: str, job_name: str) -> ResultRecord | None:
        """Return what is known of one step, whether it has completed or not."""
        row = self._reader.first(_select(_results.c.workspace == workspace, _results.c.job_name == job_name))
        return None if row is None else _result_of(row)

    def of_root(self, workspace: str, root_name: str) -> Sequence[ResultRecord]:
        """Return what is known of every step of a job."""
        statement = _select(_results.c.workspace == workspace, _results.c.root_name == root_name)
        return tuple(_result_of(row) for row in self._reader.all(statement.order_by(_results.c.node_id)))

    def outputs_of(
        self, workspace: str, job_names: Sequence[str]
    ) -> Mapping[str, Sequence[tuple[OutputRecord, Manifest]]]:
        """Return the outputs that jobs wrote themselves, with their files."""
        found: dict[str, list[tuple[OutputRecord, Manifest]]] = {}
        for row in self._reader.find_wanted(_MADE, list(dict.fromkeys(job_names)), workspace=workspace):
            output = output_of(row)
            found.setdefault(output.job_name, []).append((output, unpack_manifest(row.manifest)))
        return found


def _select(*conditions: Any) -> Select[Any]:
    """Select results; the parts are those of the step that was really run."""
    return (
        select(*_COLUMNS, func.coalesce(_sources.c.parts, _results.c.parts).label("parts"))
        .outerjoin_from(_results, _sources, _sources.c.job_name == _results.c.source_job)
        .where(*conditions)
    )


def _newest() -> Select[Any]:
    others = tables.results.alias("others")
    last = (
        select(func.max(others.c.ended_at_ms))
        .where(others.c.workspace == _WORKSPACE, others.c.step_sha256 == _results.c.step_sha256)
        .correlate(_results)
        .scalar_subquery()
    )
    return _select(
        _results.c.workspace == _WORKSPACE, _results.c.ended_at_ms == last, _results.c.step_sha256.in_(_WANTED)
    )


# Asked for each step before it starts, so made once.
_WORKSPACE: BindParameter[str] = bindparam("workspace")
_WANTED: BindParameter[bytes] = bindparam("wanted", expanding=True)
_FIND = select(*_COLUMNS, literal_column("NULL").label("parts")).where(
    _results.c.workspace == _WORKSPACE,
    _results.c.ended_at_ms.is_not(None),
    # Word for word as the index has it: SQLite does not see that `is_reusable = 1` is the same, and would read
    # every result of the workspace.
    literal_column("results.is_reusable"),
    _results.c.source_job.is_(None),
    _results.c.key.in_(_WANTED),
)
_NEWEST = _newest()
_NAMES: BindParameter[str] = bindparam("wanted", expanding=True)
_MADE = select(tables.outputs).where(
    tables.outputs.c.workspace == _WORKSPACE,
    tables.outputs.c.source_job.is_(None),
    tables.outputs.c.job_name.in_(_NAMES),
)


def _result_of(row: Row[Any]) -> ResultRecord:
    return ResultRecord(
        workspace=row.workspace,
        key=row.key.hex(),
        job_name=row.job_name,
        root_name=row.root_name,
        node_id=row.node_id,
        step=row.step,
        ended_at_ms=row.ended_at_ms,
        # A key says enough of its parts; and what a source knew goes with it, if it is removed.
        parts=unpack_tree(row.parts) if row.parts else {},
        is_reusable=bool(row.is_reusable),
        source_job=row.source_job,
    )


def _step_key(step: str) -> bytes:
    return hashlib.sha256(step.encode("utf-8", "surrogatepass")).digest()


def _age(result: ResultRecord) -> tuple[int, str]:
    return (result.ended_at_ms or 0, result.job_name)
