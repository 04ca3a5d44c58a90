"""
A draft as an argument: `pipeyard draft show DRAFT`, by its id or its name.

Out:      a decorator, what completes it, and the connection with the draft that was meant.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click
from click.shell_completion import CompletionItem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pipeyard.client.drafts import Drafts

Function = TypeVar("Function", bound=Callable[..., Any])

_OFFERED = 200


def draft_argument() -> Callable[[Function], Function]:
    """Return the argument DRAFT."""
    return click.argument("draft", metavar="DRAFT", shell_complete=complete_drafts)


def complete_drafts(context: click.Context, parameter: click.Parameter, typed: str) -> list[CompletionItem]:
    """Offer the drafts by id, each with its name."""
    del parameter
    # Imported here: help and parsing need no connection.
    from pipeyard.cli.connection import connected_if_running  # noqa: PLC0415
    from pipeyard.model.errors import PipeyardError  # noqa: PLC0415

    workspace = connected_if_running(context)
    if workspace is None:
        return []
    try:
        found = list(workspace.drafts.each(limit=_OFFERED))
    except PipeyardError:
        return []
    return [CompletionItem(one["id"], help=one["name"]) for one in found if one["id"].startswith(typed)]


def complete_templates(context: click.Context, parameter: click.Parameter, typed: str) -> list[CompletionItem]:
    """Offer the examples."""
    del parameter
    from pipeyard.cli.connection import connected_if_running  # noqa: PLC0415 - as above.
    from pipeyard.model.errors import PipeyardError  # noqa: PLC0415

    workspace = connected_if_running(context)
    if workspace is None:
        return []
    try:
        found = workspace.drafts.templates()
    except PipeyardError:
        return []
    return [CompletionItem(one["name"], help=one["title"]) for one in found if one["name"].startswith(typed)]


def drafts_and(word: str) -> tuple[Drafts, str]:
    """Return the drafts of the workspace, and the id of the one that was meant."""
    from pipeyard.cli.connection import connected  # noqa: PLC0415 - as above.

    drafts = connected().drafts
    return drafts, drafts.named(word)
