"""
Routes of the rows of tables.
"""

from __future__ import annotations

from fastapi import APIRouter

from pipeyard.api.address import HOME
from pipeyard.api.allow import TheDesk, UserOnly
from pipeyard.api.answer import Answer
from pipeyard.model.assets import AssetKind
from pipeyard.service.assets import Wanted
from pipeyard.service.tables import ROWS_DEFAULT, preview_data

router = APIRouter(dependencies=[UserOnly])
_DATA = HOME + "/data/{name}"


@router.get(_DATA + "/preview")
def preview_default(workspace: str, name: str, desk: TheDesk, rows: int = ROWS_DEFAULT) -> Answer:
    """Show the first rows of the version that a reference without one means."""
    return Answer(preview_data(desk.world, workspace, Wanted(AssetKind.DATA, name), rows))


@router.get(_DATA + "/{which:which}/preview")
def preview(workspace: str, name: str, which: str, desk: TheDesk, rows: int = ROWS_DEFAULT) -> Answer:
    """Show the first rows of one version."""
    word, _, text = which.partition("/")
    wanted = Wanted(AssetKind.DATA, name, *((text, None) if word == "versions" else (None, text)))
    return Answer(preview_data(desk.world, workspace, wanted, rows))
