"""
`pipeyard gc`: free the space of what nobody needs any more.

In:       which kinds, how old, how much may stay.
Out:      a plan, and after a yes the same carried out by the server.
Not here: what may go (`service/tidy_plan.py`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import click

from pipeyard.cli import notice, option
from pipeyard.cli.command import command, settings_of
from pipeyard.cli.connection import connected_server
from pipeyard.cli.progress import ProgressLine, size_text
from pipeyard.model.errors import OutsideError, UsageError

_AGE = re.compile(r"(\d+(?:\.\d+)?)\s*([smhdw]?)", re.IGNORECASE)
_SECONDS = {"": 86_400, "s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([kmgt]?)(i?)b?", re.IGNORECASE)
_POWERS = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4}
_KINDS = {
    "outputs": "What steps of ended jobs wrote.",
    "snapshots": "Code and data that were sent with jobs.",
    "environments": "Environments that were built.",
    "cache": "Copies of what is in datastores elsewhere.",
    "attempts": "Folders of attempts whose outputs could not be stored.",
    "rehearsals": "Folders that `job run-step` kept, or left when it was killed.",
}


def _kind_options(function: Any) -> Any:
    for word, text in reversed(_KINDS.items()):
        function = option.flag(f"--{word}", text=f"{text} Without any of these flags: all of them.")(function)
    return function


@command(
    "gc",
    short_help="Free the space of what nobody needs any more.",
    help="Free the space of what nobody needs any more: first shows what would go and asks. "
    "Without a limit, what was last of use 30 days ago goes. What a job that has not ended or may be resumed needs, "
    "what a registered version needs, and what a draft names, always stays; archived jobs count as old. "
    "Jobs stay in the lists, and say of their outputs when they were freed.",
    examples=(
        ("What would go:", "pipeyard gc --dry-run -o table"),
        ("Outputs older than a week, without a question:", "pipeyard gc --outputs --older-than 7d --yes"),
        ("The oldest, until all is within 20 GB:", "pipeyard gc --max-size 20GB"),
    ),
)
@click.option(
    "--older-than", metavar="AGE", help="Last of use before that: 30d, 12h, 2w. Default: 30d, or any with --max-size."
)
@click.option("--max-size", metavar="SIZE", help="How much may stay of the chosen kinds: 20GB, 500MB.")
@_kind_options
@option.flag("--dry-run", text="Only show what would go.")
@option.flag("-y", "--yes", text="Do not ask.")
def gc(*, older_than: str | None, max_size: str | None, dry_run: bool, yes: bool, **kinds: bool) -> None:
    """Plan, ask, free."""
    limits = {
        "kinds": [word for word, is_wanted in kinds.items() if is_wanted],
        "older_than_seconds": None if older_than is None else _seconds(older_than),
        "bytes_max": None if max_size is None else _bytes(max_size),
    }
    server = connected_server()
    plan = server.plan_gc(limits)
    if dry_run or not plan["count"]:
        _show(plan)
        if not plan["count"]:
            notice.say("nothing to free")
        return
    if not yes:
        notice.say("\n".join(_sentence(row) for row in plan["kinds"] if row["freed_count"]))
    option.confirm(f"Free {size_text(plan['size'])}?", yes=yes)
    progress = ProgressLine(quiet=settings_of().only_show_errors)
    progress.begin("freeing", plan["size"])
    freed, end = 0, None
    for news in server.gc(limits):
        if news["type"] == "progress":
            progress.advance(news["freed_size"] - freed)
            freed = news["freed_size"]
        elif news["type"] == "end":
            end = news
    progress.end()
    if end is None:
        raise OutsideError("the server ended before everything was freed", code="server-unreachable", may_retry=True)
    for problem in end["problems"]:
        notice.warn(problem)
    _show({key: value for key, value in end.items() if key != "type"})


def _show(report: Mapping[str, Any]) -> None:
    rows = [
        {
            "kind": row["kind"],
            "there": row["count"],
            "size": size_text(row["size"]),
            "freed": row["freed_count"],
            "freed size": size_text(row["freed_size"]),
            "stays because": "; ".join(f"{reason} ({count})" for reason, count in row["kept"].items()),
        }
        for row in report["kinds"]
    ]
    notice.show(report, table=rows)


def _sentence(row: Mapping[str, Any]) -> str:
    return f"{row['kind']}: {row['freed_count']} of {row['count']}, {size_text(row['freed_size'])}"


def _seconds(text: str) -> float:
    found = _AGE.fullmatch(text.strip())
    if found is None:
        raise UsageError(f"--older-than takes an age such as 30d, 12h or 2w, this is `{text}`")
    return float(found[1]) * _SECONDS[found[2].lower()]


def _bytes(text: str) -> int:
    found = _SIZE.fullmatch(text.strip())
    if found is None:
        raise UsageError(f"--max-size takes a size such as 20GB or 500MB, this is `{text}`")
    return int(float(found[1]) * (1024 if found[3] else 1000) ** _POWERS[found[2].lower()])
