"""
Routes of what the Designer asks for besides drafts: palette, templates, and the fields of each kind of mapping.
"""

from __future__ import annotations

from fastapi import APIRouter

from pipeyard.api.allow import TheDesk, UserOnly
from pipeyard.api.answer import Answer
from pipeyard.model.errors import NotFound
from pipeyard.model.nearest import nearest
from pipeyard.service.draft_source import templates as templates_of
from pipeyard.service.draft_view import template_json
from pipeyard.service.palette import palette as palette_of
from pipeyard.spec.json_schema import json_schema, kinds_described

router = APIRouter(dependencies=[UserOnly])


@router.get("/api/v1/templates")
def templates(desk: TheDesk) -> Answer:
    """List the examples that a draft can begin with."""
    return Answer({"value": [template_json(one) for one in templates_of(desk.world)]})


@router.get("/api/v1/workspaces/{workspace}/palette")
def palette(workspace: str, desk: TheDesk) -> Answer:
    """Return everything that can be put into a pipeline, in one answer; those of registries too."""
    return Answer(palette_of(desk.world, workspace))


@router.get("/api/v1/schemas")
def schemas() -> Answer:
    """List the kinds of mapping that a schema describes."""
    return Answer({"value": list(kinds_described())})


@router.get("/api/v1/schemas/{schema}")
def schema(schema: str) -> Answer:
    """Return the JSON Schema of a kind of mapping, such as `pipeline job` or `command component`."""
    found = json_schema(schema)
    if found is None:
        close = nearest(schema, kinds_described())
        raise NotFound(
            f"there is no kind of mapping `{schema}`",
            code="unknown-kind",
            hint=f"did you mean `{close}`?" if close else "`GET /api/v1/schemas` lists them",
        )
    return Answer(found)
