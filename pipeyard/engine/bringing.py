"""
Inputs whose datastores are elsewhere, brought to this machine before a launch.

In:       a job's book and one of its attempts.
Out:      a local copy for each such input; afterwards, the copies that go back.
Not here: moving bytes (`datastore/`), planning the launch (`planning.py`).

Runs in threads; reads books, changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pipeyard.engine.book import JobBook
from pipeyard.engine.planning import ARTIFACTS, is_elsewhere
from pipeyard.engine.report import AttemptKey
from pipeyard.engine.surroundings import Surroundings
from pipeyard.graph.model import Data, Node, NodeOutput
from pipeyard.launch.plan import INPUTS_DIR
from pipeyard.model.assets import DatastoreUri, DataUri
from pipeyard.model.driver import ParallelTask
from pipeyard.model.errors import UserError
from pipeyard.model.types import EVALUATED, InputMode, PortType
from pipeyard.model.value import dataclass
from pipeyard.ports import LocalCopy, WriteBack
from pipeyard.spec.reference import parse_datastore_uri

_MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """One input that is elsewhere."""

    name: str
    uri: DatastoreUri
    mode: InputMode
    # What must be there, where that is known: the output of an earlier step.
    digest: str | None = None
    # False: only the files of a table have to be listed.
    is_remote: bool = True
    # Whether a driver reads its rows.
    is_split: bool = False


@dataclass(frozen=True, slots=True)
class Brought:
    """The inputs of an attempt that are here now, and how long that took."""

    copies: Mapping[str, LocalCopy]
    wanted: tuple[Wanted, ...]
    seconds: float

    def lines(self, key: AttemptKey) -> list[str]:
        """Return one line for people about each input."""
        return [f"step {key.node} ({key.job_name}) {self._line(item)}" for item in self.wanted]

    def facts(self) -> dict[str, Any]:
        """Return what the step's record keeps."""
        return {
            item.name: {
                "datastore": item.uri.datastore,
                "files": self.copies[item.name].file_count,
                "bytes": self.copies[item.name].size,
                "fetched_bytes": self.copies[item.name].fetched_bytes,
            }
            for item in self.wanted
            if item.is_remote
        }

    def _line(self, item: Wanted) -> str:
        copy = self.copies[item.name]
        if not item.is_remote:
            return f"input `{item.name}`: the table has {_files(len(copy.table))}"
        files = _files(copy.file_count)
        what = f"input `{item.name}`: {files}, {copy.size / _MEGABYTE:.1f} MB"
        if copy.fetched_bytes:
            return f"fetched {what} from `{item.uri.datastore}` ({copy.fetched_bytes} bytes in {self.seconds:.1f} s)"
        return f"has {what} of `{item.uri.datastore}` from the cache"


class Bringer:
    """Brings inputs for the attempts of the books it is shown."""

    def __init__(self, world: Surroundings) -> None:
        """Bring into one world."""
        self._world = world

    def wanted(self, book: JobBook, key: AttemptKey) -> tuple[Wanted, ...]:
        """Return the inputs of an attempt that have to be brought; none when every datastore is here."""
        node = book.graph.nodes[key.node]
        found = (self._wanted(book, node, name, bound) for name, bound in node.inputs.items())
        return tuple(item for item in found if item is not None)

    def bring(self, book: JobBook, key: AttemptKey, wanted: tuple[Wanted, ...]) -> Brought:
        """Return copies of everything that is wanted, held for the attempt. Raises `StoreError`."""
        begun = self._world.clock.monotonic()
        copies = {item.name: self._bring(book, key, item) for item in wanted}
        return Brought(copies, wanted, self._world.clock.monotonic() - begun)

    def write_backs(self, book: JobBook, key: AttemptKey) -> tuple[WriteBack, ...]:
        """Return the copies of an attempt that its command may have changed; the same after a restart."""
        return tuple(
            WriteBack(item.name, f"{INPUTS_DIR}/{item.name}", item.uri)
            for item in self.wanted(book, key)
            if item.mode is InputMode.RW_MOUNT
        )

    def release(self, key: AttemptKey) -> None:
        """Let go of what an attempt that ended had."""
        if self._world.transfers is not None:
            self._world.transfers.release(key.attempt_id)

    def _bring(self, book: JobBook, key: AttemptKey, item: Wanted) -> LocalCopy:
        transfers, tables = self._world.transfers, self._world.tables
        if item.is_remote:
            assert transfers is not None
            copy = transfers.bring(book.workspace, item.uri, holder=key.attempt_id, digest=item.digest)
        else:
            place = self._world.datastores.local_path(book.workspace, item.uri)
            copy = LocalCopy(place, place.is_file(), item.digest or "", 0, 0)
        if item.mode not in EVALUATED and not item.is_split:
            return copy
        assert tables is not None
        try:
            recipe = tables.recipe_of(item.uri, copy.path) if item.is_split else None
            files = tables.files_of(book.workspace, item.uri, copy.path, holder=key.attempt_id)
        except UserError as problem:
            raise UserError(
                f"input `{item.name}`: {problem.message}", code=problem.code, hint=problem.hint
            ) from problem
        return replace(copy, table=tuple(files), recipe=recipe)

    def _wanted(self, book: JobBook, node: Node, name: str, bound: object) -> Wanted | None:
        uri, digest = None, None
        if isinstance(bound, Data) and isinstance(bound.path, DataUri):
            uri, digest = parse_datastore_uri(bound.path.text), bound.content
        elif isinstance(bound, NodeOutput):
            uri, digest = _made(book, bound)
        if isinstance(bound, NodeOutput) and bound.type.is_literal:
            return None
        if uri is None or not isinstance(bound, Data | NodeOutput) or bound.mode is InputMode.DIRECT:
            return None
        is_remote = is_elsewhere(self._world, book, uri)
        is_split = _is_split(node, name, bound)
        is_wanted = is_remote or is_split or bound.mode in EVALUATED
        return Wanted(name, uri, bound.mode, digest, is_remote, is_split) if is_wanted else None


def _is_split(node: Node, name: str, bound: Data | NodeOutput) -> bool:
    """Return whether an input is a table that a parallel step splits."""
    port = node.component.inputs.get(name)
    is_table = bound.type is PortType.MLTABLE or (port is not None and port.type is PortType.MLTABLE)
    return is_table and isinstance(node.driver, ParallelTask) and node.driver.input_data == name


def _files(count: int) -> str:
    return "1 file" if count == 1 else f"{count} files"


def _made(book: JobBook, bound: NodeOutput) -> tuple[DatastoreUri | None, str | None]:
    """Return where an earlier step's output is, and its digest where nobody else may write."""
    page = book.pages[bound.node]
    made = page.outputs.get(bound.output)
    if made is None or (bound.output == ARTIFACTS and bound.output not in book.graph.nodes[bound.node].outputs):
        # Artifacts are always here; what is missing is said by the planner.
        return None, None
    return made.uri, made.digest if made.is_own_place else None
