"""
A draft's component files as the JSON that users see.

In:       what registering them would do, or did.
Out:      plain mappings, as `api/describe/draft.py` describes them.
"""

from __future__ import annotations

from typing import Any

from pipeyard.model.errors import PipeyardError
from pipeyard.registry.difference import shown
from pipeyard.service.draft_components import Part, Parts, Standing
from pipeyard.service.draft_view import head_json, problem_json, step_of
from pipeyard.service.drafts import Draft


def parts_json(found: Parts, draft: Draft, now_ms: int) -> dict[str, Any]:
    """Return all of them."""
    return {
        "components": [part_json(one) for one in found.parts],
        "registered": sum(one.standing is Standing.REGISTERED for one in found.parts),
        "text": found.text,
        "kept": list(found.kept),
        "draft": head_json(draft.record, now_ms),
    }


def part_json(part: Part) -> dict[str, Any]:
    """Return one component file."""
    head, (files, size) = part.local.head, part.code
    return {
        "file": part.local.file,
        "steps": [step_of(path)[0] for path in part.local.places],
        "name": _text(head.get("name")),
        "version": _text(head.get("version")),
        "type": _text(head.get("type")),
        "display_name": _text(head.get("display_name")),
        "description": _text(head.get("description")),
        "code_files": files,
        "code_bytes": size,
        "state": part.standing.value,
        "reference": part.reference,
        "next_version": part.next_version,
        "message": _message(part),
        "differs": list(part.differs),
        "problems": [problem_json(one, part.local.file) for one in part.problems],
        "warnings": list(part.remarks),
        "error": None if part.error is None else _error_json(part.error),
    }


def _message(part: Part) -> str | None:
    """Return in a sentence why it is not registered; None where nothing stands in the way."""
    if part.error is not None:
        return part.error.message
    if part.standing is Standing.DIFFERS:
        what = f" and differs in {shown(tuple(part.differs))}" if part.differs else " with another body"
        return f"version {part.local.head.get('version')} exists{what}; a version is written once"
    errors = [one for one in part.problems if one.is_error]
    return errors[0].message if errors else None


def _error_json(error: PipeyardError) -> dict[str, Any]:
    return {"code": error.code, "message": error.message, "hint": error.hint}


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
