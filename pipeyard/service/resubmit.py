"""
Run a job again with other inputs: `job resubmit`.

In:       a job, ended or not, and new values for some of its inputs.
Out:      a new job from the same submission; everything but those values means what it meant then.
Not here: going on with a job, running steps of it again (`again.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field, replace
from typing import Any

from pipeyard.model.errors import NotFound, UserError
from pipeyard.model.nearest import nearest
from pipeyard.model.record import JobRecord
from pipeyard.model.reuse import ReusePlan
from pipeyard.model.value import dataclass
from pipeyard.service.again import as_accepted, sent_again, submitted
from pipeyard.service.submit import Origin, accept_job, examine
from pipeyard.service.world import World

RESUBMITTED_FROM = "pipeyard.resubmitted_from"


@dataclass(frozen=True, slots=True)
class ResubmitRequest:
    """What is to be different."""

    # By name, groups with dots: a number, a text, true or false, the path of data, or `{path, type?, mode?}`.
    inputs: Mapping[str, Any] = field(default_factory=dict)
    # None: as it was.
    display_name: str | None = None
    experiment_name: str | None = None
    # Run every step, whatever stands from earlier.
    force_rerun: bool = False
    # Look up labels and data from the Web anew.
    latest: bool = False
    user: str = ""
    host: str = ""


def resubmit_request(body: Any) -> ResubmitRequest:
    """Return the request in *body*, or raise `UserError` naming the member that is wrong."""
    members = {} if body is None else body
    if not isinstance(members, Mapping):
        raise UserError("the request has to be a JSON object", code="bad-request")
    inputs = {} if members.get("inputs") is None else members["inputs"]
    if not isinstance(inputs, Mapping):
        raise UserError("`inputs` has to be a JSON object", code="bad-request")
    for name in ("display_name", "experiment_name", "user", "host"):
        if not isinstance(members.get(name) or "", str):
            raise UserError(f"`{name}` has to be text or null", code="bad-request")
    for name in ("force_rerun", "latest"):
        if not isinstance(members.get(name, False), bool):
            raise UserError(f"`{name}` has to be true or false", code="bad-request")
    return ResubmitRequest(
        inputs={str(name): value for name, value in inputs.items()},
        display_name=members.get("display_name") or None,
        experiment_name=members.get("experiment_name") or None,
        force_rerun=members.get("force_rerun", False),
        latest=members.get("latest", False),
        user=members.get("user") or "",
        host=members.get("host") or "",
    )


def resubmit_job(world: World, workspace: str, name: str, request: ResubmitRequest) -> JobRecord:
    """Return a new job like an earlier one, with other inputs; `SpecError` with everything that is wrong with them."""
    root, submission = submitted(world, workspace, name, "resubmitted")
    sent = sent_again(root, submission, user=request.user, host=request.host)
    document = _changed(dict(sent.document), root, request)
    sent = replace(sent, document=document)
    examined = examine(world, workspace, sent) if request.latest else as_accepted(world, root, submission, document)
    nodes = () if examined.draft is None or not request.force_rerun else examined.draft.graph.nodes
    plan = ReusePlan(root.name, frozenset(nodes)) if nodes else None
    return accept_job(world, workspace, sent, examined, Origin({RESUBMITTED_FROM: root.name}, plan))


def _changed(document: dict[str, Any], root: JobRecord, request: ResubmitRequest) -> dict[str, Any]:
    inputs = document.get("inputs")
    written = dict(inputs) if isinstance(inputs, Mapping) else {}
    known = [*(root.detail.get("inputs") or {}), *(name for name, value in written.items() if value is None)]
    for name, value in request.inputs.items():
        _refuse_unknown(root, name, known)
        _set(written, name.split("."), value)
    if written:
        document["inputs"] = written
    if request.display_name is not None:
        document["display_name"] = request.display_name
    if request.experiment_name is not None:
        document["experiment_name"] = request.experiment_name
    return document


def _refuse_unknown(root: JobRecord, name: str, known: Iterable[str]) -> None:
    names = list(known)
    if name in names:
        return
    close = nearest(name, names)
    listed = ", ".join(f"`{one}`" for one in names)
    hint = f"did you mean `{close}`?" if close else f"its inputs are {listed}" if names else "it has none"
    raise NotFound(f"job `{root.name}` has no input `{name}`", code="unknown-input", hint=hint)


def _set(inputs: dict[str, Any], keys: list[str], value: Any) -> None:
    """Put a value where the old one stood; what was said of it beside the value, such as its type, stays."""
    first, *rest = keys
    # A name with dots is one in a group, unless it was written in one piece.
    whole = ".".join(keys)
    if rest and whole not in inputs and isinstance(inputs.get(first), Mapping):
        inner = dict(inputs[first])
        _set(inner, rest, value)
        inputs[first] = inner
        return
    before = inputs.get(whole)
    if isinstance(before, Mapping) and not isinstance(value, Mapping):
        inputs[whole] = {**before, "value" if "value" in before else "path": value}
    elif isinstance(before, Mapping):
        inputs[whole] = {**before, **value}
    else:
        inputs[whole] = value
