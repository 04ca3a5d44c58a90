"""
The list of jobs, and the page that asks for the token.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import quote, urlencode

from pipeyard.api.page.html import Html, element, joined
from pipeyard.api.page.job import state_mark
from pipeyard.api.page.words import duration_text
from pipeyard.model.record import DEFAULT_WORKSPACE, JobRecord
from pipeyard.service.view import duration_seconds
from pipeyard.service.wire import time_text


def jobs_page(
    jobs: Sequence[JobRecord],
    now_ms: int,
    older: Mapping[str, str] | None,
    *,
    workspace: str = DEFAULT_WORKSPACE,
    workspaces: Sequence[str] = (DEFAULT_WORKSPACE,),
) -> Html:
    """Return the body of the list of jobs of a workspace; with several, the way to the others."""
    title = joined(element("div", element("h1", "Jobs"), class_="title"), _workspace_links(workspace, workspaces))
    if not jobs:
        hint = joined(
            "No job was submitted yet. To submit one: ", element("code", "pipeyard job create --file pipeline.yml")
        )
        return joined(title, element("div", element("p", hint, class_="empty"), class_="box"))
    head = element(
        "tr",
        element("th", "Job"),
        element("th", "State"),
        element("th", "Experiment", class_="narrow"),
        element("th", "Created (UTC)", class_="narrow"),
        element("th", "Duration", class_="number"),
    )
    rows = [_row(job, now_ms) for job in jobs]
    table = element("table", element("thead", head), element("tbody", *rows))
    link = element("p", element("a", "Older jobs", href=_list_address(workspace, older))) if older else None
    return joined(title, element("section", element("div", table, class_="scroll"), class_="box"), link)


def _workspace_links(workspace: str, workspaces: Sequence[str]) -> Html | None:
    if len(workspaces) == 1:
        return None
    links = [
        element("strong", name) if name == workspace else element("a", name, href=_list_address(name, {}))
        for name in workspaces
    ]
    return element("p", "Workspace: ", *(joined(" ", link) for link in links))


def _list_address(workspace: str, older: Mapping[str, str]) -> str:
    query = {"workspace": workspace} if workspace != DEFAULT_WORKSPACE else {}
    if older:
        query["before"] = older["next"]
    return f"/?{urlencode(query)}" if query else "/"


def way_in_page(target: str, problem: str | None = None) -> Html:
    """Return the body of the page that asks for the token and then goes to *target*."""
    form = element(
        "form",
        element("input", type="hidden", name="next", value=target),
        element(
            "input",
            type="password",
            name="token",
            aria_label="Token",
            autocomplete="off",
            required=True,
            autofocus=True,
        ),
        element("button", "Open", class_="primary", type="submit"),
        method="post",
        action="/login",
    )
    return element(
        "div",
        element("h1", "This page is for the user of this server"),
        element(
            "p",
            "Open it with ",
            element("code", "pipeyard job show -n NAME --web"),
            ", or paste the token, which is in the file ",
            element("code", "token"),
            " of the server's home.",
        ),
        element("p", problem, class_="failed", role="alert") if problem else None,
        form,
        class_="way-in",
    )


def missing_page(message: str, hint: str | None) -> Html:
    """Return the body for an address that names nothing."""
    return element(
        "div",
        element("h1", message),
        element("p", hint) if hint else None,
        element("a", "All jobs", href="/"),
        class_="way-in",
    )


def _row(job: JobRecord, now_ms: int) -> Html:
    created = (time_text(job.created_at_ms) or "")[:19].replace("T", " ")
    name = joined(
        element("div", element("a", job.display_name, href=f"/jobs/{quote(job.name, safe='')}"), class_="name"),
        element("div", job.name, class_="note") if job.name != job.display_name else None,
    )
    return element(
        "tr",
        element("td", name),
        element("td", state_mark(job)),
        element("td", job.experiment_name, class_="narrow"),
        element("td", created, class_="when narrow", title=time_text(job.created_at_ms)),
        element("td", duration_text(duration_seconds(job, now_ms)), class_="number"),
    )
