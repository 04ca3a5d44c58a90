"""
Drafts, their problems and plans as the JSON that users see.

In:       values of the other `draft_*` files.
Out:      plain mappings, as `api/describe/draft.py` describes them.
Not here: routes (`api/drafts.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pipeyard.model.diagnostic import Diagnostic, Span, YamlPath
from pipeyard.model.draft_record import DraftRecord, DraftRevision
from pipeyard.model.reuse import Decision
from pipeyard.service.draft_source import Template
from pipeyard.service.draft_submit import Plan, Submitted
from pipeyard.service.drafts import Draft, DraftConflict
from pipeyard.service.why import foresight_json
from pipeyard.service.wire import plain, time_text

# More than anybody reads; of a text that is no pipeline at all there may be thousands.
_PROBLEMS_MAX = 500


def head_json(record: DraftRecord, now_ms: int) -> dict[str, Any]:
    """Return a draft without what is in it."""
    holder = record.holder_at(now_ms)
    return {
        "id": record.id,
        "name": record.name,
        "revision": record.revision,
        "created_at": time_text(record.created_at_ms),
        "created_by": record.created_by,
        "modified_at": time_text(record.modified_at_ms),
        "modified_by": record.modified_by,
        "archived": record.is_archived,
        "holder": holder,
        "held_by": None if holder is None else record.held_by,
        "main": record.main,
        "file_count": record.file_count,
        "origin": record.origin.value,
        "origin_name": record.origin_name,
    }


def draft_json(draft: Draft, now_ms: int) -> dict[str, Any]:
    """Return a draft with what is in it; of its files only what they are."""
    return {
        **head_json(draft.record, now_ms),
        "text": draft.content.text,
        "layout": plain(draft.content.layout),
        "files": [
            {"path": file.path, "size": file.size, "sha256": file.sha256, "executable": file.executable}
            for file in draft.content.files
        ],
    }


def revision_json(revision: DraftRevision) -> dict[str, Any]:
    """Return one state of a draft."""
    return {
        "revision": revision.revision,
        "name": revision.name,
        "saved_at": time_text(revision.saved_at_ms),
        "saved_by": revision.saved_by,
        "reason": revision.reason.value,
        "size": revision.size,
        "job": revision.job,
    }


def conflict_json(conflict: DraftConflict, now_ms: int) -> dict[str, Any]:
    """Return why a save was refused, with the state that there is."""
    error = {"code": conflict.code, "message": conflict.message, "hint": conflict.hint}
    return {"error": error, "draft": draft_json(conflict.draft, now_ms)}


def refusal_json(problems: Sequence[Diagnostic], main: str) -> list[dict[str, Any]]:
    """Return why a draft was refused, for beside the envelope of errors."""
    return [problem_json(problem, main) for problem in problems[:_PROBLEMS_MAX]]


def check_json(problems: Sequence[Diagnostic], main: str) -> dict[str, Any]:
    """Return everything that is wrong with a draft."""
    errors = sum(problem.is_error for problem in problems)
    return {
        "problems": [problem_json(problem, main) for problem in problems[:_PROBLEMS_MAX]],
        "errors": errors,
        "warnings": len(problems) - errors,
        "left_out": max(0, len(problems) - _PROBLEMS_MAX),
    }


def problem_json(problem: Diagnostic, main: str) -> dict[str, Any]:
    """Return one problem with its place in the text and in the pipeline."""
    place = problem.place
    step, field = step_of(place.path) if place.source == "" else ("", "")
    return {
        "code": problem.code,
        "severity": problem.severity.value,
        "message": problem.message,
        "expected": problem.expected,
        "found": problem.found,
        "hint": problem.hint,
        "file": place.source or main,
        "path": list(place.path),
        "on_key": place.on_key,
        "step": step or None,
        "field": field or None,
        "span": _span_json(problem.span),
        "related": [{"message": item.message, "span": _span_json(item.span)} for item in problem.related],
    }


def plan_json(plan: Plan, main: str) -> dict[str, Any]:
    """Return what would become of each step."""
    found = foresight_json(plan.foresight)
    steps = found["steps"]
    running = [step for step in steps if step["decision"] in (Decision.RUN.value, Decision.DEPENDS.value)]
    return {
        **found,
        "reused": sum(step["decision"] == Decision.REUSE.value for step in steps),
        "running": len(running),
        "without_time": sum(step["seconds"] is None for step in running),
        "problems": [problem_json(problem, main) for problem in plan.warnings[:_PROBLEMS_MAX]],
        "command": plan.command,
    }


def submitted_json(submitted: Submitted, draft: Draft, now_ms: int) -> dict[str, Any]:
    """Return the job that a draft became."""
    return {
        "job": submitted.job.name,
        "status": submitted.job.status.value,
        "draft": head_json(draft.record, now_ms),
        "problems": [problem_json(problem, draft.content.main) for problem in submitted.warnings],
        "command": submitted.command,
    }


def template_json(template: Template) -> dict[str, Any]:
    """Return an example that a draft can begin with."""
    return {
        "name": template.name,
        "title": template.title,
        "description": template.description,
        "steps": template.steps,
        "file_count": template.file_count,
    }


def step_of(path: YamlPath) -> tuple[str, str]:
    """Return the step that a place is in, as `outer/inner`, and what of it."""
    steps: list[str] = []
    rest = tuple(str(item) for item in path)
    while len(rest) > 1 and rest[0] == "jobs":
        steps.append(rest[1])
        rest = rest[2:]
        if rest[:2] == ("component", "jobs"):
            rest = rest[1:]
    return "/".join(steps), ".".join(rest)


def _span_json(span: Span | None) -> dict[str, Any] | None:
    if span is None or span.line < 1:
        return None
    return {
        "file": span.file,
        "line": span.line,
        "column": span.column,
        "end_line": span.end_line,
        "end_column": span.end_column,
    }
