"""
Everything that can be said of an asset before it is sent.

In:       the kind, a file or flags or both, the pairs of `--set`.
Out:      a `CheckedAsset`: documents, and all problems with their lines, in file order.
Not here: the rules (`spec`, `graph`), sending it (`publish.py`).

A path given by a flag is relative to where the command runs; one in a file, or set in
it by `--set`, to the folder of the file.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from pathlib import Path
from typing import Any

from pipeyard.client.checking import Checker, unchecked_of
from pipeyard.client.registered import Components
from pipeyard.client.sourcefile import JOB, SourceFiles
from pipeyard.graph.alone import check_alone
from pipeyard.model.asset_spec import AssetSpec
from pipeyard.model.assets import AssetKind, AssetRef, LocalReference
from pipeyard.model.component import Component
from pipeyard.model.diagnostic import Diagnostic, Place, Span, YamlPath
from pipeyard.model.value import dataclass
from pipeyard.spec.decode_asset import (
    decode_component_asset_fields,
    decode_data_fields,
    decode_environment_asset_fields,
    decode_model_fields,
)
from pipeyard.spec.document import Document, document_on_command_line
from pipeyard.spec.reading import Fields, Reading, read_document
from pipeyard.spec.render import replace_leaves

# The document of what was given by flags.
FLAGS = "(flags)"
_UNCHECKED: Mapping[AssetRef, Place] = {}


@dataclass(frozen=True, slots=True)
class Given:
    """A value that a flag gives, and where it belongs in the document."""

    flag: str
    path: YamlPath
    value: Any


@dataclass(frozen=True, slots=True)
class CheckedAsset:
    """An asset as far as its files tell."""

    kind: AssetKind
    files: SourceFiles
    documents: Mapping[str, Document]
    references: Mapping[str, tuple[LocalReference, ...]]
    # None: it cannot be read as what it should be.
    spec: AssetSpec | Component | None
    diagnostics: tuple[Diagnostic, ...]
    # Registered components that nobody could be asked about, with the place of each.
    unchecked: Mapping[AssetRef, Place] = field(default_factory=dict)

    @property
    def has_errors(self) -> bool:
        """Return whether the asset cannot be published as it is."""
        return any(diagnostic.is_error for diagnostic in self.diagnostics)

    @property
    def document(self) -> Document:
        """Return the asset's own document; only when there are no errors."""
        return self.documents[JOB]


def check_asset(
    kind: AssetKind,
    file: str | None,
    given: Sequence[Given] = (),
    overrides: Sequence[str] = (),
    registered: Components | None = None,
) -> CheckedAsset:
    """
    Return everything that is known of an asset.

    `UserError` only when there is no such file; what is wrong inside comes as diagnostics.
    """
    if file is not None:
        return check_asset_in(SourceFiles(file), kind, given, overrides, registered)
    files = SourceFiles("")
    return _checked(_checker(files, registered), kind, Document({}, source=JOB, file=""), given, overrides)


def check_asset_in(
    files: SourceFiles,
    kind: AssetKind,
    given: Sequence[Given] = (),
    overrides: Sequence[str] = (),
    registered: Components | None = None,
) -> CheckedAsset:
    """Return everything that is known of the asset whose own file is that of *files*."""
    checker = _checker(files, registered)
    return _checked(checker, kind, checker.parse(JOB), given, overrides)


def _checker(files: SourceFiles, registered: Components | None) -> Checker:
    files.name(FLAGS, Path(FLAGS))
    return Checker(files, registered)


def _checked(
    checker: Checker, kind: AssetKind, document: Document | None, given: Sequence[Given], overrides: Sequence[str]
) -> CheckedAsset:
    files = checker.files
    spec, unchecked = None, _UNCHECKED
    if document is not None:
        document = checker.complete(_with_given(document, given, files), overrides)
        spec, reading = read_document(document, _DECODERS[kind])
        checker.problems += reading.problems
        checker.references[JOB] = tuple(reading.locals) if spec is not None else ()
        if kind is AssetKind.COMPONENT and spec is not None:
            unchecked = _check_component(checker, spec)
    diagnostics = checker.finish()
    return CheckedAsset(kind, files, checker.documents, checker.references, spec, diagnostics, unchecked)


def _with_given(document: Document, given: Sequence[Given], files: SourceFiles) -> Document:
    grafts = {}
    for item in given:
        shown = item.value if isinstance(item.value, str) else str(item.value)
        files.texts[item.flag] = shown
        span = Span(item.flag, 1, 1, 1, len(shown) + 1)
        grafts[item.path] = document_on_command_line(item.value, source=FLAGS, span=span)
    tree = replace_leaves(document.value, {item.path: item.value for item in given})
    return document.grafted(tree, grafts)


def _check_component(checker: Checker, component: Component) -> Mapping[AssetRef, Place]:
    while True:
        need, problems = check_alone(component, checker.components, checker.problems)
        if need is not None and checker.take(need):
            continue
        checker.problems += problems
        return unchecked_of(need) if need is not None else _UNCHECKED


_DECODERS: Mapping[AssetKind, Callable[[Reading, Fields], Any]] = {
    AssetKind.COMPONENT: decode_component_asset_fields,
    AssetKind.DATA: decode_data_fields,
    AssetKind.ENVIRONMENT: decode_environment_asset_fields,
    AssetKind.MODEL: decode_model_fields,
}
