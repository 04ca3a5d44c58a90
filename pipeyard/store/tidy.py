"""
`ports.TidyStore` over SQLite and PostgreSQL: what is kept, and that it is kept no longer.

In:       the store's own connections.
Out:      `model/tidy.py`'s values; rows marked or removed.
Not here: deciding (`service/tidy.py`), files (`datastore/trash.py`).

Invariant: rows say that files are gone before they go, so no row ever promises what is not there.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any

from sqlalchemy import Dialect, Table, and_, bindparam, delete, func, literal_column, or_, select, update

from pipeyard.model.asset_record import AuditEntry
from pipeyard.model.assets import DatastoreUri
from pipeyard.model.status import JobStatus
from pipeyard.model.tidy import AttemptEnd, Mentions, RegisteredPlaces, RootUse, StoredOutput, StoredUpload, mentions_of
from pipeyard.store import tables
from pipeyard.store.asset_statement import AssetStatements
from pipeyard.store.asset_tables import asset_versions
from pipeyard.store.asset_write import AssetWrites
from pipeyard.store.draft_tables import draft_contents, draft_revisions, draft_uses, drafts
from pipeyard.store.packing import unpack_tree
from pipeyard.store.reader import Reader
from pipeyard.store.statement import Statement
from pipeyard.store.writer import Transaction, Writer

# Of facts by which an attempt's folder holds what is nowhere else.
_NOT_STORED = "OutputsNotStored"
_TAKEN = "SlotsTaken"
# Nothing follows in the attempt; its node may wait for the next try.
_ENDED = ("OutputsStored", "AttemptLost", "PreparationFailed", _NOT_STORED)
_ROWS_AT_A_TIME = 200
# Of drafts: a file may be as large as all of its draft's may be.
_FILES_AT_A_TIME = 4


class SqlTidy:
    """What there is, as far as it may be freed."""

    def __init__(self, reader: Reader, writer: Writer, assets: AssetStatements, dialect: Dialect) -> None:
        """Take the store's own connections."""
        self._reader = reader
        self._writer = writer
        self._assets = assets
        outputs, uploads, files = tables.outputs, tables.uploads, tables.upload_files
        self._mark = _compiled(
            update(outputs)
            .where(
                outputs.c.job_name == bindparam("of_job"),
                outputs.c.output == bindparam("of_output"),
                outputs.c.removed_at_ms.is_(None),
            )
            .values(state=bindparam("new_state"), removed_at_ms=bindparam("at_ms")),
            outputs,
            dialect,
        )
        self._forget_upload = _compiled(
            delete(uploads).where(
                uploads.c.workspace == bindparam("workspace"),
                uploads.c.digest == bindparam("digest"),
                uploads.c.name == bindparam("name"),
            ),
            uploads,
            dialect,
        )
        self._forget_files = _compiled(
            delete(files).where(
                files.c.workspace == bindparam("workspace"),
                files.c.datastore == bindparam("datastore"),
                or_(
                    files.c.path == bindparam("path"),
                    func.substr(files.c.path, literal_column("1"), bindparam("length")) == bindparam("below"),
                ),
            ),
            files,
            dialect,
        )
        self._places = _compiled(
            select(asset_versions.c.workspace, asset_versions.c.datastore, asset_versions.c.path).where(
                asset_versions.c.path.is_not(None)
            ),
            asset_versions,
            dialect,
        )

    # --- what there is ---------------------------------------------------------------------

    def roots(self) -> Sequence[RootUse]:
        """
        Return every job with a history of its own, of every workspace.

        A child of a control node counts as its parent does: it may be needed as long as that goes on.
        """
        jobs, submissions = tables.jobs, tables.submissions
        statement = (
            select(
                jobs.c.workspace,
                jobs.c.name,
                jobs.c.status,
                jobs.c.is_archived,
                jobs.c.created_at_ms,
                jobs.c.ended_at_ms,
                jobs.c.detail,
                jobs.c.parent_name,
                submissions.c.body,
            )
            .select_from(jobs.outerjoin(submissions, submissions.c.root_name == jobs.c.name))
            .where(jobs.c.name == jobs.c.root_name)
            # Parents before their children.
            .order_by(jobs.c.created_at_ms, jobs.c.parent_name.is_not(None), jobs.c.name)
        )
        found: dict[str, RootUse] = {}
        for row in self._all(statement):
            use = RootUse(
                row.workspace,
                row.name,
                JobStatus(row.status),
                row.is_archived,
                row.created_at_ms,
                row.ended_at_ms,
                mentions_of(f"{row.detail}\n{_text_of(row.body)}"),
            )
            parent = None if row.parent_name is None else found.get(json.loads(row.detail)["child"]["of_root"])
            found[row.name] = use if parent is None else _as_parent(use, parent, row.parent_name)
        return tuple(found.values())

    def outputs(self) -> Sequence[StoredOutput]:
        """Return every row about an output that was not removed."""
        return self._outputs(tables.outputs.c.state != "removed")

    def removed_outputs(self) -> Sequence[StoredOutput]:
        """Return the rows that were marked as removed."""
        return self._outputs(tables.outputs.c.state == "removed")

    def _outputs(self, which: Any) -> Sequence[StoredOutput]:
        outputs, jobs = tables.outputs, tables.jobs
        columns = [column for column in outputs.c if column.name != "manifest"]
        statement = (
            select(*columns, jobs.c.root_name)
            .select_from(outputs.join(jobs, jobs.c.name == outputs.c.job_name))
            .where(which)
        )
        return tuple(
            StoredOutput(
                row.workspace,
                row.job_name,
                row.output,
                row.root_name,
                row.source_job,
                DatastoreUri(row.datastore, row.path),
                row.state,
                row.size,
                row.file_count,
            )
            for row in self._all(statement)
        )

    def uploads(self) -> Sequence[StoredUpload]:
        """Return every upload."""
        columns = [column for column in tables.uploads.c if column.name != "manifest"]
        return tuple(
            StoredUpload(
                row.workspace, row.digest, row.name, DatastoreUri(row.datastore, row.path), row.size, row.file_count
            )
            for row in self._all(select(*columns))
        )

    def registered(self) -> RegisteredPlaces:
        """Return what registered versions need, archived ones too."""
        table = asset_versions
        places: set[tuple[str, DatastoreUri]] = set()
        uploads: set[str] = set()
        jobs: set[str] = set()
        columns = (table.c.workspace, table.c.datastore, table.c.path, table.c.content, table.c.body)
        for row in self._all(select(*columns)):
            if row.datastore is not None and row.path is not None:
                places.add((row.workspace, DatastoreUri(row.datastore, row.path)))
            said = mentions_of(f"{row.path}\n{row.content}\n{_text_of(row.body)}")
            uploads |= said.uploads
            jobs |= said.jobs
        return RegisteredPlaces(frozenset(places), Mentions(frozenset(uploads), frozenset(jobs)))

    def drafted(self) -> Mentions:
        """Return what drafts speak of that were not put away, in any state that is kept of them."""
        is_active = drafts.c.is_archived.is_(False)
        revisions = (
            select(draft_revisions.c.body)
            .join(
                drafts,
                and_(drafts.c.workspace == draft_revisions.c.workspace, drafts.c.id == draft_revisions.c.draft_id),
            )
            .where(is_active)
        )
        of_active = (
            select(draft_uses.c.sha256)
            .join(drafts, and_(drafts.c.workspace == draft_uses.c.workspace, drafts.c.id == draft_uses.c.draft_id))
            .where(
                is_active,
                draft_uses.c.workspace == draft_contents.c.workspace,
                draft_uses.c.sha256 == draft_contents.c.sha256,
            )
        )
        files = select(draft_contents.c.body).where(of_active.exists())
        texts = chain(
            (unpack_tree(row.body)["text"] for row in self._all(revisions)),
            (bytes(row.body).decode("utf-8", "replace") for row in self._all(files, at_a_time=_FILES_AT_A_TIME)),
        )
        uploads: set[str] = set()
        jobs: set[str] = set()
        for said in map(mentions_of, texts):
            uploads |= said.uploads
            jobs |= said.jobs
        return Mentions(frozenset(uploads), frozenset(jobs))

    def attempt_ends(self, attempt_ids: Collection[str]) -> Mapping[str, AttemptEnd]:
        """Return what is known of attempts; of one that nobody knows there is nothing."""
        wanted: dict[str, list[tuple[str, int]]] = {}
        for attempt_id in attempt_ids:
            job_name, _, number = attempt_id.rpartition(".")
            if job_name and number.isascii() and number.isdigit():
                wanted.setdefault(job_name, []).append((attempt_id, int(number)))
        jobs = tables.jobs
        columns = (jobs.c.name, jobs.c.root_name, jobs.c.node_id, jobs.c.status, jobs.c.ended_at_ms)
        found: dict[str, AttemptEnd] = {}
        for row in self._reader.find_in(jobs.c.name, list(wanted), select(*columns)):
            told = self._told(row.root_name, row.node_id)
            newest = max((taken for kind, taken in told if kind == _TAKEN), default=0)
            for attempt_id, tried in wanted[row.name]:
                found[attempt_id] = AttemptEnd(
                    is_over=JobStatus(row.status).is_terminal
                    or tried < newest
                    or any((kind, tried) in told for kind in _ENDED),
                    is_unstored=(_NOT_STORED, tried) in told,
                    ended_at_ms=row.ended_at_ms,
                )
        return found

    def _told(self, root_name: str, node_id: str) -> set[tuple[str, int]]:
        events = tables.events
        statement = select(events.c.kind, events.c.attempt).where(
            events.c.root_name == root_name,
            events.c.node_id == node_id,
            events.c.kind.in_((*_ENDED, _TAKEN)),
        )
        return {(row.kind, row.attempt) for row in self._reader.all(statement)}

    def _all(self, statement: Any, *, at_a_time: int = _ROWS_AT_A_TIME) -> Iterator[Any]:
        # Not all rows in memory at once: a submission may be large.
        with self._reader.connection() as connection:
            for rows in connection.execute(statement).partitions(at_a_time):
                yield from rows

    # --- freeing -----------------------------------------------------------------------------

    def free_outputs(self, outputs: Sequence[StoredOutput], at_ms: int, audit: AuditEntry) -> Sequence[StoredOutput]:
        """Mark rows as `removed` and return those that were, but for those in whose place a version lies."""
        with self._writer.transaction() as transaction:
            held = _Held(transaction.rows(self._places, {}))
            freed = [output for output in outputs if not held.has(output)]
            transaction.run(
                self._mark,
                [
                    {"of_job": row.job_name, "of_output": row.output, "new_state": "removed", "at_ms": at_ms}
                    for row in freed
                ],
            )
            self._note(transaction, audit, len(freed))
        return freed

    def forget_uploads(self, uploads: Sequence[StoredUpload], audit: AuditEntry) -> Sequence[StoredUpload]:
        """Forget uploads and return those that were forgotten: their files are to be sent again."""
        with self._writer.transaction() as transaction:
            held = _Held(transaction.rows(self._places, {}))
            freed = [upload for upload in uploads if not held.has(upload)]
            for upload in freed:
                key = {"workspace": upload.workspace, "digest": upload.digest, "name": upload.name}
                transaction.run(self._forget_upload, [key])
                below = f"{upload.uri.path.rstrip('/')}/"
                place = {"workspace": upload.workspace, "datastore": upload.uri.datastore, "path": below[:-1]}
                transaction.run(self._forget_files, [{**place, "below": below, "length": len(below)}])
            self._note(transaction, audit, len(freed))
        return freed

    def _note(self, transaction: Transaction, audit: AuditEntry, count: int) -> None:
        if count:
            AssetWrites(transaction, self._assets).add_audit([audit])


