"""
`ports.Store` over SQLite and PostgreSQL.

In:       records of `model/record.py`.
Out:      the same records, later or in another process.
Not here: tables (`tables.py`), SQL text of writes (`statement.py`), lists (`query.py`), rows (`rows.py`).

Invariant: what a write stored when it returned survives a power cut. A write that
raised stored nothing. Every method may be called from any thread.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Table, func, or_, select

from pipeyard.model.asset_record import AuditEntry
from pipeyard.model.assets import DatastoreUri, Manifest
from pipeyard.model.errors import Bug, Conflict, NotFound
from pipeyard.model.record import (
    BUILT_IN_DATASTORES,
    Batch,
    ComputeRecord,
    DatastoreRecord,
    EventRecord,
    JobChange,
    JobCounts,
    JobFilter,
    JobRecord,
    OutputRecord,
    Submission,
    UploadRecord,
    WebCopy,
)
from pipeyard.model.reuse import ResultRecord
from pipeyard.model.status import JobStatus
from pipeyard.model.tracking import RUN
from pipeyard.store import query, rows, tables
from pipeyard.store.asset_statement import AssetStatements
from pipeyard.store.asset_write import AssetWrites
from pipeyard.store.assets import SqlAssets
from pipeyard.store.connect import open_engine, parse_url, sqlite_url
from pipeyard.store.drafts import SqlDrafts
from pipeyard.store.lineage import SqlLineage
from pipeyard.store.packing import unpack_manifest
from pipeyard.store.reader import Reader
from pipeyard.store.results import SqlResults, end_params, manifest_params, result_params
from pipeyard.store.statement import Statement
from pipeyard.store.tidy import SqlTidy
from pipeyard.store.tracking import SqlTracking
from pipeyard.store.upgrade import prepare_database
from pipeyard.store.writer import Transaction, Writer

T = TypeVar("T")

_JOBS_AT_ONCE = 500
_UNFINISHED = [status.value for status in JobStatus if not status.is_terminal]


def open_store(where: str | Path) -> SqlStore:
    """
    Return the store at an address, or in the SQLite file at a path.

    The database is made or migrated first (`upgrade.py`). Raises `StoreError`;
    code `newer-home` when a newer version of Pipeyard has used it.
    """
    url = where if isinstance(where, str) and "://" in where else sqlite_url(where)
    prepare_database(url)
    return SqlStore(url)


class SqlStore:
    """Jobs and what belongs to them, in a database that is ready for use."""

    def __init__(self, url: str) -> None:
        """Take an address; nothing is connected before the first use."""
        parsed = parse_url(url)
        self._writing = open_engine(parsed)
        self._reading = open_engine(parsed, read_only=True)
        self._reader = Reader(self._reading)
        self._results = SqlResults(self._reader)
        self._writer = Writer(self._writing)
        self._write = self._writer.statements
        self._write_assets = AssetStatements(self._writing.dialect)
        # The other ports of a database, over the same connections.
        self.assets = SqlAssets(self._reader, self._writer, self._write_assets)
        self.tidy = SqlTidy(self._reader, self._writer, self._write_assets, self._writing.dialect)
        self.tracking = SqlTracking(self._reader, self._writer, self._writing.dialect)
        self.lineage = SqlLineage(self._reader)
        self.drafts = SqlDrafts(self._reader, self._writer, self._writing.dialect)

    def close(self) -> None:
        """Close every connection. The last one folds SQLite's write-ahead log into the file."""
        self._reading.dispose()
        self._writer.close()
        self._writing.dispose()

    # --- jobs ----------------------------------------------------------------------------

    def commit(self, batch: Batch) -> None:
        """Store a whole batch durably, or raise and store nothing. `Conflict` if a job name is taken."""
        # Made before the transaction begins, so that the lock is held for the database's work only. All records
        # of a large job at once would be more than the job itself: the rest of them is made part by part.
        jobs = [rows.job_params(job) for job in batch.jobs[:_JOBS_AT_ONCE]]
        tags = [row for job in batch.jobs for row in rows.tag_params(job.name, job.tags)]
        changes = _changes_by_columns(batch.changes)
        new_tags = _changed_tags(batch.changes)
        submissions = [rows.submission_params(submission) for submission in batch.submissions]
        events = [rows.event_params(event) for event in batch.events]
        outputs = [rows.output_params(output, manifest) for output, manifest in batch.outputs]
        decided = [result_params(result) for result in batch.results]
        completed = [end_params(end) for end in batch.ended_results]
        manifests = [manifest_params(*seen) for seen in batch.manifests]
        submitted = {submission.root_name for submission in batch.submissions}
        with self._writer.transaction() as transaction:
            writes = AssetWrites(transaction, self._write_assets)
            for workspace in sorted({job.workspace for job in batch.jobs if job.name in submitted}):
                writes.hold_workspace(workspace)
            self._insert_jobs(transaction, jobs, batch.jobs)
            for start in range(_JOBS_AT_ONCE, len(batch.jobs), _JOBS_AT_ONCE):
                some = [rows.job_params(job) for job in batch.jobs[start : start + _JOBS_AT_ONCE]]
                self._insert_jobs(transaction, some, batch.jobs)
            _run_all(transaction, self._write.insert_tag, tags)
            _run_all(transaction, self._write.insert_submission, submissions)
            for columns, params in changes.items():
                _run_all(transaction, self._write.change_job(columns), params)
            transaction.run(self._write.delete_tags, [{"job_name": name} for name in new_tags])
            _run_all(
                transaction,
                self._write.insert_tag,
                [row for name, changed in new_tags.items() for row in rows.tag_params(name, changed)],
            )
            _run_all(transaction, self._write.insert_event, events)
            _run_all(transaction, self._write.save_output, outputs)
            transaction.run(self._write.save_result, decided)
            transaction.run(self._write.end_result, completed)
            # What was looked at may have been removed meanwhile.
            transaction.run(self._write.change_manifest, manifests)
            writes.add_uses(batch.uses)
            writes.add_output_uses(batch.output_uses)
            writes.add_outputs(batch.assets)
            writes.add_audit(batch.audit)

    def _insert_jobs(self, transaction: Transaction, jobs: list[rows.Params], batch: Sequence[JobRecord]) -> None:
        """Insert some jobs of a batch."""
        try:
            transaction.run(self._write.insert_job, jobs)
        except self._writer.integrity_error as problem:
            taken = self._first_taken([job.name for job in batch])
            if taken is None:
                raise
            raise Conflict(
                f"a job called `{taken}` exists already",
                code="job-exists",
                hint="choose another name, or leave `name` out to be given one",
            ) from problem

    def _first_taken(self, names: Sequence[str]) -> str | None:
        """Return a name that is stored already, or that the batch itself holds twice."""
        seen: set[str] = set()
        for name in names:
            if name in seen:
                return name
            seen.add(name)
        stored = self._reader.find_in(tables.jobs.c.name, names, select(tables.jobs.c.name))
        return min((row.name for row in stored), default=None)

    def load_job(self, workspace: str, name: str) -> JobRecord | None:
        """Return one job, root or child."""
        jobs = tables.jobs
        statement = select(*query.COLUMNS).where(jobs.c.name == name, jobs.c.workspace == workspace)
        row = self._reader.first(statement)
        return None if row is None else rows.job_of(row)

    def list_jobs(
        self, workspace: str, which: JobFilter, *, limit: int, before: tuple[int, str] | None = None
    ) -> Sequence[JobRecord]:
        """Return jobs in `which.order` (children: by position); *before* is (created_at_ms, name) of the last one seen."""
        with self._reader.connection() as connection:
            found = query.find_jobs(connection, workspace, which, limit=limit, before=before)
        return tuple(rows.job_of(row) for row in found)

    def count_jobs(self, workspace: str, which: JobFilter, *, experiments: int) -> JobCounts:
        """Return how many root jobs there are; of the filter only archive state and experiment count."""
        with self._reader.connection() as connection:
            return query.count_jobs(connection, workspace, which, experiments=experiments)

    def load_tree(self, workspace: str, root_name: str) -> Sequence[JobRecord]:
        """Return a root job and everything below it that is in its graph: parents before children, by position."""
        jobs = tables.jobs
        statement = select(*query.COLUMNS).where(jobs.c.root_name == root_name, jobs.c.workspace == workspace)
        # A run that a step began is no part of the graph, unless it is asked for itself.
        statement = statement.where(or_(jobs.c.kind != RUN, jobs.c.name == root_name))
        return tuple(_in_tree_order([rows.job_of(row) for row in self._reader.all(statement)]))

    def load_events(self, workspace: str, root_name: str, *, after: int = 0) -> Sequence[EventRecord]:
        """Return the facts with `seq` above *after*, in order."""
        events = tables.events
        statement = (
            select(events)
            .where(events.c.root_name == root_name, events.c.workspace == workspace, events.c.seq > after)
            .order_by(events.c.seq)
        )
        return tuple(rows.event_of(row) for row in self._reader.all(statement))

    def load_submission(self, workspace: str, root_name: str) -> Submission | None:
        """Return what was submitted."""
        table = tables.submissions
        row = self._reader.first(select(table).where(table.c.root_name == root_name, table.c.workspace == workspace))
        return None if row is None else rows.submission_of(row)

    def unfinished(self) -> Sequence[JobRecord]:
        """Return jobs of all workspaces with a history of their own that are not at their end, oldest first."""
        jobs = tables.jobs
        statement = (
            select(*query.COLUMNS)
            # A run of somebody's script has no history, and nobody but the script ends it.
            .where(jobs.c.name == jobs.c.root_name, jobs.c.status.in_(_UNFINISHED), jobs.c.kind != RUN)
            .order_by(jobs.c.created_at_ms, jobs.c.name)
        )
        return tuple(rows.job_of(row) for row in self._reader.all(statement))

    # --- outputs -------------------------------------------------------------------------

    def load_outputs(self, workspace: str, job_name: str) -> Sequence[OutputRecord]:
        """Return what is known of a job's outputs, by name."""
        table = tables.outputs
        columns = [column for column in table.c if column.name != "manifest"]
        statement = select(*columns).where(table.c.job_name == job_name, table.c.workspace == workspace)
        return tuple(rows.output_of(row) for row in self._reader.all(statement.order_by(table.c.output)))

    def load_manifest(self, workspace: str, job_name: str, output: str) -> Manifest | None:
        """Return the files of one output."""
        table, written = tables.outputs, tables.outputs.alias("written")
        writer = func.coalesce(table.c.source_job, table.c.job_name)
        # By its place: what a loop takes from a step inside it may have another name there.
        is_there = (written.c.datastore == table.c.datastore) & (written.c.path == table.c.path)
        of_writer = (written.c.job_name == writer) & is_there
        row = self._reader.first(
            select(written.c.manifest)
            .join_from(table, written, of_writer)
            .where(table.c.job_name == job_name, table.c.output == output, table.c.workspace == workspace)
        )
        return None if row is None else unpack_manifest(row.manifest)

    # --- results -------------------------------------------------------------------------

    def find_results(self, workspace: str, keys: Sequence[str]) -> Mapping[str, Sequence[ResultRecord]]:
        """Return for each key the results that may be reused, newest first; without their parts."""
        return self._results.find(workspace, keys)

    def nearest_results(self, workspace: str, step: str, limit: int) -> Sequence[ResultRecord]:
        """Return the completed results of a step, newest first."""
        return self._results.nearest(workspace, step, limit)

    def newest_results(self, workspace: str, steps: Sequence[str]) -> Mapping[str, ResultRecord]:
        """Return the newest completed result of each of many steps."""
        return self._results.newest(workspace, steps)

    def result_of(self, workspace: str, job_name: str) -> ResultRecord | None:
        """Return what is known of one step, whether it has completed or not."""
        return self._results.of_job(workspace, job_name)

    def results_of_root(self, workspace: str, root_name: str) -> Sequence[ResultRecord]:
        """Return what is known of every step of a job about which it was decided."""
        return self._results.of_root(workspace, root_name)

    def load_made(
        self, workspace: str, job_names: Sequence[str]
    ) -> Mapping[str, Sequence[tuple[OutputRecord, Manifest]]]:
        """Return the outputs that jobs wrote themselves, with their files."""
        return self._results.outputs_of(workspace, job_names)

    # --- uploads -------------------------------------------------------------------------

    def save_upload(self, workspace: str, upload: UploadRecord, manifest: Manifest) -> None:
        """Remember a complete upload; the same digest and name twice is no error."""
        params = rows.upload_params(workspace, upload, manifest)
        files = rows.upload_file_params(workspace, upload, manifest)
        with self._writer.transaction() as transaction:
            transaction.run(self._write.save_upload, [params])
            transaction.run(self._write.save_upload_file, files)

    def find_upload(self, workspace: str, digest: str, name: str) -> UploadRecord | None:
        """Return a complete upload by what is in it and what it is called."""
        table = tables.uploads
        columns = [column for column in table.c if column.name != "manifest"]
        row = self._reader.first(
            select(*columns).where(table.c.workspace == workspace, table.c.digest == digest, table.c.name == name)
        )
        return None if row is None else rows.upload_of(row)

    def load_upload_manifest(self, workspace: str, digest: str) -> Manifest | None:
        """Return the files of an upload."""
        table = tables.uploads
        statement = select(table.c.manifest).where(table.c.workspace == workspace, table.c.digest == digest)
        row = self._reader.first(statement.order_by(table.c.name).limit(1))
        return None if row is None else unpack_manifest(row.manifest)

    def find_files(self, workspace: str, sha256s: Sequence[str]) -> Mapping[str, DatastoreUri]:
        """Return a place for each of those file contents that an upload already holds."""
        table = tables.upload_files
        statement = select(table.c.sha256, table.c.datastore, table.c.path).where(table.c.workspace == workspace)
        keys = [bytes.fromhex(sha256) for sha256 in dict.fromkeys(sha256s)]
        found = self._reader.find_in(table.c.sha256, keys, statement)
        return {row.sha256.hex(): DatastoreUri(row.datastore, row.path) for row in found}

    # --- computes, datastores, Web copies ------------------------------------------------

    def save_compute(self, compute: ComputeRecord, audit: AuditEntry | None = None) -> None:
        """Create a compute or change it."""
        with self._writer.transaction() as transaction:
            transaction.run(self._write.save_compute, [rows.compute_params(compute)])
            self._append(transaction, audit)

    def load_compute(self, workspace: str, name: str) -> ComputeRecord | None:
        """Return one compute."""
        row = self._reader.first(_named(tables.computes, workspace).where(tables.computes.c.name == name))
        return None if row is None else rows.compute_of(row)

    def list_computes(self, workspace: str) -> Sequence[ComputeRecord]:
        """Return every compute, by name."""
        return tuple(rows.compute_of(row) for row in self._reader.all(_named(tables.computes, workspace)))

    def delete_compute(self, workspace: str, name: str, audit: AuditEntry | None = None) -> None:
        """Forget a compute; `NotFound` if there is none."""
        with self._writer.transaction() as transaction:
            if not transaction.run(self._write.delete_compute, [{"workspace": workspace, "name": name}]):
                raise NotFound(f"there is no compute called `{name}`", hint="`pipeyard compute list` shows them")
            self._append(transaction, audit)

    def list_datastores(self, workspace: str) -> Sequence[DatastoreRecord]:
        """Return every datastore, built-in ones first."""
        found = [rows.datastore_of(row) for row in self._reader.all(_named(tables.datastores, workspace))]
        order = {name: place for place, name in enumerate(BUILT_IN_DATASTORES)}
        return tuple(sorted(found, key=lambda datastore: order.get(datastore.name, len(order))))

    def save_datastore(self, datastore: DatastoreRecord, audit: AuditEntry | None = None) -> None:
        """Create a datastore or change it."""
        with self._writer.transaction() as transaction:
            transaction.run(self._write.save_datastore, [rows.datastore_params(datastore)])
            self._append(transaction, audit)

    def delete_datastore(self, workspace: str, name: str, audit: AuditEntry | None = None) -> None:
        """Forget a datastore; `NotFound` if there is none."""
        with self._writer.transaction() as transaction:
            if not transaction.run(self._write.delete_datastore, [{"workspace": workspace, "name": name}]):
                raise NotFound(f"there is no datastore called `{name}`", hint="`pipeyard datastore list` shows them")
            self._append(transaction, audit)

    def _append(self, transaction: Transaction, entry: AuditEntry | None) -> None:
        if entry is not None:
            AssetWrites(transaction, self._write_assets).add_audit([entry])

    def save_web_copy(self, workspace: str, copy: WebCopy) -> None:
        """Remember what a URL held."""
        with self._writer.transaction() as transaction:
            transaction.run(self._write.save_web_copy, [rows.web_copy_params(workspace, copy)])

    def load_web_copy(self, workspace: str, url: str) -> WebCopy | None:
        """Return what a URL held when last looked at."""
        table = tables.web_copies
        row = self._reader.first(
            select(table).where(table.c.workspace == workspace, table.c.url_sha256 == rows.url_key(url))
        )
        return None if row is None else rows.web_copy_of(row)


