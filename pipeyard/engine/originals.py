"""
Bytes that must be what they were when they were stored, looked at before a step reads them.

In:       a job's book and one of its attempts.
Out:      the uploads and asset versions that it reads; what changed in one of them.
Not here: how a change is noticed (`datastore/`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from functools import partial

from pipeyard.engine.book import JobBook
from pipeyard.engine.planning import is_elsewhere
from pipeyard.engine.report import AttemptKey
from pipeyard.engine.surroundings import Surroundings
from pipeyard.engine.threads import Threads
from pipeyard.graph.model import Data
from pipeyard.model.assets import DatastoreUri, DataUri
from pipeyard.model.errors import StoreError
from pipeyard.model.record import upload_root
from pipeyard.model.types import InputMode
from pipeyard.model.value import dataclass
from pipeyard.spec.reference import parse_datastore_uri


@dataclass(frozen=True, slots=True)
class Original:
    """Something that never changes, and what it has to be."""

    uri: DatastoreUri
    digest: str
    # What of the step reads it, for a message.
    what: str


@dataclass(frozen=True, slots=True)
class Check:
    """A look at an original that is under way; several steps may wait for the same one."""

    original: Original
    # What changed, in words; None: nothing did.
    look: asyncio.Future[str | None]

    async def passed(self) -> None:
        """Return when nothing changed; `StoreError` names what did."""
        difference = await asyncio.shield(self.look)
        if difference is not None:
            raise StoreError(
                f"{self.original.what}: {difference} since it was stored ({self.original.uri})",
                code="asset-changed",
                hint="versions and uploads never change: put the file back, or register the data as a new version",
            )


class Originals:
    """Looks at what the attempts of its books read, at each place once for each job."""

    def __init__(self, world: Surroundings, threads: Threads) -> None:
        """Look into one world, in threads."""
        self._world = world
        self._threads = threads
        # By root job and place.
        self._looks: dict[tuple[str, str], asyncio.Future[str | None]] = {}

    def waiting(self, book: JobBook, key: AttemptKey) -> list[Check]:
        """Return what is yet to be known of the places that an attempt reads; looks are begun where they have to."""
        found = []
        for original in self.read_by(book, key):
            known = (book.name, str(original.uri))
            look = self._looks.get(known)
            if look is None or _is_bad(look):
                work = self._threads.run(self._threads.checkers, partial(self._look, book, original))
                look = self._looks[known] = asyncio.ensure_future(work)
            if not look.done():
                found.append(Check(original, look))
        return found

    def forget(self, root_name: str) -> None:
        """Drop what was kept for a job that ended."""
        for known in [known for known in self._looks if known[0] == root_name]:
            del self._looks[known]

    def read_by(self, book: JobBook, key: AttemptKey) -> Iterator[Original]:
        """Yield what an attempt reads of uploads and asset versions."""
        if self._world.originals is None:
            return
        node = book.graph.nodes[key.node]
        if isinstance(node.component.code, DataUri):
            yield from self._original(book, node.component.code, None, "the code")
        for name, bound in node.inputs.items():
            # The command itself looks at what it is given by address.
            if isinstance(bound, Data) and isinstance(bound.path, DataUri) and bound.mode is not InputMode.DIRECT:
                yield from self._original(book, bound.path, bound.content, f"input `{name}`")

    def _look(self, book: JobBook, original: Original) -> str | None:
        assert self._world.originals is not None
        return self._world.originals.changed(book.workspace, original.uri, original.digest)

    def _original(self, book: JobBook, path: DataUri, digest: str | None, what: str) -> Iterator[Original]:
        uri = parse_datastore_uri(path.text)
        if uri is None or is_elsewhere(self._world, book, uri):
            return
        upload = upload_root(uri)
        if upload is not None:
            # As a whole: what is named may be a part of it.
            yield Original(upload[0], upload[1], what)
        elif digest is not None:
            yield Original(uri, digest, what)


def _is_bad(look: asyncio.Future[str | None]) -> bool:
    """Return whether to look again: it found something, or could not look."""
    return look.done() and (look.exception() is not None or look.result() is not None)
