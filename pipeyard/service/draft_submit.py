"""
A draft as a job: what would run, the job itself, and the command that does the same.

In:       a draft, and what somebody wishes besides its text.
Out:      forecasts with the time that they took before; a job on its way; a command line.
Not here: checking the draft (`draft_check.py`), accepting the job (`submit.py`), foreseeing (`foresee.py`).

Invariant: wishes are set as `--set` sets them, so that the command means the same.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from pipeyard.model.default import DEFAULT_WORKSPACE
from pipeyard.model.diagnostic import Diagnostic
from pipeyard.model.errors import Conflict
from pipeyard.model.record import JobRecord
from pipeyard.model.value import dataclass
from pipeyard.service.draft_check import Subject, packed_draft
from pipeyard.service.draft_request import Wishes
from pipeyard.service.draft_upload import store_tree
from pipeyard.service.drafts import Draft, DraftConflict, store_of
from pipeyard.service.foresee import Foresight, Trees, foresee_job
from pipeyard.service.submit import DEFAULT_EXPERIMENT, submit_job
from pipeyard.service.world import World
from pipeyard.spec.document import parse_document
from pipeyard.spec.scalar import read_plain

_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*\Z")
_PLAIN_TEXT = re.compile(r"[A-Za-z0-9_./:@%+=, -]+\Z")
_SLUG = re.compile(r"[^A-Za-z0-9._-]+")
_SLUG_LETTERS_MAX = 60


@dataclass(frozen=True, slots=True)
class Plan:
    """What would become of a draft."""

    foresight: Foresight
    # The draft's own warnings and those of the server.
    warnings: tuple[Diagnostic, ...]
    command: str


@dataclass(frozen=True, slots=True)
class Submitted:
    """The job that a draft became."""

    job: JobRecord
    warnings: tuple[Diagnostic, ...]
    command: str


def plan_draft(world: World, draft: Draft, subject: Subject, wishes: Wishes) -> Plan:
    """Return what would become of each step; nothing is written. `SpecError` with everything that is wrong."""
    workspace = draft.record.workspace
    changes = changes_of(subject, wishes)
    with packed_draft(world, workspace, subject, changes) as ready:
        trees = Trees(
            frozenset(str(tree.uri) for tree in ready.packed.trees),
            {tree.digest: tree.manifest for tree in ready.packed.trees},
        )
        request = ready.request(
            file=file_name(draft, subject), name=wishes.name, experiment=None, user=wishes.user, host=wishes.host
        )
        foresight = foresee_job(world, workspace, request, trees)
        warnings = _together(ready.checked.diagnostics, ready.packed.locate(foresight.warnings))
    return Plan(foresight, warnings, command_of(draft, subject, wishes))


def submit_draft(world: World, draft: Draft, wishes: Wishes) -> Submitted:
    """Return the job that a draft became; `SpecError` with everything that is wrong."""
    record = draft.record
    _refuse_other(draft, wishes)
    subject = Subject(draft.content, {})
    with packed_draft(world, record.workspace, subject, changes_of(subject, wishes)) as ready:
        for tree in ready.packed.trees:
            store_tree(world, record.workspace, tree)
        request = ready.request(
            file=file_name(draft, subject), name=wishes.name, experiment=None, user=wishes.user, host=wishes.host
        )
        job, is_new = submit_job(world, record.workspace, request)
        if not is_new:
            raise Conflict(
                f"a job called `{job.name}` exists already",
                code="name-taken",
                hint="choose another name, or leave the name out to get a new one",
            )
        warnings = tuple(one for one in ready.checked.diagnostics if not one.is_error)
    # The job runs whether or not this is remembered.
    store_of(world).note_job(record.workspace, record.id, record.revision, job.name)
    return Submitted(job, warnings, command_of(draft, subject, wishes))


def changes_of(subject: Subject, wishes: Wishes) -> list[str]:
    """Return wishes as `--set` takes them, in the order of a pipeline's keys."""
    return [f"{path}={value}" for path, value in _changes(_value_of(subject.content.text), wishes)]