def _named(table: Table, workspace: str) -> Any:
    return select(table).where(table.c.workspace == workspace).order_by(table.c.name)


def _run_all(transaction: Transaction, statement: Statement, params: Sequence[rows.Params]) -> None:
    """Run a statement that must touch one row for each set of parameters."""
    if params and transaction.run(statement, params) != len(params):
        raise Bug(f"a row of `{statement.table}` was to be written for a job that is not stored")


def _changes_by_columns(changes: Sequence[JobChange]) -> dict[tuple[str, ...], list[rows.Params]]:
    """Return one change for each job (later values win), grouped so that each group is one statement."""
    merged: dict[str, dict[str, Any]] = {}
    for change in changes:
        merged.setdefault(change.name, {}).update(change.values)
    groups: dict[tuple[str, ...], list[rows.Params]] = {}
    for name, values in merged.items():
        if values:
            groups.setdefault(tuple(sorted(values)), []).append(rows.change_params(name, values))
    return groups


def _changed_tags(changes: Sequence[JobChange]) -> dict[str, Mapping[str, Any]]:
    return {change.name: change.values["tags"] for change in changes if "tags" in change.values}


def _in_tree_order(found: list[JobRecord]) -> Iterator[JobRecord]:
    """Yield parents before children, siblings by position; without recursion, for any depth."""
    names = {job.name for job in found}
    below: dict[str | None, list[JobRecord]] = {}
    for job in sorted(found, key=lambda job: (job.position, job.name), reverse=True):
        below.setdefault(job.parent_name if job.parent_name in names else None, []).append(job)
    waiting = below.get(None, [])
    while waiting:
        job = waiting.pop()
        yield job
        waiting += below.get(job.name, [])
