"""
Outputs that become versions of data or models when their step has completed.

In:       an attempt whose outputs are in their places.
Out:      the versions to store in the same transaction as the step's completion; or why the step fails.
Not here: giving numbers, which the store does in that transaction.

Runs in a thread; reads books, changes nothing.
"""

from __future__ import annotations

import threading
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
    """Makes versions of what steps wrote. May be used by several threads."""

    def __init__(self, world: Surroundings) -> None:
        """Look into one world for versions that are taken."""
        self._world = world
        self._lock = threading.Lock()
        # Numbers that somebody asked for by name, between the end of a step and its last transaction.
        self._claims: dict[AssetKey, AssetVersion] = {}

    def versions(
        self, book: JobBook, key: AttemptKey, made: Sequence[OutputRecord]
    ) -> tuple[tuple[AssetVersion, ...], Error | None]:
        """Return what the outputs of an attempt become, and an error if one of them cannot."""
        found = [wanted for output in made if (wanted := self._wanted(book, key, output)) is not None]
        for wanted in found:
            error = self._claim(wanted) if wanted.version else None
            if error is not None:
                return (), error
        return tuple(found), None

    def release(self, key: AttemptKey) -> None:
        """Forget what an attempt claimed: what it made is stored, or never will be."""
        with self._lock:
            for claimed in [name for name, version in self._claims.items() if version.produced_by == key.job_name]:
                del self._claims[claimed]

    def _claim(self, wanted: AssetVersion) -> Error | None:
        """Return why a number cannot be had; None: nobody else has it, or it holds these very bytes."""
        assets = self._world.assets
        if assets is not None and assets.was_deleted(wanted.key):
            return _refusal("version-deleted", wanted, "was deleted; its number is never used again")
        with self._lock:
            earlier = assets.load_asset(wanted.key) if assets is not None else None
            holder = earlier or self._claims.setdefault(wanted.key, wanted)
        if _is_same(holder, wanted):
            return None
        return _refusal("version-exists", wanted, "exists with other contents; it is written once")

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


def _is_same(earlier: AssetVersion, wanted: AssetVersion) -> bool:
    return earlier.type == wanted.type and earlier.content is not None and earlier.content == wanted.content


def _refusal(code: str, wanted: AssetVersion, why: str) -> Error:
    return {
        "code": code,
        "message": f"output `{wanted.produced_output}` was to become version {wanted.version} of {wanted.kind.value} "
        f"`{wanted.name}`, which {why}",
        "hint": "leave `version` out to get the next number, or choose another version",
    }
