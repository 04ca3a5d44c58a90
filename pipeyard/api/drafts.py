"""
Routes of drafts: the pipelines that are composed in the Designer.

Not here: rules (`service/drafts.py` and the files beside it), their JSON (`service/draft_view.py`), what else the
Designer asks for (`palette.py`).
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from pipeyard.api import files as _files  # noqa: F401 - gives addresses the word `anything`.
from pipeyard.api.address import exact_path
from pipeyard.api.allow import Body, TheDesk, UserOnly
from pipeyard.api.answer import Answer, error_json, whole_body
from pipeyard.api.desk import Desk
from pipeyard.api.jobs import place_of, token_of
from pipeyard.api.query import archived_word
from pipeyard.model.draft_record import DraftContent, DraftFilter
from pipeyard.model.errors import NotFound, PipeyardError, SpecError, UserError
from pipeyard.service import drafts as service
from pipeyard.service.draft_check import Subject, validate_draft
from pipeyard.service.draft_files import WhichFile, zipped
from pipeyard.service.draft_request import (
    Change,
    draft_name,
    holder_of,
    new_draft,
    saved_change,
    takes_over,
    unsaved_change,
    wishes_of,
)
from pipeyard.service.draft_source import source_of, zip_source
from pipeyard.service.draft_submit import plan_draft, slug_of, submit_draft
from pipeyard.service.draft_view import (
    check_json,
    conflict_json,
    draft_json,
    head_json,
    plan_json,
    refusal_json,
    revision_json,
    submitted_json,
)
from pipeyard.service.drafts import Draft, DraftConflict, with_change

router = APIRouter(dependencies=[UserOnly])
_DRAFTS = "/api/v1/workspaces/{workspace}/drafts"
ONE_DRAFT = _DRAFTS + "/{id}"


@router.get(_DRAFTS)
def list_(
    workspace: str,
    desk: TheDesk,
    *,
    limit: int = 50,
    before: str | None = None,
    archived: str = "active",
    text: str | None = None,
) -> Answer:
    """List drafts, changed last first; each word of `text` is in its name."""
    which = DraftFilter(archived_word(archived), text or None)
    found, following = service.list_drafts(desk.world, workspace, which, limit=limit, before=place_of(before))
    now = desk.world.clock.now_ms()
    return Answer({"value": [head_json(one, now) for one in found], "next": following and token_of(following)})


@router.post(_DRAFTS)
def create(workspace: str, body: Body, desk: TheDesk) -> Answer:
    """
    Create a draft. 201.

    `{"name"?, "layout"?, "holder"?}` and one of `"text"`, `"template"`, `"job"`, `"draft"` (a copy), or
    `"files": [{"path", "text" or "base64", "executable"?}]` with `"main"?`; none of them: an empty pipeline.
    400 with `files` when it is not clear which of them is the pipeline (`which-file`).
    """
    wanted = new_draft(body)
    try:
        source = source_of(desk.world, workspace, wanted)
    except WhichFile as error:
        return _unclear(error)
    draft = service.create_draft(desk.world, workspace, source, desk.owner, wanted.holder)
    return _shown(desk, draft, status=201)


@router.post(_DRAFTS + ":import")
async def import_(
    workspace: str, request: Request, desk: TheDesk, *, name: str | None = None, main: str | None = None
) -> Answer:
    """
    Create a draft of a zip, which is the whole body. 201.

    `main` is the pipeline's file, if it cannot be guessed: 400 with `files` then names those that may be (`which-file`).
    """
    data = await whole_body(request)
    return await run_in_threadpool(_imported, desk, workspace, data, name, main)


@router.post(_DRAFTS + ":validate")
def validate_text(workspace: str, body: Body, desk: TheDesk) -> Answer:
    """Say what is wrong with a text that belongs to no draft: `{"text"}`."""
    change = unsaved_change(body)
    content, contents = with_change(DraftContent(""), change)
    return _checked(desk, workspace, Subject(content, contents))


@router.get(ONE_DRAFT)
def show(workspace: str, id: str, desk: TheDesk) -> Answer:  # noqa: A002 - the address says `id`.
    """Show a draft with its text, its layout and the list of its files."""
    return _shown(desk, service.show_draft(desk.world, workspace, id))


@router.put(ONE_DRAFT)
def save(workspace: str, id: str, body: Body, desk: TheDesk) -> Answer:  # noqa: A002
    """
    Save a draft: `{"revision", "holder"?, "name"?, "text"?, "layout"?, "files"?}`; what is left out stays.

    `revision` is the one that the change began with. 409 with the state that there is when that is another one
    (`stale-draft`) or when another tab edits it (`draft-held`). `files` are changed paths:
    `{"path": {"text" or "base64", "executable"?} or null}`, null to remove one.
    """
    try:
        return _shown(desk, service.save_draft(desk.world, workspace, id, saved_change(body), desk.owner))
    except DraftConflict as conflict:
        return refused(desk, conflict)


@router.delete(ONE_DRAFT)
def delete(workspace: str, id: str, desk: TheDesk, *, forever: bool = False) -> Response:  # noqa: A002
    """Put a draft away; `restore` brings it back. With `forever`, nothing of it stays. 204."""
    if forever:
        service.delete_draft(desk.world, workspace, id)
    else:
        service.archive_draft(desk.world, workspace, id)
    return Response(status_code=204)


@router.post(ONE_DRAFT + "/restore")
def restore(workspace: str, id: str, desk: TheDesk) -> Answer:  # noqa: A002
    """Bring back a draft that was put away."""
    return _shown(desk, service.restore_draft(desk.world, workspace, id))


@router.post(ONE_DRAFT + "/hold")
def hold(workspace: str, id: str, body: Body, desk: TheDesk) -> Answer:  # noqa: A002
    """
    Say that a tab edits: `{"holder", "take_over"?}`. Answers the draft; the tab may edit if its `holder` is itself.

    To be repeated within 150 seconds; after that, the next one who asks has it. A save counts as well.
    """
    holder = _holder(body)
    return _shown(desk, service.hold_draft(desk.world, workspace, id, holder, desk.owner, take_over=takes_over(body)))


@router.post(ONE_DRAFT + "/release")
def release(workspace: str, id: str, body: Body, desk: TheDesk) -> Answer:  # noqa: A002
    """Say that a tab edits no more: `{"holder"}`. Of another tab, nothing changes."""
    return _shown(desk, service.release_draft(desk.world, workspace, id, _holder(body)))


@router.get(ONE_DRAFT + "/revisions")
def revisions(workspace: str, id: str, desk: TheDesk) -> Answer:  # noqa: A002
    """List the earlier states that are kept, newest first."""
    found = service.revisions_of(desk.world, workspace, id)
    return Answer({"value": [revision_json(one) for one in found]})


@router.get(ONE_DRAFT + "/revisions/{revision}")
def revision(workspace: str, id: str, revision: int, desk: TheDesk) -> Answer:  # noqa: A002
    """Show a draft as it was."""
    return _shown(desk, service.show_draft(desk.world, workspace, id, revision))


@router.post(ONE_DRAFT + "/revisions/{revision}/restore")
def restore_revision(workspace: str, id: str, revision: int, *, body: Body, desk: TheDesk) -> Answer:  # noqa: A002
    """Make an earlier state the newest one: `{"revision", "holder"?}` as in a save. Nothing is lost by it."""
    change = saved_change(body)
    try:
        draft = service.restore_revision(desk.world, workspace, id, revision, change=change, by=desk.owner)
    except DraftConflict as conflict:
        return refused(desk, conflict)
    return _shown(desk, draft)


@router.get(ONE_DRAFT + "/files/{path:anything}")
def file(request: Request, workspace: str, id: str, path: str, *, desk: TheDesk) -> Response:  # noqa: A002
    """Send one of a draft's files."""
    held, data = service.read_file(desk.world, workspace, id, exact_path(request, path))
    return _download(data, (held.path if held else path).rpartition("/")[2], "application/octet-stream")


