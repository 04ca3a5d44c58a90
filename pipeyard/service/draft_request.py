"""
What a caller asks of a draft.

In:       JSON objects from the wire.
Out:      values whose outer shape is right; `UserError` names the member that is wrong, never what was in it.
Not here: files and their paths (`draft_files.py`), the language inside `text` (`pipeyard.spec`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import field
from typing import Any

from pipeyard.model.errors import UserError
from pipeyard.model.value import dataclass
from pipeyard.service.draft_files import FileChange, changes_of

NAME_LETTERS_MAX = 200
_HOLDER_LETTERS_MAX = 100
_TEXT_BYTES_MAX = 16 << 20
_LAYOUT_BYTES_MAX = 4 << 20
_LAYOUT_DEPTH_MAX = 20


@dataclass(frozen=True, slots=True)
class NewDraft:
    """What a draft begins with; of the sources at most one is given."""

    name: str | None = None
    text: str | None = None
    template: str | None = None
    job: str | None = None
    draft: str | None = None
    files: Mapping[str, FileChange] | None = None
    main: str | None = None
    layout: Mapping[str, Any] | None = None
    holder: str | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """What is to be different in a draft; None stays as it is."""

    # Which state the change began with; None for one that is not saved.
    revision: int | None = None
    holder: str | None = None
    name: str | None = None
    text: str | None = None
    layout: Mapping[str, Any] | None = None
    # None as a value: the file goes.
    files: Mapping[str, FileChange | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Wishes:
    """How a draft is submitted; None is as its text says."""

    revision: int | None = None
    name: str | None = None
    experiment_name: str | None = None
    display_name: str | None = None
    description: str | None = None
    tags: Mapping[str, str] | None = None
    inputs: Mapping[str, Any] = field(default_factory=dict)
    default_compute: str | None = None
    continue_on_step_failure: bool | None = None
    force_rerun: bool | None = None
    user: str = ""
    host: str = ""


@dataclass(frozen=True, slots=True)
class Registering:
    """Which component files of a draft are to be registered, and how."""

    # None: all that its pipeline names.
    only: tuple[str, ...] | None = None
    # By file, instead of those in the files.
    names: Mapping[str, str] = field(default_factory=dict)
    # These get the next number, whatever version their files say.
    next: frozenset[str] = frozenset()
    is_dry_run: bool = False
    # The draft's text names them by what they were registered as, and is saved so.
    is_referring: bool = True
    revision: int | None = None
    holder: str | None = None


def new_draft(body: Any) -> NewDraft:
    """Return what a draft shall begin with."""
    members = _members(body)
    sources = [name for name in ("text", "template", "job", "draft", "files") if members.get(name) is not None]
    if len(sources) > 1:
        raise _bad(f"a draft begins with one thing, and `{'`, `'.join(sources)}` are given")
    files = members.get("files")
    return NewDraft(
        name=draft_name(members.get("name")),
        text=_pipeline(members),
        template=_text(members, "template"),
        job=_text(members, "job"),
        draft=_text(members, "draft"),
        files=None if files is None else changes_of(files),
        main=_text(members, "main"),
        layout=_layout(members),
        holder=holder_of(members),
    )


def saved_change(body: Any) -> Change:
    """Return a change that is to be saved."""
    members = _members(body)
    revision = members.get("revision")
    if isinstance(revision, bool) or not isinstance(revision, int):
        raise _bad("`revision` has to be the number of the state that the change began with")
    return _change(members, revision)


def unsaved_change(body: Any) -> Change:
    """Return a change that is looked at and not saved."""
    return _change(_members(body), None)


def wishes_of(body: Any) -> Wishes:
    """Return how a draft is to be submitted."""
    members = _members(body)
    inputs = members.get("inputs") or {}
    if not isinstance(inputs, Mapping):
        raise _bad("`inputs` has to be a JSON object")
    tags = members.get("tags")
    if tags is not None and not isinstance(tags, Mapping):
        raise _bad("`tags` has to be a JSON object")
    revision = members.get("revision")
    if revision is not None and (isinstance(revision, bool) or not isinstance(revision, int)):
        raise _bad("`revision` has to be a number")
    return Wishes(
        revision=revision,
        name=_text(members, "name") or None,
        experiment_name=_text(members, "experiment_name") or None,
        display_name=_text(members, "display_name"),
        description=_text(members, "description"),
        tags=None if tags is None else {str(key): str(value) for key, value in tags.items()},
        inputs={str(name): value for name, value in inputs.items()},
        default_compute=_text(members, "default_compute") or None,
        continue_on_step_failure=_truth(members, "continue_on_step_failure"),
        force_rerun=_truth(members, "force_rerun"),
        user=_text(members, "user") or "",
        host=_text(members, "host") or "",
    )


def registering_of(body: Any) -> Registering:
    """Return which components are to be registered."""
    members = _members(body)
    names = members.get("names") or {}
    if not isinstance(names, Mapping) or not all(isinstance(one, str) and _is_text(one) for one in names.values()):
        raise _bad("`names` has to be a JSON object: names by file")
    revision = members.get("revision")
    if revision is not None and (isinstance(revision, bool) or not isinstance(revision, int)):
        raise _bad("`revision` has to be a number")
    return Registering(
        only=None if members.get("only") is None else _texts(members, "only"),
        names={str(file): name for file, name in names.items() if name},
        next=frozenset(_texts(members, "next")),
        is_dry_run=_truth(members, "dry_run") is True,
        is_referring=_truth(members, "refer") is not False,
        revision=revision,
        holder=holder_of(members),
    )


def _texts(members: Mapping[str, Any], name: str) -> tuple[str, ...]:
    value = members.get(name) or []
    if not isinstance(value, list) or not all(isinstance(one, str) and _is_text(one) for one in value):
        raise _bad(f"`{name}` has to be a list of files")
    return tuple(value)


def holder_of(body: Any) -> str | None:
    """Return the name that a tab gave itself."""
    holder = _text(_members(body), "holder") or None
    if holder is not None and (len(holder) > _HOLDER_LETTERS_MAX or not holder.isprintable()):
        raise _bad(f"`holder` has at most {_HOLDER_LETTERS_MAX} letters, all of which can be seen")
    return holder


def takes_over(body: Any) -> bool:
    """Return whether a tab wants a draft although another one edits it."""
    return _truth(_members(body), "take_over") is True


def draft_name(value: Any) -> str | None:
    """Return the name of a draft as it is kept; None for none."""
    if value is None:
        return None
    if not isinstance(value, str) or not _is_text(value):
        raise _bad("`name` has to be text")
    name = " ".join(value.split())
    if not name or len(name) > NAME_LETTERS_MAX:
        raise UserError(f"a draft's name has 1 to {NAME_LETTERS_MAX} letters", code="bad-name")
    return name


def _change(members: Mapping[str, Any], revision: int | None) -> Change:
    files = members.get("files")
    return Change(
        revision=revision,
        holder=holder_of(members),
        name=draft_name(members.get("name")),
        text=_pipeline(members),
        layout=_layout(members),
        files={} if files is None else changes_of(files, may_remove=True),
    )


def _pipeline(members: Mapping[str, Any]) -> str | None:
    text = _text(members, "text")
    if text is not None and len(text.encode()) > _TEXT_BYTES_MAX:
        raise _bad(f"`text` is larger than {_TEXT_BYTES_MAX >> 20} MiB")
    return text


def _layout(members: Mapping[str, Any]) -> Mapping[str, Any] | None:
    layout = members.get("layout")
    if layout is None:
        return None
    if not isinstance(layout, Mapping):
        raise _bad("`layout` has to be a JSON object")
    if _is_deep(layout):
        raise _bad(f"`layout` is nested deeper than {_LAYOUT_DEPTH_MAX} levels")
    try:
        # A browser reads no NaN, and would never see its draft again.
        size = len(json.dumps(layout, allow_nan=False))
    except ValueError:
        raise _bad("`layout` holds a number that is none in JSON") from None
    if size > _LAYOUT_BYTES_MAX:
        raise _bad(f"`layout` is larger than {_LAYOUT_BYTES_MAX >> 20} MiB")
    return dict(layout)


def _is_deep(value: Any) -> bool:
    level = [value]
    for _ in range(_LAYOUT_DEPTH_MAX):
        inner = [one.values() if isinstance(one, dict) else one for one in level if isinstance(one, dict | list)]
        level = [item for some in inner for item in some]
    return bool(level)


def _members(body: Any) -> Mapping[str, Any]:
    members = {} if body is None else body
    if not isinstance(members, Mapping):
        raise _bad("the request has to be a JSON object")
    return members


def _text(members: Mapping[str, Any], name: str) -> str | None:
    value = members.get(name)
    if value is not None and (not isinstance(value, str) or not _is_text(value)):
        raise _bad(f"`{name}` has to be text or null")
    return value


def _is_text(value: str) -> bool:
    # JSON may hold half a surrogate pair, which no file can.
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _truth(members: Mapping[str, Any], name: str) -> bool | None:
    value = members.get(name)
    if value is not None and not isinstance(value, bool):
        raise _bad(f"`{name}` has to be true, false or null")
    return value


def _bad(message: str) -> UserError:
    return UserError(message, code="bad-request")
