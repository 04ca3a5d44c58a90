"""
A checked job or asset as one JSON document, with every local thing replaced by a reference.

In:       what was read and checked.
Out:      the document to send, the components that it holds, and the trees that the server must have before.
Not here: sending the trees (`upload.py`), choosing files (`snapshot.py`).

Invariant: only leaves are replaced, so a path in a document that the server complains
about is the same path in the file. Equal files give equal bodies, wherever they lie.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, replace
from pathlib import Path
from typing import Any, Protocol

from pipeyard.client.checked import Checked
from pipeyard.client.hashing import HashMemory, hash_files
from pipeyard.client.presence import holder_of
from pipeyard.client.scratch import Scratch
from pipeyard.client.snapshot import Include, snapshot_code
from pipeyard.client.sourcefile import JOB
from pipeyard.client.tree import FoundFile, list_files
from pipeyard.client.upload import Tree
from pipeyard.model.assets import ANONYMOUS, LocalReference, LocalRole
from pipeyard.model.default import DEFAULT_DATASTORE
from pipeyard.model.diagnostic import Written, YamlPath
from pipeyard.model.errors import UserError
from pipeyard.model.value import dataclass
from pipeyard.spec.reference import parse_datastore_name
from pipeyard.spec.render import DELETE, replace_leaves, tree_digest

# Azure's own client warns from here on.
LARGE_BYTES = 100_000_000
LARGEST_SHOWN = 10


class Watcher(Protocol):
    """Whoever shows how far the work is."""

    def begin(self, label: str, total_bytes: int) -> None:
        """A piece of work starts."""

    def advance(self, count: int) -> None:
        """So many more bytes are done; called from any thread."""

    def end(self) -> None:
        """It is done."""

    def warn(self, text: str) -> None:
        """Something is worth knowing."""


@dataclass(frozen=True, slots=True)
class Packed:
    """What is sent."""

    document: Mapping[str, Any]
    # Anonymous components by digest.
    components: Mapping[str, Any]
    # Sent before the document; each once.
    trees: tuple[Tree, ...]
    # The documents that the server may speak of, by the names it knows them by.
    documents: Mapping[str, Written]


def pack(checked: Checked, *, cache: Path, scratch: Scratch, watcher: Watcher) -> Packed:
    """Return a job or asset ready to be sent. What *scratch* gives must outlive the sending."""
    packer = _Packer(checked, cache, scratch, watcher)
    document = packer.rewritten(JOB)
    return Packed(document, packer.components, tuple(packer.trees.values()), packer.documents)


@dataclass(slots=True)
class _Packer:
    checked: Checked
    cache: Path
    scratch: Scratch
    watcher: Watcher
    components: dict[str, Any] = field(default_factory=dict)
    trees: dict[str, Tree] = field(default_factory=dict)
    documents: dict[str, Written] = field(default_factory=dict)
    _digests: dict[str, str] = field(default_factory=dict)
    _known: dict[tuple[Any, ...], str] = field(default_factory=dict)

    def rewritten(self, source: str) -> Mapping[str, Any]:
        """Return a document's tree with its local things replaced; components come first."""
        document = self.checked.documents[source]
        if source == JOB:
            self.documents[JOB] = document
        references = self.checked.references[source]
        replaced: dict[YamlPath, Any] = {}
        for reference in references:
            if reference.role is LocalRole.COMPONENT:
                replaced[reference.path] = f"azureml:{ANONYMOUS}:{self._component(reference)}"
            elif reference.role is LocalRole.DATA:
                replaced[reference.path] = self._data(reference, source)
            elif reference.role is LocalRole.BUILD:
                replaced[reference.path] = self._code(reference, ())
        replaced |= self._codes(references)
        tree = replace_leaves(document.value, replaced)
        # Where the schema lies says nothing about the job.
        return {key: value for key, value in tree.items() if key != "$schema"}

    def _component(self, reference: LocalReference) -> str:
        source = self.checked.files.source_of(self._place(reference))
        if source not in self._digests:
            tree = self.rewritten(source)
            digest = tree_digest(tree)
            self._digests[source] = digest
            self.components[digest] = tree
            self.documents.setdefault(digest, self.checked.documents[source])
        return self._digests[source]

    def _codes(self, references: tuple[LocalReference, ...]) -> dict[YamlPath, Any]:
        codes = {holder_of(item.path): item for item in references if item.role is LocalRole.CODE}
        includes: dict[YamlPath, list[LocalReference]] = {}
        for item in references:
            if item.role is LocalRole.INCLUDE:
                includes.setdefault(holder_of(item.path), []).append(item)
        replaced: dict[YamlPath, Any] = {}
        for holder in dict.fromkeys([*codes, *includes]):
            code, beside = codes.get(holder), tuple(includes.get(holder, ()))
            leaf = code.path if code is not None else (*holder, "code")
            replaced[leaf] = self._code(code, beside)
            if beside:
                gone = (*holder, "additional_includes")
                replaced[gone] = DELETE
        return replaced

    def _code(self, code: LocalReference | None, includes: tuple[LocalReference, ...]) -> str:
        place = self._place(code) if code is not None else None
        places = tuple(Include(item.text, self._place(item)) for item in includes)
        key = ("code", place, *(item.place for item in places))
        if key not in self._known:
            name = _name_of(place) if place is not None else "code"
            files = snapshot_code(place, places, self.scratch)
            is_file = place is not None and place.is_file() and not places
            tree = self._hashed(place or self.checked.files.job_folder, name, files, is_file=is_file)
            self._warn_if_large(place, tree)
            self._known[key] = self._kept(tree)
        return self._known[key]

    def _data(self, reference: LocalReference, source: str) -> str:
        place = self._place(reference)
        datastore = self._datastore(reference, source)
        key = ("data", place, datastore)
        if key not in self._known:
            name = _name_of(place)
            is_file = place.is_file()
            files = (FoundFile(name, place),) if is_file else list_files(place, lambda _path, _is_folder: False)
            if not files:
                raise UserError(f"the folder `{place}` holds no files", code="empty-folder")
            tree = self._hashed(place, name, files, is_file=is_file)
            self._known[key] = self._kept(replace(tree, datastore=datastore))
        return self._known[key]

    def _datastore(self, reference: LocalReference, source: str) -> str:
        """Return the datastore that stands beside the path of data."""
        holder: Any = self.checked.documents[source].value
        for item in reference.path[:-1]:
            holder = holder[item]
        written = holder.get("datastore") if isinstance(holder, Mapping) else None
        found = parse_datastore_name(written) if isinstance(written, str) else None
        return found if isinstance(found, str) else DEFAULT_DATASTORE

    def _hashed(self, root: Path, name: str, files: tuple[FoundFile, ...], *, is_file: bool) -> Tree:
        self.watcher.begin(f"Reading {name}", sum(_size_of(item) for item in files))
        try:
            hashed = hash_files(files, HashMemory(self.cache, root), self.watcher.advance)
        finally:
            self.watcher.end()
        return Tree(name, hashed, is_file)

    def _kept(self, tree: Tree) -> str:
        uri = str(tree.uri)
        self.trees.setdefault(uri, tree)
        return uri

    def _warn_if_large(self, place: Path | None, tree: Tree) -> None:
        size = tree.manifest.size
        if size <= LARGE_BYTES:
            return
        largest = sorted(tree.files, key=lambda item: -item.entry.size)[:LARGEST_SHOWN]
        lines = [f"  {item.entry.size / 1e6:8.1f} MB  {item.entry.path}" for item in largest]
        self.watcher.warn(
            f"the code folder `{place}` holds {size / 1e6:.0f} MB in {len(tree.files)} files; every step gets its own copy. "
            "Leave out what is not code with a file .amlignore. The largest:\n" + "\n".join(lines)
        )

    def _place(self, reference: LocalReference) -> Path:
        return self.checked.files.locate(reference.source, reference.text)


def _name_of(place: Path) -> str:
    # `.` and `..` are called what their folder is called.
    return place.name if place.name not in {"", ".", ".."} else (place.resolve().name or "root")


def _size_of(found: FoundFile) -> int:
    try:
        return found.source.stat().st_size
    except OSError:
        return 0