@router.post(ONE_DRAFT + "/validate")
def validate(workspace: str, id: str, body: Body, desk: TheDesk) -> Answer:  # noqa: A002
    """Say what is wrong with a draft, or with it after a change that is not saved: `{"text"?, "files"?}`."""
    _, subject = _subject(desk, workspace, id, unsaved_change(body))
    return _checked(desk, workspace, subject)


@router.post(ONE_DRAFT + "/plan")
def plan(workspace: str, id: str, body: Body, desk: TheDesk) -> Answer:  # noqa: A002
    """
    Say what would be reused and what would run; nothing is written. 422 with `problems` when something is wrong.

    The body is that of `submit`, and may hold `"text"` and `"files"` that are not saved.
    """
    draft, subject = _subject(desk, workspace, id, unsaved_change(body))
    try:
        found = plan_draft(desk.world, draft, subject, wishes_of(body))
    except (SpecError, NotFound) as error:
        return wrong(error, subject.content.main)
    return Answer(plan_json(found, subject.content.main))


@router.post(ONE_DRAFT + "/submit")
def submit(workspace: str, id: str, body: Body, desk: TheDesk) -> Answer:  # noqa: A002
    """
    Make a job of a draft. 201. 422 with `problems` when something is wrong.

    `{"revision"?, "name"?, "experiment_name"?, "display_name"?, "description"?, "tags"?, "inputs"?,
    "default_compute"?, "continue_on_step_failure"?, "force_rerun"?}`; what is left out is as the draft says.
    With `revision`, 409 when that is not the newest.
    """
    draft = service.show_draft(desk.world, workspace, id)
    try:
        found = submit_draft(desk.world, draft, wishes_of(body))
    except DraftConflict as conflict:
        return refused(desk, conflict)
    except (SpecError, NotFound) as error:
        return wrong(error, draft.content.main)
    return Answer(submitted_json(found, draft, desk.world.clock.now_ms()), status_code=201)


