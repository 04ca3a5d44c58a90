"""
`pipeyard job batches`.

In:       a parallel step.
Out:      how far it is, and its failed mini-batches, one line each.
Not here: running them again (`job_again.py`), following the step (`job_stream.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from pipeyard.cli.command import command
from pipeyard.cli.option_job import complete_steps, job_argument, named_job

_NAMES_SHOWN = 3
_INDICES_SHOWN = 10


@command(
    "batches",
    short_help="Say how far a parallel step is, and which mini-batches failed.",
    help="Say how far a parallel step is: mini-batches and items that are done, items a second, time left, tries, and "
    "the mini-batches that failed for good with their files and errors. A step inside a pipeline is named with --step, "
    "unless it is the only parallel one.",
    examples=(
        ("For reading:", "pipeyard job batches NAME --step score -o table"),
        ("The files of what failed:", 'pipeyard job batches NAME --query "failed[].files[]" -o tsv'),
        ("How mini-batch 7 failed, and what it printed:", "pipeyard job batches NAME --log 7"),
        ("What each worker does:", "pipeyard job batches NAME --query crew -o table"),
        ("Run those again:", "pipeyard job rerun NAME --step score --failed-batches --stream"),
    ),
)
@job_argument()
@click.option(
    "--step",
    metavar="STEP",
    shell_complete=complete_steps,
    help="The step that is meant. Default: the only parallel step.",
)
@click.option(
    "--log",
    type=click.IntRange(min=0),
    metavar="INDEX",
    help="Print how each try of this failed mini-batch ended, and what it printed.",
)
def batches(*, job: str | None, name: str | None, step: str | None, log: int | None) -> None:
    """Print progress and failed mini-batches."""
    # Imported here: help can do without.
    from pipeyard.cli import notice  # noqa: PLC0415
    from pipeyard.cli.connection import connected  # noqa: PLC0415

    workspace = connected()
    found = workspace.parallel(named_job(job, name), step)
    if log is not None:
        for piece in workspace.artifact(found["name"], _log_of(found, log)):
            click.echo(piece, nl=False)
        return
    notice.show(found, table=[_row(failed) for failed in found["failed"]])
    notice.say(standing(found))


def _log_of(found: Mapping[str, Any], index: int) -> str:
    """Return where the log of a failed mini-batch is; refuse one that did not fail."""
    # Imported here: help can do without.
    from pipeyard.model.errors import NotFound  # noqa: PLC0415

    failed = {one["index"]: one["log"] for one in found["failed"]}
    if index not in failed:
        known = ", ".join(str(one) for one in list(failed)[:_INDICES_SHOWN]) or "none"
        more = f" and {len(failed) - _INDICES_SHOWN} more" if len(failed) > _INDICES_SHOWN else ""
        raise NotFound(f"no mini-batch {index} failed for good", code="no-log", hint=f"those that did: {known}{more}")
    if failed[index] is None:
        raise NotFound(f"no log of mini-batch {index} was kept", code="no-log")
    return str(failed[index])


def standing(found: Mapping[str, Any]) -> str:
    """Return in a sentence how far a parallel step is."""
    if found["state"] == "waiting":
        return "It has not begun."
    counts = found["mini_batches"]
    total = "an unknown number of" if counts["total"] is None else str(counts["total"])
    words = [f"{counts['done']} of {total} mini-batches are done"]
    words += [f"{counts[word]} {said[counts[word] != 1]}" for word, said in _COUNTED.items() if counts.get(word)]
    if found.get("items_per_second"):
        words.append(f"{found['items_per_second']:.1f} items a second")
    if found.get("seconds_left") and found["state"] == "running":
        words.append(f"about {found['seconds_left']:.0f} s left")
    return ", ".join(words) + ("." if not found.get("message") else f"; {found['message']}.")


# Of one, and of several.
_COUNTED = {
    "failed": ("failed", "failed"),
    "retries": ("try was repeated", "tries were repeated"),
    "taken": ("was taken over from the earlier run", "were taken over from the earlier run"),
}


def _row(failed: Mapping[str, Any]) -> dict[str, Any]:
    names = list(failed["files"])
    more = f" and {failed['items'] - _NAMES_SHOWN} more" if len(names) > _NAMES_SHOWN else ""
    error = str(failed["error"]).strip().splitlines()
    return {
        "mini_batch": failed["index"],
        "what": ", ".join(names[:_NAMES_SHOWN]) + more,
        "items": failed["items"],
        "tries": failed["tries"],
        "error": error[-1] if error else "",
    }
