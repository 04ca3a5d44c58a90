"""
Drafts: list, make, show, save, hold, put away, look at what they were.

In:       a workspace and what somebody asked.
Out:      drafts; `NotFound`, or `DraftConflict` with the state that there is.
Not here: what they begin with (`draft_source.py`), what they mean (`draft_check.py`), jobs made of them (`draft_submit.py`).

Invariant: nothing that was saved is lost. A save that began with another state than the newest is refused, and an
earlier state that is restored becomes a new one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from pipeyard.model.draft_record import (
    DraftContent,
    DraftFile,
    DraftFilter,
    DraftRecord,
    DraftRevision,
    Origin,
    Reason,
)
from pipeyard.model.errors import Bug, Conflict, NotFound, UserError
from pipeyard.model.value import dataclass
from pipeyard.ports import DraftStore
from pipeyard.service.draft_files import changed
from pipeyard.service.draft_request import Change
from pipeyard.service.world import World

PAGE_MAX = 1000
_ID_LETTERS = 10
# A change of who holds a draft that somebody else changed at that very moment is tried again so often.
_TRIES = 5


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft with what is in it."""

    record: DraftRecord
    content: DraftContent


@dataclass(frozen=True, slots=True)
class Source:
    """What a draft begins with."""

    name: str
    content: DraftContent
    contents: Mapping[str, bytes]
    origin: Origin
    origin_name: str | None = None


class DraftConflict(Conflict):
    """A draft is not in the state in which somebody wants to change it; says in which it is."""

    def __init__(self, message: str, *, code: str, hint: str, draft: Draft) -> None:
        """Take the state that there is."""
        super().__init__(message, code=code, hint=hint)
        self.draft = draft


def store_of(world: World) -> DraftStore:
    """Return where drafts are kept."""
    if world.drafts is None:
        raise Bug("a server that keeps no drafts was asked for one")
    return world.drafts


def list_drafts(
    world: World, workspace: str, which: DraftFilter, *, limit: int, before: tuple[int, str] | None
) -> tuple[Sequence[DraftRecord], tuple[int, str] | None]:
    """Return a page of drafts, changed last first, and where the next page begins."""
    limit = max(1, min(limit, PAGE_MAX))
    found = store_of(world).list_drafts(world.known_workspace(workspace), which, limit=limit + 1, before=before)
    if len(found) <= limit:
        return found, None
    last = found[limit - 1]
    return found[:limit], (last.modified_at_ms, last.id)


def create_draft(world: World, workspace: str, source: Source, by: str, holder: str | None = None) -> Draft:
    """Return a new draft."""
    now = world.clock.now_ms()
    record = DraftRecord(
        workspace=world.known_workspace(workspace),
        id=world.random_text(_ID_LETTERS),
        name=source.name,
        revision=1,
        created_at_ms=now,
        created_by=by,
        modified_at_ms=now,
        modified_by=by,
        main=source.content.main,
        file_count=len(source.content.files),
        origin=source.origin,
        origin_name=source.origin_name,
        holder=holder,
        held_by=None if holder is None else by,
        held_at_ms=0 if holder is None else now,
    )
    store_of(world).create_draft(record, source.content, source.contents)
    return Draft(record, source.content)


def show_draft(world: World, workspace: str, id_: str, revision: int | None = None) -> Draft:
    """Return a draft as it is, or as it was."""
    record = _record(world, workspace, id_)
    if revision is None or revision == record.revision:
        return _draft(world, record)
    content = store_of(world).load_content(workspace, id_, revision)
    if content is None:
        raise NotFound(
            f"draft `{id_}` has no state {revision} that is kept",
            code="no-such-draft",
            hint="`GET .../revisions` lists those that are",
        )
    return Draft(replace(record, revision=revision, main=content.main, file_count=len(content.files)), content)


def save_draft(world: World, workspace: str, id_: str, change: Change, by: str) -> Draft:
    """Return the draft after a change; `DraftConflict` when it is not as it was when the change began."""
    before = _record(world, workspace, id_)
    return _save(world, before, change, by, Reason.SAVED, content_of=lambda old: with_change(old, change))


def restore_revision(world: World, workspace: str, id_: str, revision: int, *, change: Change, by: str) -> Draft:
    """Return the draft after it was made what it was in an earlier state."""
    wanted = show_draft(world, workspace, id_, revision).content
    before = _record(world, workspace, id_)
    return _save(world, before, change, by, Reason.RESTORED, content_of=lambda _: (wanted, {}))


def archive_draft(world: World, workspace: str, id_: str) -> DraftRecord:
    """Put a draft away; who edits it learns of that."""
    return _changed(world, workspace, id_, lambda record: replace(record, is_archived=True))


def restore_draft(world: World, workspace: str, id_: str) -> Draft:
    """Bring a draft back."""
    return _draft(world, _changed(world, workspace, id_, lambda record: replace(record, is_archived=False)))


def delete_draft(world: World, workspace: str, id_: str) -> None:
    """Forget a draft for good."""
    _record(world, workspace, id_)
    store_of(world).delete_draft(workspace, id_)


def hold_draft(world: World, workspace: str, id_: str, holder: str, by: str, *, take_over: bool) -> Draft:
    """Let a tab edit a draft, unless another one does; with *take_over*, in its place."""

    def held(record: DraftRecord) -> DraftRecord:
        now = world.clock.now_ms()
        if record.holder_at(now) not in (None, holder) and not take_over:
            return record
        return replace(record, holder=holder, held_by=by, held_at_ms=now)

    return _draft(world, _changed(world, workspace, id_, held))


