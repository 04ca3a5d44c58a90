"""
Addresses of the plain pages.

In:       requests of a browser.
Out:      pages for the user's session; the way in for anybody else.
"""

from __future__ import annotations

from urllib.parse import parse_qs, quote

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from pipeyard.api.allow import TheDesk
from pipeyard.api.desk import Desk
from pipeyard.api.gate import SESSION_SECONDS
from pipeyard.api.jobs import place_of, token_of
from pipeyard.api.page.frame import page_response
from pipeyard.api.page.html import Html, element, joined
from pipeyard.api.page.job import job_page
from pipeyard.api.page.jobs import jobs_page, missing_page, way_in_page
from pipeyard.api.studio import studio_page
from pipeyard.model.errors import NotFound
from pipeyard.model.record import DEFAULT_WORKSPACE, JobFilter
from pipeyard.service.jobs import list_jobs, tree_of, workspace_of
from pipeyard.service.outputs import outputs_of
from pipeyard.service.waiting import waiting_for
from pipeyard.service.workspaces import list_workspaces

router = APIRouter()
_FORM_BYTES_MAX = 16_384


@router.get("/")
def jobs(request: Request, desk: TheDesk, before: str | None = None, workspace: str = DEFAULT_WORKSPACE) -> Response:
    """Show the jobs of a workspace, newest first."""
    if not desk.gate.has_session(request):
        return _way_in(_asked_for(request))
    if desk.studio is not None:
        return studio_page(desk.studio)
    names = [row.name for row in list_workspaces(desk.world)]
    try:
        found, following = list_jobs(desk.world, workspace, JobFilter(), limit=50, before=place_of(before))
    except NotFound as error:
        return page_response("Not found", "Jobs", missing_page(error.message, error.hint), status=404)
    older = {"next": token_of(following)} if following else None
    body = jobs_page(found, desk.world.clock.now_ms(), older, workspace=workspace, workspaces=names)
    return page_response("Jobs", "Jobs", body)


@router.get("/jobs")
def jobs_too() -> Response:
    """Lead whoever cut a job's address short to the list."""
    return RedirectResponse("/")


@router.get("/jobs/{name}")
def job(name: str, request: Request, desk: TheDesk) -> Response:
    """Show one job, a pipeline inside one, or a step."""
    if not desk.gate.has_session(request):
        return _way_in(_asked_for(request))
    if desk.studio is not None:
        return studio_page(desk.studio)
    try:
        tree = tree_of(desk.world, workspace_of(desk.world, name), name)
    except NotFound as error:
        return page_response("Not found", "Jobs", missing_page(error.message, error.hint), status=404)
    outputs = outputs_of(desk.world.store, tree[0])
    found = {row.name: waiting_for(row, desk.world.runner.pool_use) for row in tree}
    waiting = {row: text for row, text in found.items() if text is not None}
    api = f"/api/v1/workspaces/{quote(tree[0].workspace, safe='')}/jobs"
    body = job_page(tree, outputs, api, desk.world.clock.now_ms(), waiting)
    return page_response(tree[0].display_name, _crumbs(name), body, script="job.js")


@router.get("/assets/{kind}")
@router.get("/assets/{kind}/{name}")
@router.get("/computes")
@router.get("/computes/{name}")
@router.get("/datastores")
@router.get("/datastores/{name}")
@router.get("/workspaces")
@router.get("/compare")
@router.get("/lineage/{step:anything}")
@router.get("/designer")
@router.get("/designer/{name}")
@router.get("/jobs/{name}/steps/{step:anything}")
def only_in_studio(request: Request, desk: TheDesk, kind: str = "", name: str = "", step: str = "") -> Response:
    """Show what has no plain page."""
    del kind, name, step  # The page reads its own address.
    if not desk.gate.has_session(request):
        return _way_in(_asked_for(request))
    if desk.studio is not None:
        return studio_page(desk.studio)
    missing = missing_page("this page is part of the Studio, which was not built here", "in a checkout: make studio")
    return page_response("Not found", "Jobs", missing, status=404)


@router.get("/session")
async def session(request: Request, desk: TheDesk) -> Response:
    """Tell our own page whether its browser has a session."""
    return Response(status_code=204 if desk.gate.has_session(request) else 401)


@router.get("/login")
def login_by_code(desk: TheDesk, code: str = "", next: str = "/") -> Response:  # noqa: A002 - the address says `next`.
    """Turn a one-time code into a session."""
    target = _local(next)
    value = desk.gate.session_for_code(code)
    if value is None:
        return _way_in(target, "This link was used already or is too old.")
    return _welcome(desk, value, target)


@router.post("/login")
async def login_by_token(request: Request, desk: TheDesk) -> Response:
    """Turn the pasted token into a session."""
    text = b""
    async for piece in request.stream():
        text += piece
        if len(text) > _FORM_BYTES_MAX:
            return _way_in("/", "That is not the token.")
    form = parse_qs(text.decode("utf-8", "replace"))
    target = _local(form.get("next", ["/"])[0])
    value = desk.gate.session_for_token(form.get("token", [""])[0])
    if value is None:
        return _way_in(target, "That is not the token.")
    return _welcome(desk, value, target)


def _welcome(desk: Desk, value: str, target: str) -> Response:
    answer = RedirectResponse(target, status_code=303)
    answer.set_cookie(desk.gate.cookie, value, max_age=SESSION_SECONDS, path="/", httponly=True, samesite="strict")
    return answer


def _way_in(target: str, problem: str | None = None) -> Response:
    status = 401 if problem is None else 403
    return page_response("Way in", "", way_in_page(target, problem), script="login.js", status=status)


def _asked_for(request: Request) -> str:
    query = request.url.query
    return request.url.path + (f"?{query}" if query else "")


def _local(target: str) -> str:
    """Return *target* if it is an address on this server, else the list of jobs."""
    is_ours = target.startswith("/") and not target.startswith("//") and "\\" not in target and target.isprintable()
    return target if is_ours else "/"


def _crumbs(name: str) -> Html:
    return joined(element("a", "Jobs", href="/"), " / ", name)
