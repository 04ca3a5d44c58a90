"""
What is wrong with a draft, saved or not.

In:       what is in it, and values to be set as `--set` sets them.
Out:      every problem, in the order of its files; what a submit would send.
Not here: reading its files (`designer/`), rules (`spec`, `graph`, `submit.py`), JSON (`draft_view.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from pipeyard.model.diagnostic import Diagnostic
from pipeyard.model.draft_record import DraftContent
from pipeyard.model.errors import Bug, NotFound, SpecError
from pipeyard.model.value import dataclass
from pipeyard.ports import CheckedDraft, Composer, LocalComponent, PackedDraft, ReadContent
from pipeyard.service.draft import draft_with
from pipeyard.service.drafts import store_of
from pipeyard.service.pins import Pins
from pipeyard.service.request import JobRequest
from pipeyard.service.submit import examine_draft
from pipeyard.service.world import World

# Code of the server for a path of the submitter's machine.
LOCAL_PATH = "local-path"


@dataclass(frozen=True, slots=True)
class Subject:
    """A draft as somebody looks at it: perhaps with changes that were never saved."""

    content: DraftContent
    # Bytes of files that are not kept, by SHA-256.
    contents: Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class Packed:
    """A draft that its own files find sound, ready to be sent."""

    checked: CheckedDraft
    packed: PackedDraft

    def request(self, *, file: str, name: str | None, experiment: str | None, user: str, host: str) -> JobRequest:
        """Return it as `pipeyard job create` would send it."""
        return JobRequest(
            document=self.packed.document,
            components=self.packed.components,
            file=file,
            experiment_name=experiment,
            user=user,
            host=host,
            name=name,
        )

    def located(self, error: SpecError | NotFound) -> Sequence[Diagnostic]:
        """Return what the server says, with lines."""
        return self.packed.locate(getattr(error, "diagnostics", ()))


def validate_draft(world: World, workspace: str, subject: Subject) -> tuple[Diagnostic, ...]:
    """
    Return everything that is wrong with a draft; nothing is written.

    What its files tell is told by the command line's check. What only a server knows is asked about the graph that
    this check has made, and not about one made once more of what would be sent: with a thousand steps, that would
    take as long again.
    """
    with composed(world, workspace, subject) as checked:
        if checked.job is None:
            return checked.diagnostics
        spec, graph = checked.job
        pins = Pins(world.assets, workspace)
        draft, problems = draft_with(spec, graph, pins.tree)
        examined = examine_draft(world, workspace, JobRequest(document={}), (draft, pins), problems)
        # That a local path cannot be read is no wonder: it is sent when the draft is submitted.
        told = [one for one in examined.problems if one.code != LOCAL_PATH]
        known = {(one.code, one.message) for one in checked.diagnostics}
        new = [one for one in checked.locate(told) if (one.code, one.message) not in known]
        return (*checked.diagnostics, *new)


@contextmanager
def packed_draft(world: World, workspace: str, subject: Subject, changes: Sequence[str]) -> Iterator[Packed]:
    """Lend a draft as it would be sent; `SpecError` with everything that is wrong with its files."""
    with composed(world, workspace, subject, changes) as checked:
        if checked.pack is None:
            raise SpecError(checked.diagnostics)
        packed = Packed(checked, checked.pack())
        try:
            yield packed
        except (SpecError, NotFound) as error:
            if hasattr(error, "diagnostics"):
                error.diagnostics = tuple(packed.located(error))
            raise


@contextmanager
def composed(world: World, workspace: str, subject: Subject, changes: Sequence[str] = ()) -> Iterator[CheckedDraft]:
    """Lend what is known of a draft from its files and the components that they name."""
    pins = Pins(world.assets, world.known_workspace(workspace))
    read = _reader(world, workspace, subject)
    with _composer_of(world).check(subject.content, read, pins.tree, changes) as checked:
        yield checked


@contextmanager
def lent_components(
    world: World, workspace: str, subject: Subject, names: Mapping[str, str]
) -> Iterator[Sequence[LocalComponent]]:
    """Lend the component files that a draft's pipeline names; *names* are given by file."""
    pins = Pins(world.assets, world.known_workspace(workspace))
    read = _reader(world, workspace, subject)
    with _composer_of(world).components(subject.content, read, pins.tree, names) as found:
        yield found


def _composer_of(world: World) -> Composer:
    if world.composer is None:
        raise Bug("a server that composes nothing was asked about a draft")
    return world.composer


def _reader(world: World, workspace: str, subject: Subject) -> ReadContent:
    drafts = store_of(world)

    def read(sha256: str) -> bytes:
        data = subject.contents.get(sha256)
        if data is None:
            data = drafts.read_file(workspace, sha256)
        if data is None:
            raise Bug(f"the bytes `{sha256}` of a draft's file are not kept")
        return data

    return read
