"""
Routes of files: artifacts, outputs, whole folders, lines of a log.

Not here: finding them (`service/files.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from starlette.convertors import PathConvertor, register_url_convertor

from pipeyard.api.address import exact_path
from pipeyard.api.allow import AnyCaller, TheDesk
from pipeyard.api.answer import Answer
from pipeyard.api.bytes import send_file, send_tar, send_zip
from pipeyard.api.desk import Desk
from pipeyard.api.gate import Caller, check_own
from pipeyard.model.errors import UserError
from pipeyard.model.record import JobRecord
from pipeyard.service import files as service
from pipeyard.service.files import JobFile
from pipeyard.service.jobs import show_job
from pipeyard.service.view import output_json


class _Anything(PathConvertor):
    """The rest of an address, newlines included: a file may be called anything."""

    regex = "(?s:.*)"


register_url_convertor("anything", _Anything())
router = APIRouter()
_JOB = "/api/v1/workspaces/{workspace}/jobs/{name}"
Form = Annotated[str, Query(alias="format")]


@router.get(_JOB + "/files")
def artifacts(workspace: str, name: str, desk: TheDesk, caller: AnyCaller, form: Form = "json") -> Response:
    """List a job's artifacts, or send them all as one tar or zip."""
    _own(desk, caller, workspace, name)
    return _listing(service.list_artifacts(desk.world, workspace, name), name, form)


@router.get(_JOB + "/files/{path:anything}")
def artifact(
    request: Request,
    workspace: str,
    name: str,
    *,
    path: str,
    desk: TheDesk,
    caller: AnyCaller,
    form: Form = "json",
) -> Response:
    """Send one artifact, or list a folder of them."""
    _own(desk, caller, workspace, name)
    path = exact_path(request, path)
    return _file_or_folder(request, service.find_artifact(desk.world, workspace, name, path), path, form)


@router.get(_JOB + "/outputs")
def outputs(workspace: str, name: str, desk: TheDesk, caller: AnyCaller) -> Response:
    """List a job's outputs."""
    _own(desk, caller, workspace, name)
    return Answer({"value": [output_json(row) for row in service.list_outputs(desk.world, workspace, name)]})


@router.get(_JOB + "/outputs/{output}/files")
def output_files(
    workspace: str,
    name: str,
    *,
    output: str,
    desk: TheDesk,
    caller: AnyCaller,
    form: Form = "json",
) -> Response:
    """List the files of an output, or send them all as one tar or zip."""
    _own(desk, caller, workspace, name)
    found = service.list_output_files(desk.world, workspace, name, output, with_bytes=form != "json")
    return _listing(found, output, form)


@router.get(_JOB + "/outputs/{output}/files/{path:anything}")
def output_file(
    request: Request,
    workspace: str,
    name: str,
    *,
    output: str,
    path: str,
    desk: TheDesk,
    caller: AnyCaller,
    form: Form = "json",
) -> Response:
    """Send one file of an output, or list a folder in it."""
    _own(desk, caller, workspace, name)
    path = exact_path(request, path)
    found = service.find_output_file(desk.world, workspace, name, output, path)
    return _file_or_folder(request, found, path or output, form)


@router.get(_JOB + "/log")
def log(
    workspace: str,
    name: str,
    *,
    desk: TheDesk,
    caller: AnyCaller,
    from_line: int = 1,
    lines: int = 1000,
    search: str | None = None,
    rank: int | None = None,
) -> Response:
    """
    Send numbered lines of a job's own log; a negative `from_line` counts from the end.

    Each of several processes has its own: `rank` says whose.
    """
    job = _own(desk, caller, workspace, name)
    page = desk.logs.page(service.log_path(desk.world, job, rank), from_line=from_line, count=lines, search=search)
    return Answer(
        {
            "value": [
                {"line": line.number, "text": line.text, **({"is_cut": True} if line.is_cut else {})}
                for line in page.lines
            ],
            "line_count": page.line_count,
            "size": page.size,
            "next": page.next_line,
            "is_complete": job.status.is_terminal,
            "process_count": job.process_count,
        }
    )


def _own(desk: Desk, caller: Caller, workspace: str, name: str) -> JobRecord:
    job = show_job(desk.world, workspace, name)
    check_own(caller, job)
    return job


def _file_or_folder(request: Request, place: Path, path: str, form: str) -> Response:
    if place.is_dir():
        name = path.strip("/").rpartition("/")[2]
        return _listing(sorted(service.files_below(place), key=lambda file: file.path), name, form)
    return send_file(request, place)


def _listing(files: Sequence[JobFile], name: str, form: str) -> Response:
    answers: dict[str, Callable[[], Response]] = {
        "json": lambda: Answer({"value": [{"path": file.path, "size": file.size} for file in files]}),
        "tar": lambda: send_tar(files, name),
        "zip": lambda: send_zip(files, name),
    }
    if form not in answers:
        raise UserError("`format` has to be `json`, `tar` or `zip`", code="bad-request")
    return answers[form]()
