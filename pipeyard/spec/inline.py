"""
Environment and conda files, put into the document that names them.

In:       a document, and the documents of the files that it names.
Out:      which files are wanted; a document that holds them, whose parts know their own files.
Not here: reading files, which is the command line's.

An inlined environment file may name a conda file itself: ask again until nothing is wanted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pipeyard.model.assets import AssetKind, LocalPath, LocalRole
from pipeyard.model.diagnostic import YamlPath
from pipeyard.spec.binding import OPEN
from pipeyard.spec.decode_environment import WORDS
from pipeyard.spec.document import Document
from pipeyard.spec.reference import is_file_like, parse_data_path, parse_reference
from pipeyard.spec.render import replace_leaves

WantedFile = tuple[YamlPath, str, LocalRole]


def wanted_files(document: Document) -> tuple[WantedFile, ...]:
    """
    Return the environment and conda files that a document names: where, as what text, for what.

    Each is relative to the folder of `document.source_at(path)`.
    """
    return tuple(_wanted(document.value, (), document))


def inline(document: Document, files: Mapping[YamlPath, Document]) -> Document:
    """Return the document with files in their place; problems in them point into the files."""
    tree = replace_leaves(document.value, {path: file.value for path, file in files.items()})
    return document.grafted(tree, files)


def _wanted(value: Any, path: YamlPath, document: Document) -> Iterator[WantedFile]:
    """Walk down from a job, a component or an environment file to everything that may have an environment."""
    if not isinstance(value, dict):
        return
    yield from _wanted_conda(value, path, document)
    yield from _wanted_environment(value.get("environment"), (*path, "environment"), document)
    for key in ("component", "overrides", "task"):
        yield from _wanted(value.get(key), (*path, key), document)
    jobs = value.get("jobs")
    if isinstance(jobs, dict):
        for key, step in jobs.items():
            yield from _wanted(step, (*path, "jobs", key), document)


def _wanted_environment(value: Any, path: YamlPath, document: Document) -> Iterator[WantedFile]:
    if isinstance(value, dict):
        yield from _wanted_conda(value, path, document)
    elif isinstance(value, str) and value.strip().lower() not in WORDS and OPEN not in value:
        found = parse_reference(value, AssetKind.ENVIRONMENT, document.source_at(path))
        if isinstance(found, LocalPath) and is_file_like(found.text):
            yield path, found.text, LocalRole.ENVIRONMENT_FILE


def _wanted_conda(value: dict[str, Any], path: YamlPath, document: Document) -> Iterator[WantedFile]:
    text = value.get("conda_file")
    if isinstance(text, str):
        found = parse_data_path(text, document.source_at((*path, "conda_file")))
        if isinstance(found, LocalPath):
            yield (*path, "conda_file"), found.text, LocalRole.CONDA_FILE
