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


@command(
    "batches",
    short_help="Say how far a parallel step is, and which mini-batches failed.",
    help="Say how far a parallel step is: mini-batches and items that are done, items a second, time left, tries, and "
    "the mini-batches that failed for good with their files and errors. A step inside a pipeline is named with --step, "
    "unless it is the only parallel one.",
    examples=(
        ("For reading:", "pipeyard job batches NAME --step score -o table"),
        ("The files of what failed:", 'pipeyard job batches NAME --query "failed[].files[]" -o tsv'),
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
def batches(*, job: str | None, name: str | None, step: str | None) -> None:
    """Print progress and failed mini-batches."""
    # Imported here: help can do without.
    from pipeyard.cli import notice  # noqa: PLC0415
    from pipeyard.cli.connection import connected  # noqa: PLC0415

    found = connected().parallel(named_job(job, name), step)
    notice.show(found, table=[_row(failed) for failed in found["failed"]])
    notice.say(standing(found))


def standing(found: Mapping[str, Any]) -> str:
    """Return in a sentence how far a parallel step is."""
    counts = found["mini_batches"]
    total = "an unknown number of" if counts["total"] is None else str(counts["total"])
    words = [f"{counts['done']} of {total} mini-batches are done"]
    words += [f"{counts[word]} {said}" for word, said in _COUNTED.items() if counts.get(word)]
    if found.get("items_per_second"):
        words.append(f"{found['items_per_second']:.1f} items a second")
    if found.get("seconds_left") and found["state"] == "running":
        words.append(f"about {found['seconds_left']:.0f} s left")
    return ", ".join(words) + ("." if not found.get("message") else f"; {found['message']}.")


_COUNTED = {"failed": "failed", "retries": "tries were repeated", "taken": "were taken over from the earlier run"}


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
