"""
`ports.DraftStore` over SQLite and PostgreSQL.

In:       the store's own connections.
Out:      `model/draft_record.py`'s values.
Not here: tables (`draft_tables.py`), rules (`service/drafts.py`).

Invariant: a save stores the revision, its files and the draft's row together, or nothing. Of two
that began with the same revision, one is stored.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Dialect, Row, Select, and_, bindparam, delete, func, insert, literal_column, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from pipeyard.model.assets import AssetKind
from pipeyard.model.draft_record import (
    DraftContent,
    DraftFile,
    DraftFilter,
    DraftRecord,
    DraftRevision,
    Offer,
    Origin,
    Reason,
    thinned,
)
from pipeyard.model.errors import NotFound
from pipeyard.store import tables
from pipeyard.store.draft_tables import draft_contents, draft_revisions, draft_uses, drafts
from pipeyard.store.packing import pack_tree, storable, unpack_tree
from pipeyard.store.palette import offers_of
from pipeyard.store.reader import Reader
from pipeyard.store.rows import Params
from pipeyard.store.statement import Statement
from pipeyard.store.writer import Transaction, Writer

# Old revisions are looked through when so many were saved since the last time.
_THINNED_EVERY = 50
_SUMMARY = [column for column in draft_revisions.c if column.name != "body"]
_CHANGING = [column.name for column in drafts.c if column.name not in ("workspace", "id")]


class SqlDrafts:
    """Drafts and their revisions, in the database that `SqlStore` has opened."""

    def __init__(self, reader: Reader, writer: Writer, dialect: Dialect) -> None:
        """Take the store's own connections."""
        self._reader = reader
        self._writer = writer
        self._write = _Statements(dialect)

    # --- writing -----------------------------------------------------------------------------

    def create_draft(self, draft: DraftRecord, content: DraftContent, contents: Mapping[str, bytes]) -> None:
        """Store a draft, its first revision, and the bytes of its files; `NotFound` if there is no such workspace."""
        first = DraftRevision(
            draft.revision, draft.name, draft.created_at_ms, draft.created_by, Reason.CREATED, content.size
        )
        with self._writer.transaction() as transaction:
            # Held until the end, so that no draft is left in a workspace that goes.
            if not transaction.rows(self._write.lock_workspace, {"workspace": draft.workspace}):
                raise NotFound(f"there is no workspace `{draft.workspace}`")
            transaction.run(self._write.insert_draft, [_draft_params(draft)])
            self._add_content(transaction, draft, content, contents, first)

    def save_draft(
        self,
        draft: DraftRecord,
        content: DraftContent,
        contents: Mapping[str, bytes],
        revision: DraftRevision,
        *,
        before: DraftRecord,
    ) -> bool:
        """Store a new revision, unless the draft is not as it was *before*; return whether that was done."""
        with self._writer.transaction() as transaction:
            if not transaction.run(self._write.change_draft, [_change_params(draft, before)]):
                return False
            self._add_content(transaction, draft, content, contents, revision)
            if revision.revision % _THINNED_EVERY == 0:
                self._thin(transaction, draft)
        return True

    def change_draft(self, draft: DraftRecord, *, before: DraftRecord) -> bool:
        """Change who holds a draft, or whether it is archived; return whether it still was as *before*."""
        with self._writer.transaction() as transaction:
            return bool(transaction.run(self._write.change_draft, [_change_params(draft, before)]))

    def note_job(self, workspace: str, id_: str, revision: int, job: str) -> None:
        """Remember which job a revision became."""
        row = {"of_workspace": workspace, "of_draft": id_, "of_revision": revision}
        with self._writer.transaction() as transaction:
            transaction.run(self._write.note_job, [{**row, "job": job, "reason": Reason.SUBMITTED.value}])

    def delete_draft(self, workspace: str, id_: str) -> bool:
        """Forget a draft with all revisions, and files that no other draft has; return whether it was there."""
        row = {"workspace": workspace, "id": id_}
        with self._writer.transaction() as transaction:
            # Held until the end: no draft that is made meanwhile counts on a content that goes.
            transaction.rows(self._write.hold_workspace, {"workspace": workspace})
            was_there = bool(transaction.run(self._write.delete_draft, [row]))
            transaction.run(self._write.delete_revisions, [row])
            mine = [sha256 for (sha256,) in transaction.rows(self._write.find_uses, row)]
            transaction.run(self._write.delete_uses, [row])
            transaction.run(self._write.delete_unused, [{"workspace": workspace, "sha256": sha256} for sha256 in mine])
        return was_there

    def _add_content(
        self,
        transaction: Transaction,
        draft: DraftRecord,
        content: DraftContent,
        contents: Mapping[str, bytes],
        revision: DraftRevision,
    ) -> None:
        own = {"workspace": draft.workspace, "draft_id": draft.id}
        wanted = sorted({file.sha256 for file in content.files})
        rows = [
            {"workspace": draft.workspace, "sha256": sha256, "body": contents[sha256]}
            for sha256 in wanted
            if sha256 in contents
        ]
        transaction.run(self._write.insert_content, rows)
        transaction.run(self._write.insert_use, [{**own, "sha256": sha256} for sha256 in wanted])
        transaction.run(
            self._write.insert_revision,
            [
                {
                    **own,
                    "revision": revision.revision,
                    "name": storable(revision.name),
                    "saved_at_ms": revision.saved_at_ms,
                    "saved_by": revision.saved_by,
                    "reason": revision.reason.value,
                    "size": revision.size,
                    "job": revision.job,
                    "body": pack_tree(_content_json(content)),
                }
            ],
        )

    def _thin(self, transaction: Transaction, draft: DraftRecord) -> None:
        own = {"workspace": draft.workspace, "id": draft.id}
        known = tuple(_revision_of(row) for row in transaction.rows(self._write.find_revisions, own))
        transaction.run(self._write.delete_revision, [{**own, "revision": number} for number in thinned(known)])

    # --- reading -----------------------------------------------------------------------------

    def load_draft(self, workspace: str, id_: str) -> DraftRecord | None:
        """Return a draft, archived or not."""
        row = self._reader.first(select(drafts).where(drafts.c.workspace == workspace, drafts.c.id == storable(id_)))
        return None if row is None else _draft_of(row)

    def load_content(self, workspace: str, id_: str, revision: int) -> DraftContent | None:
        """Return what is in a revision, None if it is not kept."""
        row = self._reader.first(
            select(draft_revisions.c.body).where(
                *_of_draft(workspace, id_), draft_revisions.c.revision == _small(revision)
            )
        )
        return None if row is None else _content_of(unpack_tree(row.body))

    def list_drafts(
        self, workspace: str, which: DraftFilter, *, limit: int, before: tuple[int, str] | None = None
    ) -> Sequence[DraftRecord]:
        """Return drafts, changed last first."""
        return tuple(_draft_of(row) for row in self._reader.all(_page(workspace, which, limit, before)))

    def list_revisions(self, workspace: str, id_: str) -> Sequence[DraftRevision]:
        """Return the revisions that are kept, newest first."""
        return tuple(_revision_of(tuple(row)) for row in self._reader.all(_revisions(workspace, id_)))

    def read_file(self, workspace: str, sha256: str) -> bytes | None:
        """Return the bytes of a file of any draft."""
        row = self._reader.first(
            select(draft_contents.c.body).where(
                draft_contents.c.workspace == workspace, draft_contents.c.sha256 == sha256
            )
        )
        return None if row is None else bytes(row.body)

    def list_offers(self, workspace: str, kind: AssetKind) -> Sequence[Offer]:
        """Return the assets of a kind that can be put into a pipeline, used or made last first."""
        return offers_of(self._reader, workspace, kind)


