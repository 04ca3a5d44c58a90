"""
The route of what came of what.

Not here: walking from one to the next (`service/lineage_graph.py`), who uses a version (`assets.py`).
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from pipeyard.api.address import HOME
from pipeyard.api.allow import TheDesk, UserOnly
from pipeyard.api.answer import Answer
from pipeyard.api.query import time_of
from pipeyard.model.asset_record import Period
from pipeyard.service.lineage_graph import KINDS_DEFAULT, LineageRequest, lineage_graph, parse_node

router = APIRouter(dependencies=[UserOnly])


@router.get(HOME + "/lineage")
def lineage(
    workspace: str,
    desk: TheDesk,
    *,
    of: str,
    depth: int = 2,
    dir: str = "both",  # noqa: A002 - the address says `dir`.
    kind: Annotated[list[str] | None, Query()] = None,
    since: str | None = None,
    until: str | None = None,
) -> Answer:
    """Say what a version or a job was made of, and what was made of it; at most 500 nodes, and whether there are more."""
    request = LineageRequest(
        parse_node(of, workspace),
        depth=depth,
        way=dir,
        kinds=frozenset(kind or KINDS_DEFAULT),
        period=Period(time_of(since), time_of(until)),
    )
    return Answer(lineage_graph(desk.world, workspace, request))
