"""
What is wrong with a draft, saved or not.

In:       what is in it, and values to be set as `--set` sets them.
Out:      every problem, in the order of its files; what a submit would send.
Not here: reading its files (`designer/`), rules (`spec`, `graph`, `submit.py`), JSON (`draft_view.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from pipeyard.model.diagnostic import Diagnostic, Place
from pipeyard.model.draft_record import DraftContent
from pipeyard.model.errors import Bug, NotFound, SpecError, UserError
from pipeyard.model.value import dataclass
from pipeyard.ports import CheckedDraft, PackedDraft
from pipeyard.service.drafts import store_of
from pipeyard.service.pins import Pins
from pipeyard.service.request import JobRequest
from pipeyard.service.submit import check_job
from pipeyard.service.world import World


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
    """Return everything that is wrong with a draft; nothing is written."""
    with composed(world, workspace, subject) as checked:
        if checked.pack is None:
            return checked.diagnostics
        try:
            packed = checked.pack()
        except UserError as error:
            return (*checked.diagnostics, _problem_of(error))
        request = Packed(checked, packed).request(
            file=subject.content.main, name=None, experiment=None, user="", host=""
        )
        # Files that were not sent are not there, of course.
        unsent = [str(tree.uri) for tree in packed.trees]
        found = check_job(world, workspace, request)
        told = [one for one in found if not any(uri in one.message for uri in unsent)]
        known = {(one.code, one.message) for one in checked.diagnostics}
        new = [one for one in packed.locate(told) if (one.code, one.message) not in known]
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
    if world.composer is None:
        raise Bug("a server that composes nothing was asked about a draft")
    pins = Pins(world.assets, world.known_workspace(workspace))
    drafts = store_of(world)

    def read(sha256: str) -> bytes:
        data = subject.contents.get(sha256)
        if data is None:
            data = drafts.read_file(workspace, sha256)
        if data is None:
            raise Bug(f"the bytes `{sha256}` of a draft's file are not kept")
        return data

    with world.composer.check(subject.content, read, pins.tree, changes) as checked:
        yield checked


def _problem_of(error: UserError) -> Diagnostic:
    return Diagnostic(error.code, error.message, Place(), hint=error.hint)
