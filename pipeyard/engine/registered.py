"""
What outputs of a reused step are registered as.

In:       a step for which an earlier result stands, and where that one's outputs are.
Out:      the versions that the earlier step made of them; new ones where it made none of that name.
Not here: versions of what steps wrote themselves (`register.py`).

Runs in threads; reads books, changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field

from pipeyard.engine.book import JobBook
from pipeyard.engine.register import Registrar
from pipeyard.engine.report import AttemptKey
from pipeyard.engine.surroundings import Surroundings
from pipeyard.graph.model import NodeId
from pipeyard.model.asset_record import AssetVersion
from pipeyard.model.record import OutputRecord
from pipeyard.model.value import dataclass


@dataclass(frozen=True, slots=True)
class Registered:
    """Versions of one step's outputs."""

    # To be stored with the step's end.
    new: tuple[AssetVersion, ...] = ()
    # By output: the version that is there already, as {kind, name, version}.
    earlier: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    # Why one cannot be had.
    problem: str | None = None


NOTHING_REGISTERED = Registered()


class Registering:
    """Finds or makes versions. May be used by several threads."""

    def __init__(self, world: Surroundings) -> None:
        """Look into one world."""
        self._world = world
        self._registrar = Registrar(world)

    def of(self, book: JobBook, node: NodeId, source_job: str, outputs: Sequence[OutputRecord]) -> Registered:
        """Return what the outputs of a step are registered as, of which *source_job* wrote the bytes."""
        bound = book.graph.nodes[node].outputs
        wanted = [output for output in outputs if output.output in bound and bound[output.output].register_name]
        if not wanted:
            return NOTHING_REGISTERED
        earlier: dict[str, Mapping[str, str]] = {}
        for version in self._made_by(book.workspace, source_job):
            name = version.produced_output or ""
            if name in bound and bound[name].register_name == version.name:
                asked = bound[name].register_version
                if asked in (None, "", version.version):
                    kept = {"kind": version.kind.value, "name": version.name, "version": version.version}
                    earlier.setdefault(name, kept)
        page = book.pages[node]
        key = AttemptKey(book.name, node, 0, page.pool, page.job_name)
        new, error = self._registrar.versions(book, key, [one for one in wanted if one.output not in earlier])
        return Registered(new, earlier, None if error is None else str(error.get("message")))

    def let_go(self, job_name: str) -> None:
        """Forget what was claimed for a step that ended."""
        self._registrar.release(AttemptKey("", "", 0, "", job_name))

    def _made_by(self, workspace: str, source_job: str) -> list[AssetVersion]:
        source = self._world.store.load_job(workspace, source_job) if self._world.assets is not None else None
        if source is None or self._world.assets is None:
            return []
        made = self._world.assets.produced_by(workspace, source.root_name)
        return [version for version in made if version.produced_by == source_job]