def _as_parent(child: RootUse, parent: RootUse, step: str) -> RootUse:
    return replace(
        child,
        status=parent.status,
        is_archived=child.is_archived or parent.is_archived,
        ended_at_ms=parent.ended_at_ms,
        above=parent.above | {parent.name, step},
    )


def _compiled(statement: Any, table: Table, dialect: Dialect) -> Statement:
    return Statement(str(statement.compile(dialect=dialect)), table.name)


def _text_of(body: bytes | None) -> str:
    return "" if body is None else json.dumps(unpack_tree(body), ensure_ascii=False)


class _Held:
    """Places in which registered versions lie."""

    def __init__(self, places: Iterable[tuple[Any, ...]]) -> None:
        self._places: set[tuple[str, ...]] = set()
        self._around: set[tuple[str, ...]] = set()
        for workspace, datastore, path in places:
            parts = (workspace, datastore, *path.strip("/").split("/"))
            self._places.add(parts)
            self._around |= {parts[:length] for length in range(len(parts) + 1)}

    def has(self, thing: StoredOutput | StoredUpload) -> bool:
        """Return whether a version lies in a place, below it or around it."""
        parts = (thing.workspace, thing.uri.datastore, *thing.uri.path.strip("/").split("/"))
        return parts in self._around or any(parts[:length] in self._places for length in range(len(parts) + 1))