@router.get(ONE_DRAFT + "/export")
def export(workspace: str, id: str, desk: TheDesk, *, form: str | None = None) -> Response:  # noqa: A002
    """Send a draft as one YAML file (`form=yaml`; refused when it has other files), or as a zip with them (`form=zip`)."""
    draft = service.show_draft(desk.world, workspace, id)
    return _exported(desk, draft, form or ("zip" if draft.content.files else "yaml"))


def _shown(desk: Desk, draft: Draft, status: int = 200) -> Answer:
    return Answer(draft_json(draft, desk.world.clock.now_ms()), status_code=status)


def refused(desk: Desk, conflict: DraftConflict) -> Answer:
    """Return why a change was refused, with the state that there is."""
    return Answer(conflict_json(conflict, desk.world.clock.now_ms()), status_code=conflict.http_status)


def wrong(error: PipeyardError, main: str) -> Answer:
    """Return what is wrong with a draft: the envelope of all errors, and beside it each problem with its lines."""
    problems = refusal_json(getattr(error, "diagnostics", ()), main)
    return Answer({**error_json(error), "problems": problems}, status_code=error.http_status)


def _imported(desk: Desk, workspace: str, data: bytes, name: str | None, main: str | None) -> Answer:
    try:
        source = zip_source(data, draft_name(name), main or None)
    except WhichFile as error:
        return _unclear(error)
    return _shown(desk, service.create_draft(desk.world, workspace, source, desk.owner), status=201)


def _unclear(error: WhichFile) -> Answer:
    """Return the envelope of all errors, and beside it the files to choose among."""
    return Answer({**error_json(error), "files": list(error.files)}, status_code=error.http_status)


def _subject(desk: Desk, workspace: str, id_: str, change: Change) -> tuple[Draft, Subject]:
    draft = service.show_draft(desk.world, workspace, id_)
    return draft, Subject(*with_change(draft.content, change))


def _checked(desk: Desk, workspace: str, subject: Subject) -> Answer:
    return Answer(check_json(validate_draft(desk.world, workspace, subject), subject.content.main))


def _holder(body: Any) -> str:
    holder = holder_of(body)
    if holder is None:
        raise UserError("`holder` has to be the name that the tab gave itself", code="bad-request")
    return holder


def _exported(desk: Desk, draft: Draft, form: str) -> Response:
    slug = slug_of(draft.record.name)
    if form == "yaml":
        if draft.content.files:
            raise UserError(
                f"the draft has {len(draft.content.files)} files beside its pipeline, which are no part of one file",
                code="draft-has-files",
                hint="export it as a zip",
            )
        return _download(draft.content.text.encode(), f"{slug}.yml", "text/plain; charset=utf-8")
    if form != "zip":
        raise UserError("`form` has to be `yaml` or `zip`", code="bad-request")
    workspace = draft.record.workspace
    contents = {file.sha256: service.bytes_of(desk.world, workspace, file) for file in draft.content.files}
    return _download(zipped(draft.content, contents, slug), f"{slug}.zip", "application/zip")


def _download(data: bytes, name: str, media_type: str) -> Response:
    headers = {
        "content-disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
    }
    return Response(data, media_type=media_type, headers=headers)