def command_of(draft: Draft, subject: Subject, wishes: Wishes) -> str:
    """Return the command that submits the exported draft as the wishes would."""
    words = ["pipeyard", "job", "create", "--file", file_name(draft, subject)]
    changes = changes_of(subject, wishes)
    if changes:
        words += ["--set", *changes]
    if wishes.name is not None:
        words += ["--name", wishes.name]
    if draft.record.workspace != DEFAULT_WORKSPACE:
        words += ["--workspace-name", draft.record.workspace]
    return shlex.join(words)


def file_name(draft: Draft, subject: Subject) -> str:
    """Return where the pipeline lies after an export: alone, or in the folder of a zip."""
    if not subject.content.files:
        return f"{slug_of(draft.record.name)}.yml"
    return str(PurePosixPath(slug_of(draft.record.name)) / subject.content.main)


def slug_of(name: str) -> str:
    """Return a name as file systems like it."""
    return _SLUG.sub("-", name).strip("-.")[:_SLUG_LETTERS_MAX].strip("-.").lower() or "pipeline"


def _changes(document: Mapping[str, Any], wishes: Wishes) -> Iterator[tuple[str, str]]:
    if wishes.display_name is not None:
        yield "display_name", _written(wishes.display_name)
    # The command line would name the folder that it is called in.
    experiment = wishes.experiment_name or (None if document.get("experiment_name") else DEFAULT_EXPERIMENT)
    if experiment is not None:
        yield "experiment_name", _written(experiment)
    if wishes.description is not None:
        yield "description", _written(wishes.description)
    if wishes.tags is not None:
        yield "tags", json.dumps(dict(wishes.tags), ensure_ascii=False)
    inputs = document.get("inputs")
    for name, value in wishes.inputs.items():
        yield from _input(name, value, inputs.get(name) if isinstance(inputs, Mapping) else None)
    if wishes.default_compute is not None:
        compute = wishes.default_compute
        yield "settings.default_compute", _written(compute if compute.startswith("azureml:") else f"azureml:{compute}")
    if wishes.continue_on_step_failure is not None:
        yield "settings.continue_on_step_failure", _written(wishes.continue_on_step_failure)
    if wishes.force_rerun is not None:
        yield "settings.force_rerun", _written(wishes.force_rerun)


def _input(name: str, value: Any, before: Any) -> Iterator[tuple[str, str]]:
    """Yield a value in the place of the old one; what was said of it beside the value, such as its type, stays."""
    path = f"inputs{_key(name)}"
    if isinstance(before, Mapping) and not isinstance(value, Mapping):
        yield f"{path}.{'path' if 'path' in before else 'value' if 'value' in before else 'path'}", _written(value)
    elif isinstance(value, Mapping):
        merged = {**before, **value} if isinstance(before, Mapping) else dict(value)
        yield path, json.dumps(merged, ensure_ascii=False)
    else:
        yield path, _written(value)


def _key(name: str) -> str:
    if _PLAIN_KEY.match(name):
        return f".{name}"
    # Only one of the two is in a key that is sane; a key with both is refused by the check.
    quote = "'" if '"' in name else '"'
    return f"[{quote}{name}{quote}]"


def _written(value: Any) -> str:
    """Return a value as `--set` reads it back."""
    if isinstance(value, str) and _PLAIN_TEXT.match(value) and value.strip() == value and read_plain(value) == value:
        return value
    return json.dumps(value, ensure_ascii=False)


def _value_of(text: str) -> Mapping[str, Any]:
    document, _ = parse_document(text, source="", file="")
    return document.value if document is not None and isinstance(document.value, Mapping) else {}


def _refuse_other(draft: Draft, wishes: Wishes) -> None:
    if wishes.revision is not None and wishes.revision != draft.record.revision:
        raise DraftConflict(
            f"draft `{draft.record.name}` was changed since it was looked at",
            code="stale-draft",
            hint="look at it again before it is submitted",
            draft=draft,
        )


def _together(first: tuple[Diagnostic, ...], second: tuple[Diagnostic, ...]) -> tuple[Diagnostic, ...]:
    known = {(one.code, one.message) for one in first}
    return (*first, *(one for one in second if (one.code, one.message) not in known))
