"""
The route of the search over everything.
"""

from __future__ import annotations

from fastapi import APIRouter

from pipeyard.api.address import HOME
from pipeyard.api.allow import TheDesk, UserOnly
from pipeyard.api.answer import Answer
from pipeyard.service.search import HITS_DEFAULT, search

router = APIRouter(dependencies=[UserOnly])


@router.get(HOME + "/search")
def search_all(workspace: str, desk: TheDesk, text: str = "", limit: int = HITS_DEFAULT) -> Answer:
    """Find jobs, drafts, assets, computes and datastores whose names, types, tags or steps hold some words."""
    return Answer({"value": search(desk.world, workspace, text, limit)})
