"""
`pipeyard draft validate` and `draft submit`.

In:       a draft, and what is wished besides its text.
Out:      problems, drawn; the job's JSON on stdout, or what would become of each step.
Not here: finding problems (the server does, by the code of `job validate`).
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any

import click

from pipeyard.cli import notice, option
from pipeyard.cli.command import command, settings_of
from pipeyard.cli.option_draft import draft_argument, drafts_and
from pipeyard.cli.verdict import count_of, draw, pairs_of, refused
from pipeyard.model.errors import NotFound, UsageError, UserError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pipeyard.client.drafts import Drafts
    from pipeyard.model.diagnostic import Diagnostic

NOTHING_SUBMITTED = "Nothing was submitted."


@command(
    "validate",
    short_help="Say what is wrong with it.",
    help="Check a draft as `job validate` checks a file, and show all problems at once, each with its place. "
    "Fails if there is an error; warnings alone are no failure.",
    examples=(
        ("Check it:", "pipeyard draft validate DRAFT"),
        ("One line for each problem:", "pipeyard draft validate DRAFT --format short"),
        ("For a program:", "pipeyard draft validate DRAFT -o json"),
    ),
)
@draft_argument()
@option.form()
def validate(*, draft: str, form: str | None) -> int:
    """Check a draft."""
    # Imported here: help needs none of it.
    from pipeyard.client.wire import problem_of  # noqa: PLC0415

    drafts, id_ = drafts_and(draft)
    found = drafts.validate(id_)
    settings = settings_of()
    if settings.output is not None or settings.query is not None:
        notice.show(found, table=[_problem_row(one) for one in found["problems"]])
        return int(found["errors"] > 0)
    problems = [problem_of(one) for one in found["problems"]]
    shown = drafts.show(id_)
    draw(problems, texts_of(drafts, shown, problems), form, sys.stdout)
    more = f", and {found['left_out']} more" if found["left_out"] else ""
    notice.say(f"{shown['name']}: {count_of(problems)}{more}")
    return int(found["errors"] > 0)


@command(
    "submit",
    short_help="Make a job of it, or say what would run.",
    help="Check a draft and run it. Prints the job as JSON and returns at once. What no flag says is as the draft says. "
    "Nothing is written when anything is wrong. Says which command does the same with the exported draft.",
    examples=(
        ("Run it, and follow it:", "pipeyard draft submit DRAFT --stream"),
        ("With other inputs:", "pipeyard draft submit DRAFT --inputs rate=0.1 epochs=20"),
        ("Only say which steps would run, and why:", "pipeyard draft submit DRAFT --dry-run"),
        ("Run every step:", "pipeyard draft submit DRAFT --force-rerun"),
    ),
)
@draft_argument()
@click.option("-n", "--name", metavar="NAME", help="Name of the job; must be new. Default: made up.")
@click.option("--experiment-name", metavar="NAME", help="The group of jobs that it belongs to.")
@click.option("--display-name", metavar="TEXT", help="What people call it.")
@click.option("--description", metavar="TEXT", help="What it is.")
@option.words("--tags", "KEY=VALUE...", "Its tags, in place of the draft's.")
@option.words("--inputs", "NAME=VALUE...", "Values of the pipeline's inputs; of data, its path.")
@click.option("--default-compute", metavar="NAME", help="Where steps run that name no compute.")
@click.option(
    "--continue-on-step-failure/--no-continue-on-step-failure",
    default=None,
    help="Whether steps that do not depend on a failed one go on.",
)
@click.option(
    "--force-rerun/--no-force-rerun", default=None, help="Whether every step runs, whatever stands from earlier."
)
@option.flag("-s", "--stream", text="Follow the job's logs until it ends; fails if the job fails.")
@option.flag("-e", "--web", text="Open the job's page in a browser.")
@option.flag("--dry-run", text="Create nothing; say which steps would run, and why.")
@option.form()
def submit(
    *,
    draft: str,
    name: str | None,
    experiment_name: str | None,
    display_name: str | None,
    description: str | None,
    tags: tuple[tuple[str, ...], ...],
    inputs: tuple[tuple[str, ...], ...],
    default_compute: str | None,
    continue_on_step_failure: bool | None,
    force_rerun: bool | None,
    stream: bool,
    web: bool,
    dry_run: bool,
    form: str | None,
) -> int:
    """Run a draft."""
    if dry_run and (stream or web):
        raise UsageError(f"{'--stream' if stream else '--web'} needs a job, and --dry-run creates none")
    wishes: dict[str, Any] = {
        "name": name,
        "experiment_name": experiment_name,
        "display_name": display_name,
        "description": description,
        "tags": option.tags_of(tags) if tags else None,
        "inputs": _inputs(inputs),
        "default_compute": default_compute,
        "continue_on_step_failure": continue_on_step_failure,
        "force_rerun": force_rerun,
    }
    drafts, id_ = drafts_and(draft)
    shown = drafts.show(id_)
    if dry_run:
        return _planned(drafts, shown, wishes, form)
    return _submitted(drafts, shown, wishes, form, stream=stream, web=web)


def _planned(drafts: Drafts, shown: Mapping[str, Any], wishes: Mapping[str, Any], form: str | None) -> int:
    from pipeyard.cli.job_foresee import show_forecast  # noqa: PLC0415 - as above.
    from pipeyard.cli.reasons import rows_of  # noqa: PLC0415

    try:
        found = drafts.plan(shown["id"], wishes)
    except UserError as error:
        return refused_draft(drafts, shown, error, form)
    _draw(drafts, shown, found, form)
    settings = settings_of()
    if settings.output is not None or settings.query is not None:
        notice.show(found, table=rows_of(found["steps"]))
        return 0
    show_forecast(found)
    notice.say(f"The same, exported: {found['command']}")
    return 0


def _submitted(
    drafts: Drafts, shown: Mapping[str, Any], wishes: Mapping[str, Any], form: str | None, *, stream: bool, web: bool
) -> int:
    from pipeyard.cli.connection import connected  # noqa: PLC0415 - as above.
    from pipeyard.cli.job_send import followed  # noqa: PLC0415
    from pipeyard.cli.job_show import job_row  # noqa: PLC0415
    from pipeyard.client.identity import host_name, user_name  # noqa: PLC0415

    try:
        mine = {"user": user_name(), "host": host_name(), "revision": shown["revision"]}
        found = drafts.submit(shown["id"], {**wishes, **mine})
    except UserError as error:
        return refused_draft(drafts, shown, error, form)
    _draw(drafts, shown, found, form)
    notice.say(f"The same, exported: {found['command']}")
    workspace = connected()
    job = workspace.job(found["job"])
    if web:
        from pipeyard.cli.browser import open_page  # noqa: PLC0415 - as above.

        open_page(workspace, job)
    code = 0
    if stream:
        job, code = followed(workspace, job)
    notice.show(job, table=[job_row(job)])
    return code


def refused_draft(
    drafts: Drafts, shown: Mapping[str, Any], error: UserError, form: str | None, outcome: str = NOTHING_SUBMITTED
) -> int:
    """Draw why a draft was refused; return the exit code."""
    problems = getattr(error, "diagnostics", ())
    return refused(error, texts_of(drafts, shown, problems), form, outcome)


def _draw(drafts: Drafts, shown: Mapping[str, Any], found: Mapping[str, Any], form: str | None) -> None:
    from pipeyard.client.wire import problem_of  # noqa: PLC0415 - as above.

    problems = [problem_of(one) for one in found["problems"]]
    draw(problems, texts_of(drafts, shown, problems), form, sys.stderr)


def texts_of(drafts: Drafts, shown: Mapping[str, Any], problems: Sequence[Diagnostic]) -> dict[str, str]:
    """Return the texts that problems stand in, for excerpts."""
    texts = {str(shown["main"]): str(shown["text"])}
    for problem in problems:
        file = None if problem.span is None else problem.span.file
        if file is not None and file not in texts:
            try:
                texts[file] = drafts.file(shown["id"], file).decode("utf-8", "replace")
            except NotFound:
                # `--set`, or a registered component: there is no such file.
                texts[file] = ""
    return texts


def _inputs(groups: tuple[tuple[str, ...], ...]) -> dict[str, Any]:
    from pipeyard.spec.scalar import read_plain  # noqa: PLC0415 - as above.

    found: dict[str, Any] = {}
    for pair in pairs_of(groups):
        name, _, value = pair.partition("=")
        found[name] = read_plain(value) if value else ""
    return found


def _problem_row(problem: Mapping[str, Any]) -> Mapping[str, Any]:
    span = problem["span"] or {}
    return {
        "severity": problem["severity"],
        "file": problem["file"],
        "line": span.get("line"),
        "step": problem["step"],
        "code": problem["code"],
        "message": problem["message"],
    }
