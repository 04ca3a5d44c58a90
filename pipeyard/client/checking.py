"""
Everything that can be said of a job without a server.

In:       a job's file and the pairs of `--set`.
Out:      a `CheckedJob`: documents, graph, and all problems with their lines, in file order.
Not here: the rules themselves (`spec`, `graph`), sending the job (`pack.py`).

Component files are read in rounds, because a component may name further ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pipeyard.client.presence import check_presence
from pipeyard.client.sourcefile import JOB, SourceFiles
from pipeyard.graph.check import check
from pipeyard.graph.expand import expand
from pipeyard.graph.model import Graph, NeedAssets
from pipeyard.model.assets import AssetRef, LocalPath, LocalReference
from pipeyard.model.component import Component
from pipeyard.model.diagnostic import Diagnostic, Place, YamlPath
from pipeyard.model.errors import UserError
from pipeyard.model.job import JobSpec
from pipeyard.spec.decode import decode_component, decode_job
from pipeyard.spec.document import Document, located, parse_document
from pipeyard.spec.inline import inline, wanted_files
from pipeyard.spec.local import local_references
from pipeyard.spec.override import OPTION, apply_overrides


@dataclass(frozen=True, slots=True)
class CheckedJob:
    """A job as far as its files tell."""

    files: SourceFiles
    # By source, the job's own first, files inlined and `--set` applied.
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


def check_job_file(job_file: str, overrides: Sequence[str] = ()) -> CheckedJob:
    """
    Return everything that is known of the job in *job_file*.

    `UserError` only when there is no such file; what is wrong inside comes as diagnostics.
    """
    return _Checker(SourceFiles(job_file)).check(overrides)


class _Checker:
    def __init__(self, files: SourceFiles) -> None:
        self._files = files
        self._documents: dict[str, Document] = {}
        self._references: dict[str, tuple[LocalReference, ...]] = {}
        self._problems: list[Diagnostic] = []
        self._components: dict[AssetRef | LocalPath, Component | None] = {}
        # Components by the document that they were read from.
        self._read: dict[str, Component | None] = {}

    def check(self, overrides: Sequence[str]) -> CheckedJob:
        document = self._document(JOB, self._files.read(JOB), overrides)
        spec = None
        if document is not None:
            spec, problems = decode_job(document)
            self._problems += problems
            self._note_locals(document, spec)
        graph, unchecked = self._expand(spec) if spec is not None else (None, {})
        for source, references in self._references.items():
            self._problems += check_presence(self._files, self._documents[source], references)
        return CheckedJob(
            files=self._files,
            documents=self._documents,
            references=self._references,
            spec=spec,
            graph=graph,
            diagnostics=located(dict.fromkeys(self._problems), self._documents),
            unchecked=unchecked,
        )

    def _expand(self, spec: JobSpec) -> tuple[Graph | None, Mapping[AssetRef, Place]]:
        while True:
            answer, problems = expand(spec, self._components, self._problems)
            if isinstance(answer, NeedAssets):
                paths = [item for item in answer.wanted if isinstance(item, LocalPath)]
                if paths:
                    # In the order of the file, so that problems come in that order too.
                    for path in sorted(paths, key=lambda item: (item.source, item.text)):
                        self._components[path] = self._component(path, answer.places[path])
                    continue
                self._problems += problems
                return None, {item: answer.places[item] for item in answer.wanted if isinstance(item, AssetRef)}
            self._problems += problems
            if answer is not None:
                self._problems += check(answer, self._problems)
            return answer, {}

    def _component(self, path: LocalPath, place: Place) -> Component | None:
        source = self._files.source_of(self._files.locate(path.source, path.text))
        if source in self._read:
            return self._read[source]
        try:
            text = self._files.read(source)
        except UserError as error:
            self._problems.append(problem_of(error, place))
            return None
        # Known while it is being read, so that a file that names itself is read once.
        self._read[source] = None
        document = self._document(source, text)
        if document is not None:
            component, problems = decode_component(document)
            self._problems += problems
            self._note_locals(document, component)
            self._read[source] = component
        return self._read[source]

    def _document(self, source: str, text: str, overrides: Sequence[str] = ()) -> Document | None:
        document, problems = parse_document(text, source=source, file=self._files.shown(source))
        self._problems += problems
        if document is None:
            return None
        if overrides:
            # Their problems are shown with the text that was typed.
            self._files.texts[OPTION] = "\n".join(overrides)
            document, problems = apply_overrides(document, overrides)
            self._problems += problems
        document = self._with_files(document)
        self._documents[source] = document
        return document

    def _note_locals(self, document: Document, spec: JobSpec | Component | None) -> None:
        # Without a spec it is unclear what is a path and what is not.
        self._references[document.source] = local_references(document, spec) if spec is not None else ()

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
        source = self._files.source_of(self._files.locate(document.source_at(path), text))
        try:
            content = self._files.read(source)
        except UserError as error:
            self._problems.append(problem_of(error, Place(document.source, path)))
            return None
        part, problems = parse_document(content, source=source, file=self._files.shown(source))
        self._problems += problems
        return part


def problem_of(error: UserError, place: Place) -> Diagnostic:
    """Return what is wrong with a file as a problem of the place that names it."""
    return Diagnostic(error.code, error.message, place, hint=error.hint)
