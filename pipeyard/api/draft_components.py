"""
The route by which the component files of a draft are registered.

Not here: rules (`service/draft_components.py`), other routes of drafts (`drafts.py`).
"""

from __future__ import annotations

from fastapi import APIRouter

from pipeyard.api.allow import Body, TheDesk, UserOnly
from pipeyard.api.answer import Answer
from pipeyard.api.drafts import ONE_DRAFT, refused, wrong
from pipeyard.model.errors import SpecError
from pipeyard.service.draft_components import list_components, register_components
from pipeyard.service.draft_components_view import parts_json
from pipeyard.service.draft_request import registering_of
from pipeyard.service.drafts import DraftConflict, show_draft

router = APIRouter(dependencies=[UserOnly])


@router.post(ONE_DRAFT + "/components:register")
def register(workspace: str, id: str, body: Body, desk: TheDesk) -> Answer:  # noqa: A002 - the address says `id`.
    """
    Register the component files that a draft's pipeline names, and let it name what they are registered as.

    `{"only"?: [file], "names"?: {file: name}, "next"?: [file], "dry_run"?, "refer"?, "revision"?, "holder"?}`.
    `names` take the place of those in the files; the files of `next` get the next number whatever version they say.
    Each component succeeds or fails by itself: see its `state`. With `dry_run` nothing is written, and `state` says
    what would happen. Unless `refer` is false, the draft is saved with the new `text`, as in a save.
    422 with `problems` when the pipeline cannot be read.
    """
    draft = show_draft(desk.world, workspace, id)
    wanted = registering_of(body)
    try:
        if wanted.is_dry_run:
            found = list_components(desk.world, draft, wanted, desk.owner)
        else:
            found, draft = register_components(desk.world, draft, wanted, desk.owner)
    except DraftConflict as conflict:
        return refused(desk, conflict)
    except SpecError as error:
        return wrong(error, draft.content.main)
    return Answer(parts_json(found, draft, desk.world.clock.now_ms()))
