"""
`pipeyard draft register-components`.

In:       a draft, and which of its component files.
Out:      what each is registered as, as JSON; why others are not, on stderr.
Not here: registering a file of this machine (`component_create.py`).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from pipeyard.cli import notice, option
from pipeyard.cli.command import command
from pipeyard.cli.draft_submit import refused_draft, texts_of
from pipeyard.cli.option_draft import draft_argument, drafts_and
from pipeyard.cli.verdict import draw
from pipeyard.model.errors import SpecError, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pipeyard.client.drafts import Drafts

_DONE = frozenset({"new", "same", "registered"})
NOTHING_REGISTERED = "Nothing was registered."


@command(
    "register-components",
    short_help="Register its component files, and refer to them.",
    help="Register the component files that a draft's pipeline names by path, with their code, and write "
    "`azureml:NAME:VERSION` in the place of each path; comments and order stay. What is registered already with an "
    "equal body is only referred to. Each succeeds or fails by itself; fails if one does.",
    examples=(
        ("Say what would happen:", "pipeyard draft register-components DRAFT --dry-run -o table"),
        ("All of them:", "pipeyard draft register-components DRAFT"),
        ("Only some:", "pipeyard draft register-components DRAFT --only train.yml score.yml"),
        (
            "As a new version, although the file says another:",
            "pipeyard draft register-components DRAFT --next-version train.yml",
        ),
        ("One that has no name:", "pipeyard draft register-components DRAFT --names train.yml=train"),
    ),
)
@draft_argument()
@option.words("--only", "FILE...", "Only these files of the draft.")
@option.words("--names", "FILE=NAME...", "Register a file's component under this name.")
@option.words("--next-version", "FILE...", "Give these the next number, whatever version they say.")
@option.flag("--keep-paths", text="Register them, and leave the draft's text as it is.")
@option.flag("--dry-run", text="Register nothing; say what would happen.")
@option.flag("--take-over", text="Change the draft although somebody edits it.")
@option.form()
def register_components(
    *,
    draft: str,
    only: tuple[tuple[str, ...], ...],
    names: tuple[tuple[str, ...], ...],
    next_version: tuple[tuple[str, ...], ...],
    keep_paths: bool,
    dry_run: bool,
    take_over: bool,
    form: str | None,
) -> int:
    """Register components of a draft."""
    body: dict[str, Any] = {
        "only": _flat(only) if only else None,
        "names": _names(_flat(names)),
        "next": _flat(next_version),
        "refer": not keep_paths,
        "dry_run": dry_run,
    }
    drafts, id_ = drafts_and(draft)
    shown = drafts.show(id_)
    try:
        found = _asked(drafts, id_, body, take_over=take_over and not dry_run)
    except SpecError as error:
        return refused_draft(drafts, shown, error, form, outcome=NOTHING_REGISTERED)
    _say(drafts, shown, found, form)
    notice.show(found, table=[_row(one) for one in found["components"]])
    return int(any(one["state"] not in _DONE for one in found["components"]))


def _asked(drafts: Drafts, id_: str, body: Mapping[str, Any], *, take_over: bool) -> Mapping[str, Any]:
    if not take_over:
        found: Mapping[str, Any] = drafts.register_components(id_, body)
        return found
    # As somebody who edits for a moment.
    holder = f"command line {os.getpid()}"
    drafts.hold(id_, holder, take_over=True)
    try:
        found = drafts.register_components(id_, {**body, "holder": holder})
    finally:
        drafts.release(id_, holder)
    return found


def _say(drafts: Drafts, shown: Mapping[str, Any], found: Mapping[str, Any], form: str | None) -> None:
    # Imported here: help needs none of it.
    from pipeyard.client.wire import problem_of  # noqa: PLC0415

    if not found["components"]:
        notice.say("The pipeline names no component files.")
    for one in found["components"]:
        problems = [problem_of(problem) for problem in one["problems"]]
        draw(problems, texts_of(drafts, shown, problems), form, sys.stderr)
        for text in one["warnings"]:
            notice.warn(f"{one['file']}: {text}")
        if one["state"] not in _DONE:
            notice.say(f"{one['file']}: not registered: {one['message']}{_hint(one)}")
    for file in found["kept"]:
        notice.warn(f"{file}: the text still names the file, because it cannot be changed there: write it by hand")


def _hint(one: Mapping[str, Any]) -> str:
    if one["state"] == "differs":
        return f"\n  as version {one['next_version']}: --next-version {one['file']}"
    hint = (one["error"] or {}).get("hint")
    if hint:
        return f"\n  {hint}"
    return "" if one["name"] else f"\n  it has no name: --names {one['file']}=NAME"


def _row(one: Mapping[str, Any]) -> Mapping[str, Any]:
    return {
        "file": one["file"],
        "name": one["name"],
        "version": one["version"] or "(next)",
        "type": one["type"],
        "code": one["code_bytes"],
        "state": one["state"],
        "reference": one["reference"],
    }


def _flat(groups: Sequence[Sequence[str]]) -> list[str]:
    return [word for group in groups for word in group]


def _names(words: Sequence[str]) -> dict[str, str]:
    names = {}
    for word in words:
        file, found, name = word.rpartition("=")
        if not found or not file or not name:
            raise UsageError(f"--names takes FILE=NAME, this is `{word}`")
        names[file] = name
    return names
