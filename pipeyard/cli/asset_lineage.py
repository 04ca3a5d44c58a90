"""
`lineage` of components, data, environments, models and jobs.

In:       a version or a job.
Out:      what it was made of and what was made of it, as JSON, or as a table in the order of the levels.
Not here: finding it out (the server does); the nearest jobs only (`show --lineage`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from typing import Any, TypeVar

import click

from pipeyard.cli import asset_option, notice
from pipeyard.cli.asset_option import ONE, assets_of, one_of
from pipeyard.cli.command import Command, command
from pipeyard.cli.connection import connected
from pipeyard.cli.job_show import since_text
from pipeyard.cli.option_job import job_argument, named_job
from pipeyard.model.assets import AssetKind

Function = TypeVar("Function", bound=Callable[..., Any])

_KINDS = ("data", "models", "outputs", "components", "environments")
_ABOUT = (
    "Jobs and assets alternate. What a step wrote and another job reads by its place is an asset too, called `outputs`. "
    "In a table, levels below 0 are what it was made of, those above 0 what was made of it."
)


def _range_options(function: Function) -> Function:
    for one in reversed(
        (
            click.option(
                "--depth",
                type=click.IntRange(0, 20),
                default=2,
                show_default=True,
                help="So many steps from it in each direction: from an asset to a job is one.",
            ),
            click.option(
                "--direction",
                type=click.Choice(["up", "down", "both"]),
                default="both",
                show_default=True,
                help="What it was made of (up), what was made of it (down), or both.",
            ),
            click.option(
                "--kind",
                type=click.Choice(_KINDS),
                multiple=True,
                help="Only such assets; may be repeated. Default: data, models and outputs.",
            ),
            click.option("--since", metavar="TIME", help="Only jobs created since then: 30m, 12h, 7d, or 2026-03-31."),
            click.option("--until", metavar="TIME", help="Only jobs created before then, written like --since."),
        )
    ):
        function = one(function)
    return function


def _lineage_of(kind: AssetKind) -> Command:
    word = kind.value

    @command(
        "lineage",
        short_help="Show what came of what: jobs, data, models.",
        help=f"Show what {ONE[kind]} was made of and what was made of it, over several jobs. {_ABOUT}",
        examples=(
            ("Around the newest version:", f"pipeyard {word} lineage -n NAME -o table"),
            ("Everything that it was made of:", f"pipeyard {word} lineage -n NAME -v 1 --direction up --depth 20"),
            ("The jobs in it:", f"pipeyard {word} lineage -n NAME --query \"nodes[?kind=='jobs'].name\" -o tsv"),
        ),
    )
    @asset_option.asset_name(kind)
    @asset_option.which_version(kind, "Version to begin with.")
    @_range_options
    @asset_option.registry_name()
    def lineage(*, name: str, version: str | None, label: str | None, registry_name: str | None, **wishes: Any) -> None:
        """Print the lineage of a version."""
        one_of(version, label)
        query = _query(**wishes)
        show(assets_of(kind, registry_name).lineage_graph(name, version=version, label=label, **query))

    return lineage


@command(
    "lineage",
    short_help="Show what a job read and wrote, and what came of that.",
    help=f"Show what a job read and wrote, where that came from, and what came of it in other jobs. {_ABOUT}",
    examples=(
        ("For reading:", "pipeyard job lineage NAME -o table"),
        ("Models that came of it:", "pipeyard job lineage NAME --direction down --kind models --depth 20"),
    ),
)
@job_argument()
@_range_options
def lineage_job(*, job: str | None, name: str | None, **wishes: Any) -> None:
    """Print the lineage of a job."""
    show(connected().lineage_graph(named_job(job, name), **_query(**wishes)))


def show(found: Mapping[str, Any]) -> None:
    """Print a lineage, and say so if it is not all of it."""
    notice.show(found, table=list(rows_of(found)))
    if found["truncated"]:
        notice.say(f"There is more: one answer holds {found['limit']} nodes; ask for less, or begin elsewhere")


def rows_of(found: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what a table shows: what it was made of first, the farthest at the top."""
    beside: dict[str, list[str]] = {}
    for edge in found["edges"]:
        beside.setdefault(edge["to"], []).append(f"{edge['from']} ({', '.join(edge['names'])})")
    nodes = sorted(found["nodes"], key=lambda node: node["level"])
    return [
        {
            "level": node["level"],
            "name": node["id"],
            "kind": "gone" if node["is_gone"] else node["type"],
            "status": node["label"],
            "created": str(node["created_at"] or "").partition(".")[0].replace("T", " "),
            "made_of": "; ".join(beside.get(node["id"], [])) or None,
        }
        for node in nodes
    ]


def _query(
    *, depth: int, direction: str, kind: tuple[str, ...], since: str | None, until: str | None
) -> dict[str, Any]:
    now = datetime.now(timezone.utc)
    return {
        "depth": depth,
        "dir": direction,
        "kind": list(kind) or None,
        "since": None if since is None else since_text(since, now),
        "until": None if until is None else since_text(until, now, "--until"),
    }


lineage_component = _lineage_of(AssetKind.COMPONENT)
lineage_data = _lineage_of(AssetKind.DATA)
lineage_environment = _lineage_of(AssetKind.ENVIRONMENT)
lineage_model = _lineage_of(AssetKind.MODEL)