def release_draft(world: World, workspace: str, id_: str, holder: str) -> Draft:
    """Say that a tab edits no more; nothing happens if another one does."""

    def released(record: DraftRecord) -> DraftRecord:
        return record if record.holder != holder else replace(record, holder=None, held_by=None, held_at_ms=0)

    return _draft(world, _changed(world, workspace, id_, released))


def revisions_of(world: World, workspace: str, id_: str) -> Sequence[DraftRevision]:
    """Return the states that are kept, newest first."""
    _record(world, workspace, id_)
    return store_of(world).list_revisions(workspace, id_)


def read_file(world: World, workspace: str, id_: str, path: str) -> tuple[DraftFile | None, bytes]:
    """Return a file of a draft and its bytes; of the pipeline itself only the bytes."""
    content = show_draft(world, workspace, id_).content
    if path == content.main:
        return None, content.text.encode()
    for file in content.files:
        if file.path == path:
            return file, bytes_of(world, workspace, file)
    raise NotFound(f"the draft has no file `{path}`", code="missing-file")


def bytes_of(world: World, workspace: str, file: DraftFile) -> bytes:
    """Return the bytes of a file of a draft."""
    data = store_of(world).read_file(workspace, file.sha256)
    if data is None:
        raise Bug(f"the bytes of a draft's file `{file.path}` are not kept")
    return data


def with_change(content: DraftContent, change: Change) -> tuple[DraftContent, Mapping[str, bytes]]:
    """Return what is in a draft after a change, and the bytes of new files."""
    if content.main in change.files:
        raise UserError(f"`{content.main}` is the pipeline itself: it is changed as `text`", code="bad-request")
    folder = changed(content.files, change.files)
    new = DraftContent(
        text=content.text if change.text is None else change.text,
        files=folder.files,
        main=content.main,
        layout=content.layout if change.layout is None else change.layout,
    )
    return new, folder.contents


def _save(
    world: World,
    before: DraftRecord,
    change: Change,
    by: str,
    reason: Reason,
    *,
    content_of: Callable[[DraftContent], tuple[DraftContent, Mapping[str, bytes]]],
) -> Draft:
    old = _draft(world, before)
    content, contents = content_of(old.content)
    name = before.name if change.name is None else change.name
    if content == old.content and name == before.name and not before.is_archived:
        # Nothing would change; or it was stored, and only the answer did not arrive.
        return old
    refuse_change(world, old, change)
    now = world.clock.now_ms()
    record = replace(
        before,
        name=name,
        revision=before.revision + 1,
        modified_at_ms=now,
        modified_by=by,
        main=content.main,
        file_count=len(content.files),
        holder=change.holder or before.holder_at(now),
        held_by=by if change.holder else before.held_by,
        held_at_ms=now if change.holder else before.held_at_ms,
    )
    revision = DraftRevision(record.revision, name, now, by, reason, content.size)
    if store_of(world).save_draft(record, content, contents, revision, before=before):
        return Draft(record, content)
    # Somebody was quicker, between our look and our write.
    newer = _draft(world, _record(world, before.workspace, before.id))
    refuse_change(world, newer, change)
    raise _stale(newer, change)


def refuse_change(world: World, draft: Draft, change: Change) -> None:
    """Raise `DraftConflict` if a change cannot be saved: the draft is put away, held by another, or was changed."""
    holder = draft.record.holder_at(world.clock.now_ms())
    if draft.record.is_archived:
        raise DraftConflict(
            f"draft `{draft.record.name}` was put away",
            code="draft-archived",
            hint=f"to bring it back: pipeyard draft restore {draft.record.id}",
            draft=draft,
        )
    if holder not in (None, change.holder):
        raise DraftConflict(
            f"draft `{draft.record.name}` is edited elsewhere, by {draft.record.held_by}",
            code="draft-held",
            hint="take it over to edit it here; what was saved there stays",
            draft=draft,
        )
    if change.revision != draft.record.revision:
        raise _stale(draft, change)


def _stale(draft: Draft, change: Change) -> DraftConflict:
    return DraftConflict(
        f"draft `{draft.record.name}` was changed since: it is at {draft.record.revision}, the change began with "
        f"{change.revision}",
        code="stale-draft",
        hint="nothing was lost: load it again, or save what is here as a new draft",
        draft=draft,
    )


def _changed(world: World, workspace: str, id_: str, change: Callable[[DraftRecord], DraftRecord]) -> DraftRecord:
    for _ in range(_TRIES):
        before = _record(world, workspace, id_)
        after = change(before)
        if after == before or store_of(world).change_draft(after, before=before):
            return after
    raise Conflict(f"draft `{id_}` is being changed by somebody else", code="stale-draft", hint="try again")


def _record(world: World, workspace: str, id_: str) -> DraftRecord:
    record = store_of(world).load_draft(world.known_workspace(workspace), id_)
    if record is None:
        raise NotFound(
            f"there is no draft `{id_}`", code="no-such-draft", hint="to see which there are: pipeyard draft list"
        )
    return record


def _draft(world: World, record: DraftRecord) -> Draft:
    content = store_of(world).load_content(record.workspace, record.id, record.revision)
    if content is None:
        # Between the two looks it was saved again, and this state thinned out, or deleted.
        newer = _record(world, record.workspace, record.id)
        if newer.revision == record.revision:
            raise Bug(f"state {record.revision} of draft `{record.id}` is not kept")
        return _draft(world, newer)
    return Draft(record, content)