class _Statements:
    """What is written, as SQL text made once."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self.lock_workspace = self._lock()
        self.hold_workspace = self._lock(is_alone=True)
        self.insert_draft = self._compiled(insert(drafts), drafts, tuple(drafts.c.keys()))
        is_as_before = and_(
            drafts.c.workspace == bindparam("of_workspace"),
            drafts.c.id == bindparam("of_id"),
            drafts.c.revision == bindparam("of_revision"),
            func.coalesce(drafts.c.holder, literal_column("''")) == bindparam("of_holder"),
        )
        values = {name: bindparam(name, type_=drafts.c[name].type) for name in _CHANGING}
        self.change_draft = self._compiled(update(drafts).where(is_as_before).values(values), drafts)
        is_it = and_(drafts.c.workspace == bindparam("workspace"), drafts.c.id == bindparam("id"))
        self.delete_draft = self._compiled(delete(drafts).where(is_it), drafts)
        self._compile_revisions()
        self._compile_contents()

    def _compile_revisions(self) -> None:
        revisions = draft_revisions
        is_mine = and_(revisions.c.workspace == bindparam("workspace"), revisions.c.draft_id == bindparam("id"))
        self.insert_revision = self._compiled(insert(revisions), revisions, tuple(revisions.c.keys()))
        self.find_revisions = self._compiled(
            select(*_SUMMARY).where(is_mine).order_by(revisions.c.revision.desc()), revisions
        )
        self.delete_revisions = self._compiled(delete(revisions).where(is_mine), revisions)
        self.delete_revision = self._compiled(
            delete(revisions).where(is_mine, revisions.c.revision == bindparam("revision")), revisions
        )
        self.note_job = self._compiled(
            update(revisions)
            .where(
                revisions.c.workspace == bindparam("of_workspace"),
                revisions.c.draft_id == bindparam("of_draft"),
                revisions.c.revision == bindparam("of_revision"),
            )
            .values(job=bindparam("job"), reason=bindparam("reason")),
            revisions,
        )

    def _compile_contents(self) -> None:
        uses, contents = draft_uses, draft_contents
        is_mine = and_(uses.c.workspace == bindparam("workspace"), uses.c.draft_id == bindparam("id"))
        self.insert_content = self._ignoring(contents)
        self.insert_use = self._ignoring(uses)
        self.find_uses = self._compiled(select(uses.c.sha256).where(is_mine), uses)
        self.delete_uses = self._compiled(delete(uses).where(is_mine), uses)
        is_used = (
            select(uses.c.draft_id)
            .where(uses.c.workspace == contents.c.workspace, uses.c.sha256 == contents.c.sha256)
            .correlate(contents)
            .exists()
        )
        self.delete_unused = self._compiled(
            delete(contents).where(
                contents.c.workspace == bindparam("workspace"), contents.c.sha256 == bindparam("sha256"), ~is_used
            ),
            contents,
        )

    def _lock(self, *, is_alone: bool = False) -> Statement:
        workspaces = tables.workspaces
        found = select(workspaces.c.name).where(workspaces.c.name == bindparam("workspace"))
        locked = found.with_for_update() if is_alone else found.with_for_update(read=True, key_share=True)
        return self._compiled(locked, workspaces)

    def _ignoring(self, table: Any) -> Statement:
        made: Any = sqlite.insert(table) if self._dialect.name == "sqlite" else postgresql.insert(table)
        return self._compiled(made.on_conflict_do_nothing(), table, tuple(table.c.keys()))

    def _compiled(self, statement: Any, table: Any, columns: tuple[str, ...] | None = None) -> Statement:
        names = None if columns is None else list(columns)
        return Statement(str(statement.compile(dialect=self._dialect, column_keys=names)), table.name)


def _page(workspace: str, which: DraftFilter, limit: int, before: tuple[int, str] | None) -> Select[Any]:
    statement = select(drafts).where(drafts.c.workspace == workspace)
    if which.archived != "all":
        statement = statement.where(drafts.c.is_archived.is_(which.archived == "archived"))
    for word in (which.text or "").split():
        statement = statement.where(drafts.c.name.icontains(storable(word), autoescape=True))
    if before is not None:
        at, id_ = before
        same = and_(drafts.c.modified_at_ms == at, drafts.c.id < storable(id_))
        statement = statement.where(or_(drafts.c.modified_at_ms < at, same))
    return statement.order_by(drafts.c.modified_at_ms.desc(), drafts.c.id.desc()).limit(limit)


def _revisions(workspace: str, id_: str) -> Select[Any]:
    return select(*_SUMMARY).where(*_of_draft(workspace, id_)).order_by(draft_revisions.c.revision.desc())


def _of_draft(workspace: str, id_: str) -> tuple[Any, ...]:
    return (draft_revisions.c.workspace == workspace, draft_revisions.c.draft_id == storable(id_))


def _small(number: int) -> int:
    # PostgreSQL's integers end here; no draft was saved so often.
    return number if 0 <= number < 1 << 31 else -1


def _draft_params(draft: DraftRecord) -> Params:
    return {
        "workspace": draft.workspace,
        "id": draft.id,
        "name": storable(draft.name),
        "revision": draft.revision,
        "created_at_ms": draft.created_at_ms,
        "created_by": draft.created_by,
        "modified_at_ms": draft.modified_at_ms,
        "modified_by": draft.modified_by,
        "main": draft.main,
        "file_count": draft.file_count,
        "origin": draft.origin.value,
        "origin_name": draft.origin_name,
        "is_archived": draft.is_archived,
        "holder": draft.holder,
        "held_by": draft.held_by,
        "held_at_ms": draft.held_at_ms,
    }


def _change_params(draft: DraftRecord, before: DraftRecord) -> Params:
    values = _draft_params(draft)
    return {
        **{name: values[name] for name in _CHANGING},
        "of_workspace": before.workspace,
        "of_id": before.id,
        "of_revision": before.revision,
        "of_holder": before.holder or "",
    }


def _draft_of(row: Row[Any]) -> DraftRecord:
    return DraftRecord(
        workspace=row.workspace,
        id=row.id,
        name=row.name,
        revision=row.revision,
        created_at_ms=row.created_at_ms,
        created_by=row.created_by,
        modified_at_ms=row.modified_at_ms,
        modified_by=row.modified_by,
        main=row.main,
        file_count=row.file_count,
        origin=Origin(row.origin),
        origin_name=row.origin_name,
        is_archived=bool(row.is_archived),
        holder=row.holder,
        held_by=row.held_by,
        held_at_ms=row.held_at_ms,
    )


def _revision_of(row: tuple[Any, ...]) -> DraftRevision:
    """Return a revision from the columns of `_SUMMARY`."""
    _, _, number, name, saved_at_ms, saved_by, reason, size, job = row
    return DraftRevision(number, name, saved_at_ms, saved_by, Reason(reason), size, job)


def _content_json(content: DraftContent) -> Params:
    return {
        "text": content.text,
        "main": content.main,
        "layout": dict(content.layout),
        "files": [[file.path, file.size, file.sha256, int(file.executable)] for file in content.files],
    }


def _content_of(tree: Any) -> DraftContent:
    files = tuple(DraftFile(path, size, sha256, bool(executable)) for path, size, sha256, executable in tree["files"])
    return DraftContent(tree["text"], files, tree["main"], tree["layout"])
