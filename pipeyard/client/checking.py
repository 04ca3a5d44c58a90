"""
Everything that can be said of a job before it is sent.

In:       a job's file, the pairs of `--set`, and a way to registered components if there is one.
Out:      a `CheckedJob`: documents, graph, and all problems with their lines, in file order.
Not here: the rules themselves (`spec`, `graph`), assets (`assetfile.py`), sending the job (`pack.py`).

Components are read in rounds, because a component may name further ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field

from pipeyard.client.presence import check_presence
from pipeyard.client.registered import NOT_REGISTERED, Components
from pipeyard.client.sourcefile import JOB, SourceFiles
from pipeyard.graph.check import check
from pipeyard.graph.expand import expand
from pipeyard.graph.model import Graph, NeedAssets
from pipeyard.model.assets import AssetRef, LocalPath, LocalReference
from pipeyard.model.component import Component
from pipeyard.model.diagnostic import Diagnostic, Place, YamlPath
from pipeyard.model.errors import NotFound, UserError
from pipeyard.model.job import JobSpec
from pipeyard.model.value import dataclass
from pipeyard.spec.decode import decode_component_and_locals, decode_job_and_locals
from pipeyard.spec.document import Document, located, parse_document
from pipeyard.spec.inline import inline, wanted_files


@dataclass(frozen=True, slots=True)
class CheckedJob:
    """A job as far as its files tell."""

    files: SourceFiles
    documents: Mapping[str, Document]
    references: Mapping[str, tuple[LocalReference, ...]]
    spec: JobSpec | None
    # None when something is wrong, or a reference could not be looked up.
    graph: Graph | None
    diagnostics: tuple[Diagnostic, ...]
    # Registered assets that only a server knows, with the place of each.
    unchecked: Mapping[AssetRef, Place] = field(default_factory=dict)

    @property
    def has_errors(self) -> bool:
        """Return whether the job cannot be submitted as it is."""
        return any(diagnostic.is_error for diagnostic in self.diagnostics)


def check_job_file(job_file: str, overrides: Sequence[str] = (), registered: Components | None = None) -> CheckedJob:
    """
    Return everything that is known of the job in *job_file*.

    `UserError` only when there is no such file; what is wrong inside comes as diagnostics.
    """
    return check_job(SourceFiles(job_file), overrides, registered)


def check_job(files: SourceFiles, overrides: Sequence[str] = (), registered: Components | None = None) -> CheckedJob:
    """Return everything that is known of the job whose own file is that of *files*."""
    checker = Checker(files, registered)
    document = checker.read(JOB, overrides)
    spec = None
    if document is not None:
        spec, references, problems = decode_job_and_locals(document)
        checker.problems += problems
        # Without a spec it is unclear what is a path and what is not.
        checker.references[JOB] = references if spec is not None else ()
    graph, unchecked = _expanded(checker, spec) if spec is not None else (None, {})
    return CheckedJob(
        files=checker.files,
        documents=checker.documents,
        references=checker.references,
        spec=spec,
        graph=graph,
        diagnostics=checker.finish(),
        unchecked=unchecked,
    )


def _expanded(checker: Checker, spec: JobSpec) -> tuple[Graph | None, Mapping[AssetRef, Place]]:
    while True:
        answer, problems = expand(spec, checker.components, checker.problems)
        if isinstance(answer, NeedAssets) and checker.take(answer):
            continue
        checker.problems += problems
        if isinstance(answer, NeedAssets):
            return None, unchecked_of(answer)
        if answer is not None:
            checker.problems += check(answer, checker.problems)
        return answer, {}


def unchecked_of(need: NeedAssets) -> Mapping[AssetRef, Place]:
    """Return the registered components that nobody could be asked about."""
    return {item: need.places[item] for item in need.wanted if isinstance(item, AssetRef)}


class Checker:
    """Reads documents and the components that they name, and collects what is wrong with them."""

    def __init__(self, files: SourceFiles, registered: Components | None = None) -> None:
        """Begin with nothing read."""
        self.files = files
        self.documents: dict[str, Document] = {}
        self.references: dict[str, tuple[LocalReference, ...]] = {}
        self.problems: list[Diagnostic] = []
        self.components: dict[AssetRef | LocalPath, Component | None] = {}
        self._registered = registered
        # Components by the document that they were read from.
        self._read: dict[str, Component | None] = {}

    def read(self, source: str, overrides: Sequence[str] = ()) -> Document | None:
        """Return the whole document in a file; `UserError` when there is no such file."""
        document = self.parse(source)
        return self.complete(document, overrides) if document is not None else None

    def parse(self, source: str) -> Document | None:
        """Return the document in a file as it is there."""
        document, problems = parse_document(self.files.read(source), source=source, file=self.files.shown(source))
        self.problems += problems
        return document

    def complete(self, document: Document, overrides: Sequence[str] = ()) -> Document:
        """Return a document with `--set` applied and the files in it that it names."""
        if overrides:
            # Imported here: most commands change nothing.
            from pipeyard.spec.override import OPTION, apply_overrides  # noqa: PLC0415

            # Their problems are shown with the text that was typed.
            self.files.texts[OPTION] = "\n".join(overrides)
            document, problems = apply_overrides(document, overrides)
            self.problems += problems
        document = self._with_files(document)
        self.documents[document.source] = document
        return document

    def take(self, need: NeedAssets) -> bool:
        """Read what is needed; return whether anything new is known."""
        paths = [item for item in need.wanted if isinstance(item, LocalPath)]
        # In the order of the file, so that problems come in that order too.
        for path in sorted(paths, key=lambda item: (item.source, item.text)):
            self.components[path] = self._component(path, need.places[path])
        references = [item for item in need.wanted if isinstance(item, AssetRef)]
        return self._take_registered(references, need.places) or bool(paths)

    def finish(self) -> tuple[Diagnostic, ...]:
        """Return all problems, those of missing files included, in file order."""
        for source, references in self.references.items():
            self.problems += check_presence(self.files, source, references)
        return located(dict.fromkeys(self.problems), self.documents)

    def _take_registered(self, references: Sequence[AssetRef], places: Mapping[AssetRef | LocalPath, Place]) -> bool:
        if self._registered is None or not references:
            return False
        # A file that is wrong anyway is no reason to start a server.
        may_start = not any(problem.is_error for problem in self.problems)
        known = len(self.components)
        for reference in sorted(references, key=str):
            try:
                found = self._registered.component(reference, may_start=may_start)
            except NotFound as error:
                if error.code != NOT_REGISTERED:
                    # The workspace itself, for one.
                    raise
                self.problems.append(problem_of(error, places[reference]))
                self.components[reference] = None
                continue
            if found is not None:
                self.documents[found.document.source] = found.document
                self.problems += found.problems
                self.components[reference] = found.component
        return len(self.components) > known

    def _component(self, path: LocalPath, place: Place) -> Component | None:
        try:
            source = self.files.source_of(self.files.locate(path.source, path.text))
        except UserError as error:
            self.problems.append(problem_of(error, place))
            return None
        if source in self._read:
            return self._read[source]
        # Known while it is being read, so that a file that names itself is read once.
        self._read[source] = None
        try:
            document = self.read(source)
        except UserError as error:
            del self._read[source]
            self.problems.append(problem_of(error, place))
            return None
        if document is not None:
            component, references, problems = decode_component_and_locals(document)
            self.problems += problems
            self.references[source] = references if component is not None else ()
            self._read[source] = component
        return self._read[source]

    def _with_files(self, document: Document) -> Document:
        """Put environment and conda files where they are named; an environment file may name a conda file."""
        tried: set[YamlPath] = set()
        while True:
            wanted = [item for item in wanted_files(document) if item[0] not in tried]
            if not wanted:
                return document
            tried |= {path for path, _, _ in wanted}
            found = {}
            for path, text, _ in wanted:
                part = self._part(document, path, text)
                if part is not None:
                    found[path] = part
            document = inline(document, found)

    def _part(self, document: Document, path: YamlPath, text: str) -> Document | None:
        try:
            source = self.files.source_of(self.files.locate(document.source_at(path), text))
            content = self.files.read(source)
        except UserError as error:
            self.problems.append(problem_of(error, Place(document.source, path)))
            return None
        part, problems = parse_document(content, source=source, file=self.files.shown(source))
        self.problems += problems
        return part


def problem_of(error: UserError, place: Place) -> Diagnostic:
    """Return what is wrong with a file as a problem of the place that names it."""
    return Diagnostic(error.code, error.message, place, hint=error.hint)
