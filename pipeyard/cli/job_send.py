"""
What `pipeyard job create` and `job validate` do.

In:       a file and what the flags change in it.
Out:      the created job's JSON on stdout; problems, drawn, on stderr (for `validate`: the result).
Not here: flags and help (`job_create.py`), the check itself (`client/checking.py`), following the job (`follow.py`).
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pipeyard.cli import notice
from pipeyard.cli.command import settings_of
from pipeyard.cli.connection import connected, connected_if_running
from pipeyard.cli.job_show import job_row
from pipeyard.cli.output import render
from pipeyard.cli.progress import ProgressLine
from pipeyard.cli.verdict import count_of, draw, pairs_of, refuse, refused, warn_if_slow
from pipeyard.client.checked import Checked
from pipeyard.client.home import cache_path
from pipeyard.client.sound import recall, remember
from pipeyard.client.submission import Choices, ask_server, submit
from pipeyard.client.workspace import Workspace
from pipeyard.model.diagnostic import Diagnostic
from pipeyard.model.errors import UserError
from pipeyard.model.value import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pipeyard.client.checking import CheckedJob

NOTHING_SUBMITTED = "Nothing was submitted."


@dataclass(frozen=True, slots=True)
class Wishes:
    """The flags of `job create`."""

    # As `--set` was given them.
    changes: tuple[tuple[str, ...], ...]
    strict: bool
    form: str | None
    name: str | None
    save_as: str | None
    stream: bool
    web: bool
    skip_validation: bool
    verify: bool = False


def create_job(file: str, wishes: Wishes) -> int:
    """Check a file, run it, and return the exit code."""
    if wishes.save_as is not None and not Path(wishes.save_as).absolute().parent.is_dir():
        raise UserError(
            f"there is no folder to write `{wishes.save_as}` into",
            code="missing-file",
            hint="nothing was submitted; make the folder, or give --save-as another place",
        )
    changes = pairs_of(wishes.changes)
    sound = None if changes else recall(cache_path(), file)
    checked = _checked(file, changes, wishes) if sound is None else sound
    if isinstance(checked, int):
        return checked
    texts = checked.files.texts
    draw(checked.diagnostics, texts, wishes.form, sys.stderr)
    workspace = connected()
    try:
        choices = Choices(wishes.name, wishes.strict, wishes.verify)
        # The job is shown as it is at its end, or not at all.
        job, warnings = submit(workspace, checked, choices, watcher(), steps=not wishes.stream and _is_shown(wishes))
    except UserError as error:
        return refused(error, texts, wishes.form, NOTHING_SUBMITTED)
    if sound is None and not changes:
        remember(cache_path(), file, checked)
    draw(warnings, texts, wishes.form, sys.stderr)
    if wishes.web:
        # Imported here: opening a browser costs a library.
        from pipeyard.cli.browser import open_page  # noqa: PLC0415

        open_page(workspace, job)
    code = 0
    if wishes.stream:
        job, code = followed(workspace, job, is_shown=_is_shown(wishes))
    notice.show(job, table=[job_row(job)])
    if wishes.save_as is not None:
        # Last: the job exists whether or not this file can be written.
        Path(wishes.save_as).write_text(render(job, "yaml"), "utf-8")
    return code


def _checked(file: str, changes: Sequence[str], wishes: Wishes) -> Checked | int:
    """Return what is known of a file that may be sent, or the exit code of its refusal."""
    # Imported here, as below: a file that was found sound before needs none of the language.
    from pipeyard.client.checking import check_job_file  # noqa: PLC0415
    from pipeyard.client.registered import Registered  # noqa: PLC0415

    warn_if_slow()
    # A server is started only when the file is sound and names what only a server knows.
    checked = check_job_file(file, changes, Registered(connected_if_running, connected))
    if checked.has_errors and not (wishes.skip_validation and checked.spec is not None):
        return refuse(checked.diagnostics, checked.files.texts, wishes.form, NOTHING_SUBMITTED)
    return checked


def validate_job(file: str, changes: tuple[tuple[str, ...], ...], *, strict: bool, form: str | None) -> int:
    """Check a file and return the exit code."""
    from pipeyard.client.checking import check_job_file  # noqa: PLC0415 - as above.
    from pipeyard.client.registered import Registered  # noqa: PLC0415

    warn_if_slow()
    checked = check_job_file(file, pairs_of(changes), Registered(connected_if_running))
    asked = _from_server(checked, strict=strict)
    problems = [*checked.diagnostics, *(asked or ())]
    unchecked = _unchecked(checked, was_asked=asked is not None)
    has_errors = any(problem.is_error for problem in problems)
    settings = settings_of()
    if settings.output is not None or settings.query is not None:
        from pipeyard.cli.problems import problems_json  # noqa: PLC0415 - only for programs.

        notice.show({**problems_json(problems), "unchecked": unchecked})
        return int(has_errors)
    draw(problems, checked.files.texts, form, sys.stdout)
    if unchecked:
        notice.say(f"Not checked, because only a server knows them: {', '.join(unchecked)}")
    notice.say(f"{file}: {count_of(problems)}")
    return int(has_errors)


def _unchecked(checked: CheckedJob, *, was_asked: bool) -> list[str]:
    """Return what only a server knows and none was asked about; Azure's own environments stand for any Python."""
    from pipeyard.client.registered import OF_AZURE  # noqa: PLC0415 - as above.
    from pipeyard.graph.references import assets_of  # noqa: PLC0415

    graph = checked.graph
    assets = {} if graph is None or was_asked else assets_of(graph)
    named = [reference for reference in assets if reference.registry not in OF_AZURE]
    return sorted({str(reference) for reference in (*checked.unchecked, *named)})


def _from_server(checked: CheckedJob, *, strict: bool) -> Sequence[Diagnostic] | None:
    """Return what a running server adds; None when none runs or the file is wrong anyway."""
    workspace = None if checked.has_errors else connected_if_running()
    if workspace is None:
        return None
    known = {(problem.code, problem.message) for problem in checked.diagnostics}
    found = ask_server(workspace, checked, Choices(strict=strict), watcher())
    return [problem for problem in found if (problem.code, problem.message) not in known]


def watcher() -> ProgressLine:
    """Return what shows how far a packing is."""
    settings = settings_of()
    return ProgressLine(quiet=settings.only_show_errors, verbose=settings.verbose)


def _is_shown(wishes: Wishes) -> bool:
    settings = settings_of()
    return settings.output != "none" or settings.query is not None or wishes.save_as is not None


def followed(workspace: Workspace, job: Mapping[str, Any], *, is_shown: bool = True) -> tuple[Mapping[str, Any], int]:
    """Follow a job to its end; return it as it is then, if anybody will see it, and the exit code."""
    # Imported here: most submits return at once.
    from pipeyard.cli.follow import follow  # noqa: PLC0415

    # The JSON is the result; the logs are messages.
    code = follow(workspace, str(job["name"]), sys.stderr)
    return workspace.job(str(job["name"])) if is_shown else job, code
