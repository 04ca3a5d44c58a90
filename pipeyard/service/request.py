"""
What a caller hands over to submit or check a job.

In:       one JSON object from the wire.
Out:      a `JobRequest` whose outer shape is right.
Not here: the language inside `document` (`pipeyard.spec`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from pipeyard.model.errors import UserError
from pipeyard.model.record import JsonObject
from pipeyard.model.value import dataclass


@dataclass(frozen=True, slots=True)
class JobRequest:
    """A document with everything that belongs to it, after local paths were replaced by references."""

    document: JsonObject
    # Anonymous components by digest.
    components: Mapping[str, JsonObject] = field(default_factory=dict)
    # What the user called the file; shown only.
    file: str = ""
    # Used when the document names none.
    experiment_name: str | None = None
    user: str = ""
    host: str = ""
    # Facts about the checkout that the file is in (section 10.3); None: it is in none.
    git: JsonObject | None = None
    # Whether a compute that was not created is an error.
    strict: bool = False
    # Whether every byte of earlier results is read before they are reused.
    verify: bool = False
    # Wins over the document's own name.
    name: str | None = None
    # What `environment: local` is: the interpreter of whoever submits; None: the server's.
    python: str | None = None


def job_request(body: Any) -> JobRequest:
    """Return the request in *body*, or raise `UserError` naming the member that is wrong."""
    members = _mapping(body, "the request")
    return JobRequest(
        document=_mapping(members.get("document"), "`document`"),
        components={
            digest: _mapping(tree, f"`components.{digest}`")
            for digest, tree in _mapping(members.get("components") or {}, "`components`").items()
        },
        file=_text(members, "file") or "",
        experiment_name=_text(members, "experiment_name"),
        user=_text(members, "user") or "",
        host=_text(members, "host") or "",
        git=None if members.get("git") is None else _mapping(members["git"], "`git`"),
        strict=_truth(members, "strict"),
        verify=_truth(members, "verify"),
        name=_text(members, "name"),
        python=_text(members, "python"),
    )


def _mapping(value: Any, what: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise UserError(f"{what} has to be a JSON object", code="bad-request")
    return value


def _text(members: Mapping[str, Any], name: str) -> str | None:
    value = members.get(name)
    if value is not None and not isinstance(value, str):
        raise UserError(f"`{name}` has to be text or null", code="bad-request")
    return value


def _truth(members: Mapping[str, Any], name: str) -> bool:
    value = members.get(name, False)
    if not isinstance(value, bool):
        raise UserError(f"`{name}` has to be true or false", code="bad-request")
    return value
