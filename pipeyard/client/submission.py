"""
From a checked job to a job on the server.

In:       a `Checked` job and a connection.
Out:      the created job's JSON; `SpecError` with lines and columns when the server refuses.
Not here: checking the file (`checking.py`), drawing problems (`cli/`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pipeyard.client.checked import Checked
from pipeyard.client.home import cache_path
from pipeyard.client.identity import git_facts, host_name, user_name
from pipeyard.client.interpreter import own_python
from pipeyard.client.pack import Packed, Watcher, pack
from pipeyard.client.scratch import scratch_folder
from pipeyard.client.sourcefile import JOB
from pipeyard.client.upload import Tree, upload
from pipeyard.client.wire import diagnostic_of
from pipeyard.client.workspace import Workspace
from pipeyard.model.diagnostic import Diagnostic, Written
from pipeyard.model.errors import SpecError
from pipeyard.model.value import dataclass

_FILES_MAX = 10_000


@dataclass(frozen=True, slots=True)
class Choices:
    """What the command line says besides the file."""

    name: str | None = None
    # A compute that was not created is an error.
    strict: bool = False
    # Every byte of earlier results is read before they are reused.
    verify: bool = False


def submit(
    workspace: Workspace, checked: Checked, choices: Choices, watcher: Watcher, *, steps: bool = True
) -> tuple[Mapping[str, Any], Sequence[Diagnostic]]:
    """
    Send a job's files, create the job, and return its JSON and what the server warns of.

    Without *steps*, the JSON lacks them.
    """
    with _packed(checked, watcher) as packed:
        send_trees(workspace, packed, watcher)
        try:
            job: Mapping[str, Any] = workspace.submit(_body(checked, packed, choices), steps=steps)
        except SpecError as error:
            error.diagnostics = _located(error.diagnostics, packed.documents)
            raise
        return job, _warnings(job, checked, packed)


def send_trees(workspace: Workspace, packed: Packed, watcher: Watcher) -> None:
    """Bring all files that a document needs to the server."""
    for tree in packed.trees:
        watcher.begin(f"Sending {tree.name}", tree.manifest.size)
        try:
            upload(workspace, tree, watcher.advance)
        finally:
            watcher.end()


def ask_server(workspace: Workspace, checked: Checked, choices: Choices, watcher: Watcher) -> tuple[Diagnostic, ...]:
    """Return what the server has to say of a job, sending none of its files."""
    with _packed(checked, watcher) as packed:
        answer = workspace.check(_body(checked, packed, choices))
        # Files that were not sent are not there, of course.
        unsent = [str(tree.uri) for tree in packed.trees]
        found = [diagnostic_of(item) for item in answer]
        return _located([item for item in found if not any(uri in item.message for uri in unsent)], packed.documents)


def foresee(
    workspace: Workspace, checked: Checked, choices: Choices, watcher: Watcher
) -> tuple[Mapping[str, Any], Sequence[Diagnostic]]:
    """Return which steps of a job would run, and what the server warns of; none of its files are sent."""
    with _packed(checked, watcher) as packed:
        body = {**_body(checked, packed, choices), "trees": [_tree_json(tree) for tree in packed.trees]}
        try:
            answer: Mapping[str, Any] = workspace.plan(body)
        except SpecError as error:
            error.diagnostics = _located(error.diagnostics, packed.documents)
            raise
        return answer, _warnings(answer, checked, packed)


def _tree_json(tree: Tree) -> Mapping[str, Any]:
    # Its files are for explanations; of a great many, no list is sent.
    files = tree.files if len(tree.files) <= _FILES_MAX else None
    return {
        "uri": str(tree.uri),
        "digest": tree.digest,
        "is_file": tree.is_file,
        "files": None
        if files is None
        else [{"path": one.entry.path, "size": one.entry.size, "sha256": one.entry.sha256} for one in files],
    }


def _warnings(job: Mapping[str, Any], checked: Checked, packed: Packed) -> tuple[Diagnostic, ...]:
    """Return the warnings of an answer that the check of its files did not give already."""
    known = {(item.code, item.message) for item in checked.diagnostics}
    found: Sequence[Any] = job.get("warnings") or job.get("diagnostics") or ()
    told = [diagnostic_of(item) for item in found if isinstance(item, Mapping) and "code" in item]
    new = [item for item in told if (item.code, item.message) not in known]
    return _located(new, packed.documents)


def _located(diagnostics: Sequence[Diagnostic], documents: Mapping[str, Written]) -> tuple[Diagnostic, ...]:
    if not diagnostics:
        return ()
    # Imported here: of most jobs a server has nothing to say.
    from pipeyard.spec.document import located  # noqa: PLC0415

    return located(diagnostics, documents)


@contextmanager
def _packed(checked: Checked, watcher: Watcher) -> Iterator[Packed]:
    with scratch_folder() as scratch:
        yield pack(checked, cache=cache_path(), scratch=scratch, watcher=watcher)


def _body(checked: Checked, packed: Packed, choices: Choices) -> Mapping[str, Any]:
    return {
        "document": packed.document,
        "components": packed.components,
        "file": checked.files.shown(JOB),
        # Azure: the name of the working directory.
        "experiment_name": Path.cwd().name or None,
        "user": user_name(),
        "host": host_name(),
        "git": git_facts(checked.files.job_folder.absolute()),
        "strict": choices.strict,
        "verify": choices.verify,
        "name": choices.name,
        "python": own_python(packed.document, *packed.components.values()),
    }
