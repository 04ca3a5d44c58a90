"""
`ports.Composer`: a draft checked and packed as `pipeyard job create` would.

In:       what is in a draft; ways to the bytes of its files and to registered components.
Out:      problems with their lines; what is sent to submit it, or to register one of its components.
Not here: what only a server knows: computes, data, versions (`service/draft_check.py` asks for it).

Invariant: what is packed is what the exported draft would send, byte for byte, so that its steps have the same keys.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from pipeyard.client.checked import Checked
from pipeyard.client.checking import check_job
from pipeyard.client.pack import pack
from pipeyard.client.registered import OF_AZURE, FoundComponent, found_component
from pipeyard.client.scratch import scratch_folder
from pipeyard.client.upload import Tree
from pipeyard.designer.components import checked_component, components_of, head_of
from pipeyard.designer.folder import DraftFolders
from pipeyard.designer.source import DraftSources
from pipeyard.model.assets import AssetRef
from pipeyard.model.diagnostic import Diagnostic, Span, Written, YamlPath
from pipeyard.model.draft_record import DraftContent
from pipeyard.model.errors import NotFound, SpecError, UserError
from pipeyard.ports import CheckedDraft, FindComponent, LocalComponent, PackedDraft, PackedTree, ReadContent
from pipeyard.spec.document import located


class CommandLineComposer:
    """Runs the checks of the command line over drafts."""

    def __init__(self, folders: DraftFolders) -> None:
        """Put drafts into these folders while they are looked at."""
        self._folders = folders

    @contextmanager
    def check(
        self, content: DraftContent, read: ReadContent, find: FindComponent, changes: Sequence[str] = ()
    ) -> Iterator[CheckedDraft]:
        """Lend what is known of a draft; its files lie in a folder until the block ends."""
        with self._folders.lend(content, read) as root, ExitStack() as stack:
            words = Words(root)
            files = DraftSources(root, content.main, content.text)
            checked = check_job(files, changes, _Components(find))

            def locate(diagnostics: Sequence[Diagnostic]) -> tuple[Diagnostic, ...]:
                return words.of_all(located(diagnostics, checked.documents))

            def packed() -> PackedDraft:
                return packed_in(checked, words, stack)

            is_sound = not checked.has_errors and checked.spec is not None
            job = (checked.spec, checked.graph) if is_sound and checked.spec and checked.graph is not None else None
            yield CheckedDraft(
                diagnostics=words.of_all(checked.diagnostics),
                job=job,
                locate=locate,
                pack=packed if is_sound else None,
            )

    @contextmanager
    def components(
        self, content: DraftContent, read: ReadContent, find: FindComponent, names: Mapping[str, str]
    ) -> Iterator[Sequence[LocalComponent]]:
        """Lend the component files that a draft's pipeline names; they lie in a folder until the block ends."""
        with self._folders.lend(content, read) as root, ExitStack() as stack:
            words = Words(root)
            registered = _Components(find)

            def component(file: str, places: tuple[YamlPath, ...]) -> LocalComponent:
                checked = checked_component(root, file, names.get(file), registered)
                sound = None if checked.has_errors else lambda: packed_in(checked, words, stack)
                return LocalComponent(file, places, head_of(checked), words.of_all(checked.diagnostics), sound)

            try:
                named = components_of(root, content.main, content.text)
            except SpecError as error:
                error.diagnostics = words.of_all(error.diagnostics)
                raise
            yield tuple(component(file, places) for file, places in named.items())


def packed_in(checked: Checked, words: Words, stack: ExitStack) -> PackedDraft:
    """Return what would be sent; what it needs for that stays until *stack* ends."""
    scratch = stack.enter_context(scratch_folder())
    memory = Path(stack.enter_context(TemporaryDirectory(prefix="pipeyard-")))
    try:
        found = pack(checked, cache=memory, scratch=scratch, watcher=_Nobody())
    except UserError as error:
        error.message = words.of(error.message)
        error.hint = None if error.hint is None else words.of(error.hint)
        raise
    documents: Mapping[str, Written] = found.documents

    def locate(diagnostics: Sequence[Diagnostic]) -> tuple[Diagnostic, ...]:
        return words.of_all(located(diagnostics, documents))

    return PackedDraft(found.document, found.components, tuple(_tree(tree) for tree in found.trees), locate)


def _tree(tree: Tree) -> PackedTree:
    places = {item.entry.sha256: item.source for item in tree.files}
    return PackedTree(tree.name, tree.manifest, tree.digest, tree.uri, places)


class _Components:
    """Registered components as the service finds them."""

    def __init__(self, find: FindComponent) -> None:
        self._find = find
        self._known: dict[AssetRef, FoundComponent] = {}

    def component(self, reference: AssetRef, *, may_start: bool) -> FoundComponent | None:
        """Return a component; `NotFound` names what is near."""
        del may_start  # The server is running: it asks.
        if reference not in self._known:
            try:
                self._known[reference] = found_component(reference, self._find(reference))
            except NotFound:
                if reference.registry in OF_AZURE:
                    return None
                raise
        return self._known[reference]


class Words:
    """What the checks say, without the folder in which the draft lies for this moment."""

    def __init__(self, root: Path) -> None:
        self._root = str(root)

    def of(self, text: str) -> str:
        """Return a sentence."""
        return text.replace(f"{self._root}/", "").replace(self._root, ".")

    def of_all(self, diagnostics: Sequence[Diagnostic]) -> tuple[Diagnostic, ...]:
        """Return diagnostics."""
        return tuple(self._diagnostic(one) for one in diagnostics)

    def _diagnostic(self, one: Diagnostic) -> Diagnostic:
        return replace(
            one,
            message=self.of(one.message),
            expected=self._maybe(one.expected),
            found=self._maybe(one.found),
            hint=self._maybe(one.hint),
            place=replace(one.place, source=self.of(one.place.source)),
            span=self._span(one.span),
            related=tuple(
                replace(item, message=self.of(item.message), span=self._span(item.span)) for item in one.related
            ),
        )

    def _maybe(self, text: str | None) -> str | None:
        return None if text is None else self.of(text)

    def _span(self, span: Span | None) -> Span | None:
        return None if span is None else replace(span, file=self.of(span.file))


class _Nobody:
    """Nobody watches how far a packing is."""

    def begin(self, label: str, total_bytes: int) -> None:
        """A piece of work starts."""

    def advance(self, count: int) -> None:
        """So many more bytes are done."""

    def end(self) -> None:
        """It is done."""

    def warn(self, text: str) -> None:
        """Something is worth knowing."""
