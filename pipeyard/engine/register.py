"""
Outputs that become versions of data or models when their step has completed.

In:       an attempt whose outputs are in their places.
Out:      the versions to store in the same transaction as the step's completion; or why the step fails.
Not here: giving numbers, which the store does in that transaction.

Runs in a thread; reads books, changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pipeyard.engine.book import JobBook
from pipeyard.engine.report import AttemptKey
from pipeyard.engine.surroundings import Surroundings
from pipeyard.model.asset_record import AssetKey, AssetVersion, kind_of_output
from pipeyard.model.record import OutputRecord
from pipeyard.model.types import PortType
from pipeyard.spec.render import tree_digest

Error = Mapping[str, Any]


class Registrar:
    """Makes versions of what steps wrote."""

    def __init__(self, world: Surroundings) -> None:
        """Look into one world for versions that are taken."""
        self._world = world

    def versions(
        self, book: JobBook, key: AttemptKey, made: Sequence[OutputRecord]
    ) -> tuple[tuple[AssetVersion, ...], Error | None]:
        """Return what the outputs of an attempt become, and an error if one of them cannot."""
        found = []
        for output in made:
            wanted = self._wanted(book, key, output)
            if wanted is None:
                continue
            if not wanted.version:
                found.append(wanted)
                continue
            earlier = self._earlier(wanted)
            if earlier is None:
                found.append(wanted)
            elif not _is_same(earlier, wanted):
                return (), _taken(wanted, output)
            # Else the version holds these very bytes already: nothing is left to do.
        return tuple(found), None

    def _wanted(self, book: JobBook, key: AttemptKey, output: OutputRecord) -> AssetVersion | None:
        bound = book.graph.nodes[key.node].outputs.get(output.output)
        if bound is None or bound.register_name is None:
            return None
        type_ = PortType(output.type)
        body = {"type": type_.value, "path": str(output.uri)}
        return AssetVersion(
            workspace=book.workspace,
            kind=kind_of_output(type_),
            name=bound.register_name,
            version=bound.register_version or "",
            type=type_.value,
            created_at_ms=self._world.clock.now_ms(),
            created_by=book.root.created_by,
            body=body,
            digest=tree_digest(body),
            uri=output.uri,
            content=output.digest,
            produced_by=output.job_name,
            produced_output=output.output,
        )

    def _earlier(self, wanted: AssetVersion) -> AssetVersion | None:
        if self._world.assets is None:
            return None
        return self._world.assets.load_asset(AssetKey(wanted.workspace, wanted.kind, wanted.name, wanted.version))


def _is_same(earlier: AssetVersion, wanted: AssetVersion) -> bool:
    return earlier.type == wanted.type and earlier.content is not None and earlier.content == wanted.content


def _taken(wanted: AssetVersion, output: OutputRecord) -> Error:
    return {
        "code": "version-exists",
        "message": f"output `{output.output}` was to become version {wanted.version} of {wanted.kind.value} "
        f"`{wanted.name}`, which exists with other contents; a version is written once",
        "hint": "leave `version` out to get the next number, or choose another version",
    }
