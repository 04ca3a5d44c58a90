"""
`pipeyard job stream`.

Not here: what is shown while a job runs (`follow.py`).
"""

from __future__ import annotations

import sys

import click

from pipeyard.cli.command import command
from pipeyard.cli.connection import connected
from pipeyard.cli.follow import follow
from pipeyard.cli.option_job import job_name


@command(
    "stream",
    short_help="Follow a job's logs and steps until it ends.",
    help="Follow a job until it ends: the logs of all its steps, each line behind the step's name, then a summary. "
    "Fails if the job failed. Ctrl-C stops following; the job goes on. A single step can be followed too.",
    examples=(
        ("Follow a job:", "pipeyard job stream -n NAME"),
        ("Keep its logs:", "pipeyard job stream -n NAME > all.log"),
        ("See what the second of several processes writes:", "pipeyard job stream -n NAME --rank 1"),
    ),
)
@job_name()
@click.option(
    "--rank",
    type=click.IntRange(min=0),
    metavar="NUMBER",
    help="Of steps that several processes share (`distribution`), whose log to show. Default: 0.",
)
def stream(name: str, rank: int | None) -> int:
    """Follow a job."""
    return follow(connected(), name, sys.stdout, rank)
