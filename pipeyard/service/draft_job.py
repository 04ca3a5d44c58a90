"""
A job turned back into files that somebody can edit: `draft create --job`.

In:       a pipeline job that was submitted here.
Out:      the pipeline, the components that it was sent with, and their code, as files by path.
Not here: keeping them (`drafts.py`).

Invariant: the files mean what the job meant: references name the versions that they had then, and code is equal byte
for byte, so that every step finds its result again. Data stays where it is; its address is written out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import field
from typing import Any

from pipeyard.model.assets import ANONYMOUS, DatastoreUri
from pipeyard.model.diagnostic import YamlPath
from pipeyard.model.draft_record import MAIN_FILE
from pipeyard.model.errors import NotFound, OutsideError, UserError
from pipeyard.model.record import JobRecord, JsonObject
from pipeyard.model.value import dataclass
from pipeyard.service.asset_bytes import upload_digest
from pipeyard.service.asset_files import Tree, sound_files_of
from pipeyard.service.draft_files import BYTES_MAX, FileChange, refuse_large
from pipeyard.service.jobs import show_job
from pipeyard.service.pins import is_pin_key, pinned_tree
from pipeyard.service.records import PIPELINE
from pipeyard.service.wire import plain
from pipeyard.service.world import World
from pipeyard.spec.reference import parse_datastore_uri
from pipeyard.spec.render_yaml import render_yaml

_COMPONENTS = "components"
_CODE = "code"
_FORBIDDEN = re.compile(r"[^A-Za-z0-9._-]+")


def files_of_job(world: World, workspace: str, name: str) -> dict[str, FileChange]:
    """Return the files of a job by path; the pipeline is `MAIN_FILE`."""
    job = show_job(world, workspace, name)
    submission = world.store.load_submission(workspace, job.name) if job.is_root else None
    if not job.is_root or job.kind != PIPELINE:
        raise UserError(
            f"job `{name}` is no pipeline of its own",
            code="not-a-pipeline",
            hint=f"name the whole job: `{job.root_name}`" if not job.is_root else "only pipelines are composed",
        )
    if submission is None:
        raise NotFound(f"what job `{name}` was submitted with is not kept", code="not-kept")
    parts = {digest: tree for digest, tree in submission.components.items() if not is_pin_key(digest)}
    unpacking = _Unpacking(world, workspace, parts)
    document = pinned_tree(_own(submission.document, job), submission.components)
    trees = {digest: pinned_tree(tree, submission.components) for digest, tree in parts.items()}
    unpacking.name_components(trees)
    texts = {MAIN_FILE: unpacking.localized(document, "")}
    for digest, tree in trees.items():
        texts[unpacking.places[digest]] = unpacking.localized(tree, "../")
    files = {path: FileChange(render_yaml(plain(tree)).encode()) for path, tree in texts.items()}
    return {**files, **unpacking.files}


@dataclass(slots=True)
class _Unpacking:
    """Gives everything that a job was sent with a path of its own."""

    world: World
    workspace: str
    parts: Mapping[str, JsonObject]
    # Of components by digest, and of code by its address.
    places: dict[str, str] = field(default_factory=dict)
    files: dict[str, FileChange] = field(default_factory=dict)
    _size: int = 0

    def name_components(self, trees: Mapping[str, Any]) -> None:
        """Give each component a file, called after the component where it has a name."""
        taken = set()
        for digest, tree in trees.items():
            wanted = _FORBIDDEN.sub("_", str(tree.get("name") or tree.get("display_name") or "")).strip("._")
            base = wanted[:80] or f"component_{digest[:12]}"
            name, count = base, 1
            while name.lower() in taken:
                count += 1
                name = f"{base}_{count}"
            taken.add(name.lower())
            self.places[digest] = f"{_COMPONENTS}/{name}.yml"

    def localized(self, tree: Any, up: str, path: YamlPath = ()) -> Any:
        """Return a tree in which components and code that were sent are named by path; *up* leads to the top."""
        if isinstance(tree, Mapping):
            return {key: self.localized(value, up, (*path, key)) for key, value in tree.items()}
        if isinstance(tree, list):
            return [self.localized(value, up, (*path, place)) for place, value in enumerate(tree)]
        if not isinstance(tree, str):
            return tree
        prefix = f"azureml:{ANONYMOUS}:"
        if tree.startswith(prefix) and tree.removeprefix(prefix) in self.places:
            place = self.places[tree.removeprefix(prefix)]
            return f"./{place}" if not up else f"./{place.removeprefix(f'{_COMPONENTS}/')}"
        if path[-1:] == ("code",) or path[-2:] == ("build", "path"):
            code = self._code(tree, path)
            return tree if code is None else f"{up or './'}{code}"
        return tree

    def _code(self, text: str, path: YamlPath) -> str | None:
        """Return the path of what was uploaded; None for what was not, or is too large to be edited."""
        if text not in self.places:
            uri = parse_datastore_uri(text)
            if uri is None or upload_digest(self.world, self.workspace, uri) is None:
                return None
            try:
                self.places[text] = self._fetch(uri, path)
            except (NotFound, OutsideError, _TooLargeError):
                # It stays where it is; whether it is there is said when the draft is checked.
                return None
        return self.places[text]

    def _fetch(self, uri: DatastoreUri, path: YamlPath) -> str:
        held = sound_files_of(self.world, self.workspace, Tree("code", None, path, uri))
        size = sum(entry.size for entry in held.manifest.entries)
        if self._size + size > BYTES_MAX:
            raise _TooLargeError("code of this job is too large for a draft")
        self._size += size
        folder, count = _CODE, 1
        while any(one.startswith(f"{folder}/{held.name}/") or one == f"{folder}/{held.name}" for one in self.files):
            count += 1
            folder = f"{_CODE}-{count}"
        # It keeps its base name, so that it is sent again as what it was.
        found = {}
        for entry in held.manifest.entries:
            place = held.root if held.manifest.is_file else held.root / entry.path
            target = f"{folder}/{held.name}" if held.manifest.is_file else f"{folder}/{held.name}/{entry.path}"
            try:
                found[target] = FileChange(place.read_bytes(), entry.executable)
            except OSError as problem:
                raise NotFound(f"`{entry.path}` is gone") from problem
        self.files |= found
        refuse_large(len(self.files), 0)
        return f"{folder}/{held.name}"


class _TooLargeError(UserError):
    """Code that no draft holds."""


def _own(document: JsonObject, job: JobRecord) -> dict[str, Any]:
    """Return a submitted document as the beginning of another job: its name is used up."""
    own = {key: value for key, value in document.items() if key != "name"}
    return dict(_ordered({"experiment_name": job.experiment_name, **own}))


def _ordered(document: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield keys as people write them: what it is first, its steps last."""
    first = ("$schema", "type", "display_name", "experiment_name", "description", "tags")
    last = ("inputs", "outputs", "settings", "jobs")
    for key in (*first, *(key for key in document if key not in {*first, *last}), *last):
        if key in document:
            yield key, document[key]
