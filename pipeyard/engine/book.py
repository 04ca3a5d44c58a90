"""
One running job as its records say it, kept in step with the scheduler.

In:       the accepted job; then every fact and move of it, in order.
Out:      changes of job records for the next batch, once per turn.
Not here: deciding anything (`scheduler/`), storing (`loop.py`).

A book lives from submit (or restart) until the job's end is stored.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pipeyard.engine.news import Reuse
from pipeyard.engine.page import NodePage
from pipeyard.engine.plan import plan_of
from pipeyard.engine.shares import share_json, share_of
from pipeyard.graph.model import Graph, NodeId
from pipeyard.model.assets import DatastoreUri
from pipeyard.model.environment import ImagePolicy
from pipeyard.model.instance import Share
from pipeyard.model.record import JobChange, JobRecord, user_log
from pipeyard.model.status import JobStatus
from pipeyard.ports import PreparedEnvironment
from pipeyard.scheduler import event as facts
from pipeyard.scheduler.state import TERMINAL, JobMove, Move, NodeMove, NodeState, group_status, public_status

LOCAL_POOL = "local"


class JobBook:
    """The records of one job and what changed in them since they were last taken."""

    def __init__(self, graph: Graph, records: Sequence[JobRecord], *, seq: int = 0) -> None:
        """Open the book of an accepted job; *seq* is the number of its last stored fact."""
        self.graph = graph
        self.root = records[0]
        # What it takes from a job that it resumes or repeats.
        self.plan = plan_of(self.root, graph)
        self.seq = seq
        self._records = {record.name: record for record in records}
        self._changes: dict[str, dict[str, Any]] = {}
        self._names = {
            record.node_id: record.name for record in records if record is not self.root or not graph.is_pipeline
        }
        self.pages = self._pages()
        self._inside: dict[NodeId, list[NodeId]] = {group: [] for group in graph.groups}
        for node, page in self.pages.items():
            for group in page.groups:
                self._inside[group].append(node)
        self._group_counts = {
            group: Counter({NodeState.WAITING: len(inside)}) for group, inside in self._inside.items()
        }
        self._stale_groups: dict[NodeId, int] = {}

    @property
    def name(self) -> str:
        """Return the root job's name."""
        return self.root.name

    @property
    def workspace(self) -> str:
        """Return the workspace that all of it belongs to."""
        return self.root.workspace

    @property
    def has_changes(self) -> bool:
        """Return whether something changed that was not taken yet."""
        return bool(self._changes)

    def next_seq(self) -> int:
        """Return the number of the next fact."""
        self.seq += 1
        return self.seq

    # --- what happened -----------------------------------------------------------------------

    def note_fact(self, fact: facts.Event) -> None:
        """Remember what a fact says beyond the move that it causes."""
        if isinstance(fact, facts.AttemptStarted):
            self.pages[fact.node].ways = fact.ways
            self.pages[fact.node].ran = fact.attempt
        elif isinstance(fact, facts.AttemptExited):
            self.pages[fact.node].exited = fact
            self.pages[fact.node].ran = fact.attempt
        elif isinstance(fact, facts.AttemptLost):
            self.pages[fact.node].ran = fact.attempt
        elif isinstance(fact, facts.ReuseFound):
            self.pages[fact.node].source_job = fact.source_job
        elif isinstance(fact, facts.BranchChosen):
            taken = "true_block" if fact.takes else "false_block"
            said = f"its condition is {str(fact.takes).lower()}: it took `{taken}`"
            reuse = {
                "decision": "ran",
                "source_job": None,
                "reasons": [{"code": "decides", "message": said}],
                "key": None,
            }
            self.note_control(fact.node, {"choice": {"condition": fact.takes, "taken": taken}, "reuse": reuse})

    def log_of(self, node: NodeId, attempt: int | None = None) -> DatastoreUri:
        """Return the log that tells most of a step's newest run: of several processes that of the first that failed."""
        page = self.pages[node]
        rank = 0 if page.exited is None or page.exited.rank is None else page.exited.rank
        return user_log(page.job_name, attempt, rank if self.graph.nodes[node].process_count > 1 else None)

    def note_moves(self, moves: Iterable[Move]) -> None:
        """Write moves into the records."""
        for move in moves:
            if isinstance(move, NodeMove):
                self._note_place(move)
                self._note_step(move)
            elif self.graph.is_pipeline:
                self._note_job(move)

    def replay(self, moves: Iterable[Move]) -> None:
        """Follow moves whose effect on the records is stored already."""
        for move in moves:
            if isinstance(move, NodeMove):
                self._note_place(move)
        self._stale_groups.clear()

    def warn(self, node: NodeId, message: str) -> None:
        """Keep a plain warning on a step, and once on its job."""
        page = self.pages[node]
        if message in page.warnings:
            return
        page.warnings = (*page.warnings, message)
        warnings = self._detail(self.root.name).get("warnings") or []
        if all(one.get("message") != message for one in warnings):
            warning = {"code": "environment", "severity": "warning", "message": message}
            self._change_detail(self.root.name, {"warnings": [*warnings, warning]})

    def note_environment(self, node: NodeId, prepared: PreparedEnvironment) -> None:
        """Keep on a step what it runs in, and on the job, once, what was installed there."""
        if prepared.warning is not None:
            self.warn(node, prepared.warning)
        if not prepared.digest:
            return
        page = self.pages[node]
        self._change_detail(page.job_name, {"environment_digest": prepared.digest})
        known = self._detail(self.root.name).get("environments") or {}
        if prepared.digest not in known:
            kept = {"resolved_by": prepared.strategy, "lock": prepared.lock.splitlines()}
            if prepared.substitutions:
                kept["substitutions"] = list(prepared.substitutions)
            self._change_detail(self.root.name, {"environments": {**known, prepared.digest: kept}})

    def note_reuse(self, node: NodeId, reuse: Reuse) -> None:
        """Keep on a step what was found out about reuse."""
        page = self.pages[node]
        found: dict[str, Any] = {
            "decision": "ran" if page.source_job is None else "reused",
            "source_job": page.source_job,
            "reasons": [reason.json() for reason in reuse.reasons],
            "key": None if reuse.result is None else reuse.result.key,
        }
        if reuse.registered:
            found["registered"] = reuse.registered
        page.reuse, page.read = found, reuse.read
        if reuse.result is not None:
            page.may_give = reuse.result.is_reusable
        if page.source_job is not None:
            page.outputs |= {output.output: output for output in reuse.outputs}
            properties = {"azureml.isreused": "true", "azureml.reusedrunid": page.source_job}
            values = self._changes.setdefault(page.job_name, {})
            values["properties"] = {**self._records[page.job_name].properties, **properties}

    def record_of(self, node: NodeId) -> JobRecord:
        """Return the record of a step as it was when the last changes were taken."""
        return self._records[self._names[node]]

    def note_control(self, node: NodeId, detail: Mapping[str, Any]) -> None:
        """Keep on a control node's record how far its children are."""
        self._change_detail(self.pages[node].job_name, detail)

    def note_transfers(self, node: NodeId, facts: Mapping[str, Any]) -> None:
        """Keep on a step what was brought for it from datastores elsewhere."""
        self._change_detail(self.pages[node].job_name, {"transfers": facts})

    def note_share(self, node: NodeId, share: Share) -> None:
        """Remember what an attempt that is about to be launched has of its compute."""
        page = self.pages[node]
        page.share = share
        # Of this machine as a whole there is nothing to say: any free slot is as good.
        if page.pool != LOCAL_POOL:
            self._change_detail(page.job_name, {"instance": share_json(share)})

    def take_changes(self) -> tuple[tuple[JobChange, ...], tuple[JobRecord, ...]]:
        """Return what changed since the last time, and the changed records as they are now."""
        self._note_groups()
        changes, self._changes = self._changes, {}
        changed = []
        for name, values in changes.items():
            record = self._records[name] = self._records[name].with_(**values)
            changed.append(record)
        self.root = self._records[self.root.name]
        return tuple(JobChange(name, values) for name, values in changes.items()), tuple(changed)

    # --- writing -----------------------------------------------------------------------------

    def _note_place(self, move: NodeMove) -> None:
        page = self.pages[move.node]
        page.attempt = move.attempt
        page.phases[move.after.value] = move.at_ms
        for group in page.groups:
            counts = self._group_counts[group]
            counts[move.before] -= 1
            counts[move.after] += 1
            self._stale_groups[group] = move.at_ms

    def _note_step(self, move: NodeMove) -> None:
        page = self.pages[move.node]
        values = self._changes.setdefault(page.job_name, {})
        status = public_status(move.after)
        if status is not JobStatus.NOT_STARTED:
            values["status"] = status
        if move.before is NodeState.PREPARING and move.after in (NodeState.RUNNING, NodeState.FINALIZING):
            values["started_at_ms"] = move.at_ms
        if move.before is NodeState.CHECKING and page.reuse is not None:
            # Told while it waits for a slot, too.
            self._change_detail(page.job_name, {"reuse": page.reuse})
        if move.after is NodeState.RUNNING and page.ways:
            self._change_detail(page.job_name, {"ways": dict(page.ways)})
        if move.after in TERMINAL:
            self._end_step(move, page, values)
        elif move.after is NodeState.QUEUED and move.error is not None:
            # Why the next try is needed; gone again when that one succeeds.
            values["error"] = dict(move.error)
            self._note_try(move, page, move.error)
        if not values:
            del self._changes[page.job_name]

    def _note_try(self, move: NodeMove, page: NodePage, error: Mapping[str, Any]) -> None:
        """Keep why a try failed that is followed by another, and where its log will be then."""
        kept = {key: error[key] for key in ("attempt", "code", "message", "exit_code", "signal") if key in error}
        if page.ran == move.attempt:
            kept |= {"log": str(self.log_of(move.node, move.attempt)), **page.failure}
        earlier = self._detail(page.job_name).get("tries") or ()
        tries = [*earlier, {**kept, "ended_at_ms": move.at_ms}]
        self._change_detail(page.job_name, {"tries": tries})

    def _end_step(self, move: NodeMove, page: NodePage, values: dict[str, Any]) -> None:
        values["ended_at_ms"] = move.at_ms
        values["error"] = None
        if move.error is not None:
            values["error"] = dict(move.error)
            if page.attempt and move.after is not NodeState.SKIPPED:
                values["error"] = {"log": str(self.log_of(move.node)), **page.failure, **move.error}
        detail: dict[str, Any] = {"attempt": page.attempt, "phases": dict(page.phases)}
        if page.reuse is not None:
            detail["reuse"] = page.reuse
        if page.ways:
            detail["ways"] = dict(page.ways)
        if page.exited is not None:
            detail["exit_code"] = page.exited.exit_code
            detail["duration_seconds"] = page.exited.duration_seconds
            if page.exited.log_dropped is not None:
                detail["log_dropped"] = list(page.exited.log_dropped)
        if page.warnings and page.job_name != self.root.name:
            detail["warnings"] = [
                {"code": "environment", "severity": "warning", "message": message} for message in page.warnings
            ]
        self._change_detail(page.job_name, detail)

    def _note_job(self, move: JobMove) -> None:
        values = self._changes.setdefault(self.root.name, {})
        values["status"] = move.after
        if move.after is JobStatus.RUNNING:
            values["started_at_ms"] = move.at_ms
        if move.after.is_terminal:
            values["ended_at_ms"] = move.at_ms
            values["error"] = None if move.error is None else self._with_reason(move.error)
            self._finalize_outputs(self.root.name)

    def _with_reason(self, error: Mapping[str, Any]) -> dict[str, Any]:
        """Say of a failed job which step's job to look at, and what was wrong there."""
        failed = error.get("failed_step")
        if failed is None:
            return dict(error)
        name = self._names[failed]
        step_error = self._error_of(failed) or {}
        more = {key: step_error[key] for key in ("exit_code", "signal", "log") if step_error.get(key) is not None}
        reason = f": {step_error['message']}" if step_error.get("message") else ""
        return {**error, "message": f"{error['message']}{reason}", "failed_job": name, **more}

    def _note_groups(self) -> None:
        for group, at_ms in self._stale_groups.items():
            name = self._names[group]
            before = self._changes.get(name, {}).get("status", self._records[name].status)
            after = group_status(self._group_counts[group])
            if after is before:
                continue
            values = self._changes.setdefault(name, {})
            values["status"] = after
            if self._records[name].started_at_ms is None and after is not JobStatus.NOT_STARTED:
                values["started_at_ms"] = at_ms
            if after.is_terminal:
                self._end_group(group, name, values, at_ms)
        self._stale_groups.clear()

    def _end_group(self, group: NodeId, name: str, values: dict[str, Any], at_ms: int) -> None:
        values["ended_at_ms"] = at_ms
        if values["status"] is not JobStatus.COMPLETED:
            values["error"] = self._group_error(group)
        self._finalize_outputs(name)

    def _group_error(self, group: NodeId) -> dict[str, Any] | None:
        """Return why a group did not complete: its first failed node, or what stopped the others."""
        errors: dict[str, Mapping[str, Any]] = {}
        for node in self._inside[group]:
            if self._status_of(node) is JobStatus.FAILED:
                return self._with_reason(
                    {"code": "step-failed", "message": f"step `{node}` failed", "failed_step": node}
                )
            error = self._error_of(node)
            if error is not None:
                errors.setdefault(str(error.get("code")), error)
        found = errors.get("canceled") or errors.get("skipped") or errors.get("bypassed")
        return None if found is None else dict(found)

    def _status_of(self, node: NodeId) -> JobStatus:
        name = self._names[node]
        status: JobStatus = self._changes.get(name, {}).get("status", self._records[name].status)
        return status

    def _error_of(self, node: NodeId) -> Mapping[str, Any] | None:
        name = self._names[node]
        error: Mapping[str, Any] | None = self._changes.get(name, {}).get("error", self._records[name].error)
        return error

    def _finalize_outputs(self, name: str) -> None:
        """Say of each output of a pipeline where the step output that it is has been put. Nothing is copied."""
        outputs = self._detail(name).get("outputs") or {}
        shown = {}
        for output, value in outputs.items():
            source = value.get("from") if isinstance(value, Mapping) else None
            page = self.pages.get(source.get("node")) if source else None
            made = page.outputs.get(source["output"]) if source and page is not None else None
            shown[output] = value
            if made is not None and page is not None:
                shown[output] = {**value, "uri": str(made.uri), "state": made.state, "digest": made.digest}
                registered = ((page.reuse or {}).get("registered") or {}).get(made.output)
                if registered is not None:
                    shown[output]["registered"] = registered
        if shown != outputs:
            self._change_detail(name, {"outputs": shown})

    def _detail(self, name: str) -> Mapping[str, Any]:
        changed: Mapping[str, Any] | None = self._changes.get(name, {}).get("detail")
        return self._records[name].detail if changed is None else changed

    def _change_detail(self, name: str, more: Mapping[str, Any]) -> None:
        self._changes.setdefault(name, {})["detail"] = {**self._detail(name), **more}

    def _pages(self) -> dict[NodeId, NodePage]:
        around: dict[NodeId, NodeId] = {
            child: group.id for group in self.graph.groups.values() for child in group.children
        }
        pages = {}
        for node in self.graph.nodes:
            groups = []
            inner = around.get(node)
            while inner is not None:
                groups.append(inner)
                inner = around.get(inner)
            name = self._names[node]
            pool = self._records[name].detail.get("pool") or LOCAL_POOL
            share = share_of(self._records[name].detail.get("instance"))
            policy = self._records[name].detail.get("image_policy") or ImagePolicy.PREFER.value
            pages[node] = NodePage(name, pool, tuple(groups), image_policy=policy, share=share)
        return pages
