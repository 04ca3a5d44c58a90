"""
Routes of drafts: the pipelines that are composed in the Designer.

Not here: rules (`service/drafts.py` and the files beside it), their JSON (`service/draft_view.py`).
"""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from pipeyard.api import files as _files  # noqa: F401 - gives addresses the word `anything`.
from pipeyard.api.allow import Body, TheDesk, UserOnly
from pipeyard.api.answer import Answer
from pipeyard.model.errors import NotAllowed

router = APIRouter(dependencies=[UserOnly])
_DRAFTS = "/api/v1/workspaces/{workspace}/drafts"
_ONE = _DRAFTS + "/{id}"


def _soon() -> Answer:
    raise NotAllowed("not there yet", code="not-there-yet")


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
    return _soon()


@router.post(_DRAFTS)
def create(workspace: str, body: Body, desk: TheDesk) -> Answer:
    """
    Create a draft. 201.

    `{"name"?, "layout"?, "holder"?}` and one of `"text"`, `"template"`, `"job"`, `"draft"` (a copy), or
    `"files": [{"path", "text" or "base64", "executable"?}]` with `"main"?`; none of them: an empty pipeline.
    """
    return _soon()


@router.post(_DRAFTS + ":import")
async def import_(
    workspace: str, request: Request, desk: TheDesk, *, name: str | None = None, main: str | None = None
) -> Answer:
    """Create a draft of a zip, which is the whole body. 201. `main` is the pipeline's file, if it cannot be guessed."""
    return _soon()


@router.post(_DRAFTS + ":validate")
def validate_text(workspace: str, body: Body, desk: TheDesk) -> Answer:
    """Say what is wrong with a text that belongs to no draft: `{"text"}`."""
    return _soon()


@router.get(_ONE)
def show(workspace: str, id: str, desk: TheDesk) -> Answer:  # noqa: A002 - the address says `id`.
    """Show a draft with its text, its layout and the list of its files."""
    return _soon()


@router.put(_ONE)
def save(workspace: str, id: str, body: Body, desk: TheDesk) -> Answer:  # noqa: A002
    """
    Save a draft: `{"revision", "holder"?, "name"?, "text"?, "layout"?, "files"?}`; what is left out stays.

    `revision` is the one that the change began with. 409 with the state that there is when that is another one
    (`stale-draft`) or when another tab edits it (`draft-held`). `files` are changed paths:
    `{"path": {"text" or "base64", "executable"?} or null}`, null to remove one.
    """
    return _soon()


@router.delete(_ONE)
def delete(workspace: str, id: str, desk: TheDesk, *, forever: bool = False) -> Response:  # noqa: A002
    """Put a draft away; `restore` brings it back. With `forever`, nothing of it stays. 204."""
    return _soon()


@router.post(_ONE + "/restore")
def restore(workspace: str, id: str, desk: TheDesk) -> Answer:  # noqa: A002
    """Bring back a draft that was put away."""
    return _soon()


@router.post(_ONE + "/hold")
def hold(workspace: str, id: str, body: Body, desk: TheDesk) -> Answer:  # noqa: A002
    """
    Say that a tab edits: `{"holder", "take_over"?}`. Answers the draft; the tab may edit if its `holder` is itself.

    To be repeated within 150 seconds; after that, the next one who asks has it. A save counts as well.
    """
    return _soon()


@router.post(_ONE + "/release")
def release(workspace: str, id: str, body: Body, desk: TheDesk) -> Answer:  # noqa: A002
    """Say that a tab edits no more: `{"holder"}`. Of another tab, nothing changes."""
    return _soon()


@router.get(_ONE + "/revisions")
def revisions(workspace: str, id: str, desk: TheDesk) -> Answer:  # noqa: A002
    """List the earlier states that are kept, newest first."""
    return _soon()


@router.get(_ONE + "/revisions/{revision}")
def revision(workspace: str, id: str, revision: int, desk: TheDesk) -> Answer:  # noqa: A002
    """Show a draft as it was."""
    return _soon()


@router.post(_ONE + "/revisions/{revision}/restore")
def restore_revision(workspace: str, id: str, revision: int, *, body: Body, desk: TheDesk) -> Answer:  # noqa: A002
    """Make an earlier state the newest one: `{"revision", "holder"?}` as in a save. Nothing is lost by it."""
    return _soon()


@router.get(_ONE + "/files/{path:anything}")
def file(request: Request, workspace: str, id: str, path: str, *, desk: TheDesk) -> Response:  # noqa: A002
    """Send one of a draft's files."""
    return _soon()


@router.post(_ONE + "/validate")
def validate(workspace: str, id: str, body: Body, desk: TheDesk) -> Answer:  # noqa: A002
    """Say what is wrong with a draft, or with it after a change that is not saved: `{"text"?, "files"?}`."""
    return _soon()


@router.post(_ONE + "/plan")
def plan(workspace: str, id: str, body: Body, desk: TheDesk) -> Answer:  # noqa: A002
    """
    Say what would be reused and what would run; nothing is written. 422 with `diagnostics` when something is wrong.

    The body is that of `submit`, and may hold `"text"` and `"files"` that are not saved.
    """
    return _soon()


@router.post(_ONE + "/submit")
def submit(workspace: str, id: str, body: Body, desk: TheDesk) -> Answer:  # noqa: A002
    """
    Make a job of a draft. 201. 422 with `diagnostics` when something is wrong.

    `{"revision"?, "name"?, "experiment_name"?, "display_name"?, "description"?, "tags"?, "inputs"?,
    "default_compute"?, "continue_on_step_failure"?, "force_rerun"?}`; what is left out is as the draft says.
    With `revision`, 409 when that is not the newest.
    """
    return _soon()


@router.get(_ONE + "/export")
def export(workspace: str, id: str, desk: TheDesk, *, form: str = "zip") -> Response:  # noqa: A002
    """Send a draft as one YAML file (`form=yaml`; refused when it needs its other files), or as a zip with them."""
    return _soon()


@router.get("/api/v1/templates")
def templates(desk: TheDesk) -> Answer:
    """List the examples that a draft can begin with."""
    return _soon()


@router.get("/api/v1/workspaces/{workspace}/palette")
def palette(workspace: str, desk: TheDesk) -> Answer:
    """Return everything that can be put into a pipeline, in one answer; those of registries too."""
    return _soon()


@router.get("/api/v1/schemas")
def schemas(desk: TheDesk) -> Answer:
    """List the kinds of mapping that a schema describes."""
    return _soon()


@router.get("/api/v1/schemas/{schema}")
def schema(schema: str, desk: TheDesk) -> Answer:
    """Return the JSON Schema of a kind of mapping, such as `pipeline job` or `command component`."""
    return _soon()
