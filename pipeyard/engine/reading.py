"""
What a step would read, by content.

In:       a node's inputs; what the steps before it left; looks at bytes (`ports.Contents`).
Out:      a digest for each input that is data.
Not here: keys (`pipeyard/reuse/`), moving bytes.

Used by the engine for steps that are due, and by the service for steps that might run.
Runs in threads; changes nothing.
"""

from __future__ import annotations

from dataclasses import replace

from pipeyard.engine.made import Made, MadeBy
from pipeyard.graph.model import BoundInput, Data, Graph, Node, NodeOutput
from pipeyard.model.assets import DatastoreUri, DataUri, Manifest
from pipeyard.model.digest import manifest_digest
from pipeyard.model.errors import PipeyardError
from pipeyard.model.record import artifact_root, upload_root
from pipeyard.model.types import EVALUATED
from pipeyard.ports import Contents, Store
from pipeyard.spec.reference import parse_datastore_uri

# The output that every job has: its whole artifact root.
ARTIFACTS = "artifacts"


class UnknownContent(Exception):
    """Nobody can say what an input holds; the message says why."""


def may_change(graph: Graph, node: Node) -> bool:
    """Return whether somebody could write to what a node reads while it reads it."""
    return any(_may_change(graph, bound) for bound in node.inputs.values())


def _may_change(graph: Graph, bound: BoundInput) -> bool:
    if isinstance(bound, NodeOutput) and bound.type.is_literal:
        # Known by itself, not by looking at where it was written.
        return False
    if isinstance(bound, NodeOutput):
        output = graph.nodes[bound.node].outputs.get(bound.output)
        # The artifacts of a job, and places of the user's choice.
        return output is None or output.path is not None
    if not isinstance(bound, Data) or bound.content is not None:
        return False
    uri = parse_datastore_uri(bound.path.text) if isinstance(bound.path, DataUri) else None
    return uri is not None and upload_root(uri) is None


class InputReader:
    """Says what the inputs of nodes hold. May be used by several threads."""

    def __init__(self, contents: Contents, store: Store) -> None:
        """Take who looks at bytes, and who knows the files of uploads."""
        self._contents = contents
        self._store = store

    def digests(
        self, workspace: str, graph: Graph, node: Node, made: MadeBy, *, in_passing: bool = False
    ) -> dict[str, str]:
        """
        Return the digest of each input that is data.

        Raises `UnknownContent` for one that nobody can know, `NeedsTime` for one that would take long to read.
        """
        found = {}
        for name, bound in node.inputs.items():
            if isinstance(bound, Data):
                found[name] = self._data(workspace, bound, name, in_passing=in_passing)
            elif isinstance(bound, NodeOutput) and bound.type.is_data:
                found[name] = self._output(workspace, graph, bound, name, made(bound.node), in_passing=in_passing)
        return found

    def code_digest(self, workspace: str, node: Node) -> str | None:
        """Return the digest of a node's code, None if it has none."""
        code = node.component.code
        if code is None:
            return None
        uri = parse_datastore_uri(code.text) if isinstance(code, DataUri) else None
        if uri is None:
            raise UnknownContent(f"the code is at `{getattr(code, 'text', code)}`, which nobody looks at")
        return self._at(workspace, uri, "the code", in_passing=False)

    def _data(self, workspace: str, data: Data, name: str, *, in_passing: bool) -> str:
        what = f"input `{name}`"
        if data.mode in EVALUATED:
            raise UnknownContent(f"{what} is a table, whose files may be anywhere")
        if data.content is not None:
            return data.content
        uri = parse_datastore_uri(data.path.text) if isinstance(data.path, DataUri) else None
        if uri is None:
            raise UnknownContent(f"{what} is read by the command itself, so nobody can say whether it changed")
        return self._at(workspace, uri, what, in_passing=in_passing)

    def _output(
        self, workspace: str, graph: Graph, bound: NodeOutput, name: str, made: Made | None, *, in_passing: bool
    ) -> str:
        what = f"input `{name}`"
        if bound.mode in EVALUATED:
            raise UnknownContent(f"{what} is a table, whose files may be anywhere")
        if made is None:
            raise UnknownContent(f"{what}: step `{bound.node}` has not ended")
        # A component may declare an output of that very name; then it is the one that is meant.
        if bound.output == ARTIFACTS and bound.output not in graph.nodes[bound.node].outputs:
            return self._now(workspace, artifact_root(made.writer), what, in_passing=in_passing)
        output = made.outputs.get(bound.output)
        if output is None:
            raise UnknownContent(f"{what}: step `{bound.node}` left no output `{bound.output}`")
        if output.is_own_place:
            return output.digest
        # Others may write there too: what the step reads is all that is there.
        return self._now(workspace, output.uri, what, in_passing=in_passing)

    def _at(self, workspace: str, uri: DatastoreUri, what: str, *, in_passing: bool) -> str:
        upload = upload_root(uri)
        if upload is None:
            return self._now(workspace, uri, what, in_passing=in_passing)
        root, digest = upload
        inside = uri.path.strip("/").removeprefix(root.path).strip("/")
        if not inside:
            return digest
        manifest = self._store.load_upload_manifest(workspace, digest)
        part = None if manifest is None else _part_of(manifest, inside)
        return manifest_digest(part) if part is not None else f"{digest}/{inside}"

    def _now(self, workspace: str, uri: DatastoreUri, what: str, *, in_passing: bool) -> str:
        try:
            digest = self._contents.digest(workspace, uri, in_passing=in_passing)
        except (PipeyardError, OSError) as problem:
            raise UnknownContent(f"{what} cannot be read: {problem}") from problem
        if digest is None:
            raise UnknownContent(f"{what}: there is nothing at {uri}")
        return digest


def _part_of(manifest: Manifest, inside: str) -> Manifest | None:
    """Return what is at a path inside a tree, as if it were a tree of its own."""
    below = f"{inside}/"
    entries = tuple(
        replace(entry, path=entry.path.removeprefix(below))
        for entry in manifest.entries
        if entry.path.startswith(below)
    )
    if entries:
        return Manifest(entries)
    single = next((entry for entry in manifest.entries if entry.path == inside), None)
    return None if single is None else Manifest((replace(single, path=inside.rpartition("/")[2]),), is_file=True)
