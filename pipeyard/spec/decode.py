"""
A document as a typed spec, with every problem in it.

In:       a `Document`.
Out:      a job, a component or an environment; and all problems, in file order.
Not here: YAML (`spec/document.py`), components in other files (`graph/expand.py`).

Invariant: nothing here raises for a user's mistake, and the first problem never
hides the second. With an error among the problems the spec is not whole.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from pipeyard.model.component import Component, InlineEnvironment
from pipeyard.model.diagnostic import Diagnostic, Place
from pipeyard.model.job import JobSpec
from pipeyard.spec.collection import no_cycle_collection
from pipeyard.spec.decode_component import decode_component_fields
from pipeyard.spec.decode_environment import decode_environment_fields
from pipeyard.spec.decode_job import decode_job_fields
from pipeyard.spec.document import Document, located
from pipeyard.spec.reading import Fields, Reading

S = TypeVar("S")


def decode_job(document: Document) -> tuple[JobSpec | None, tuple[Diagnostic, ...]]:
    """Return the job in a document."""
    spec, reading = read_document(document, decode_job_fields)
    return spec, located(reading.problems, {document.source: document})


def decode_component(document: Document) -> tuple[Component | None, tuple[Diagnostic, ...]]:
    """Return the component in a document."""
    spec, reading = read_document(document, decode_component_fields)
    return spec, located(reading.problems, {document.source: document})


def decode_environment(document: Document) -> tuple[InlineEnvironment | None, tuple[Diagnostic, ...]]:
    """Return the environment in a document."""
    spec, reading = read_document(document, decode_environment_fields)
    return spec, located(reading.problems, {document.source: document})


def read_document(document: Document, decode: Callable[[Reading, Fields], S]) -> tuple[S | None, Reading]:
    """Return what *decode* makes of a document's top, and everything met on the way."""
    reading = Reading(document)
    with no_cycle_collection():
        fields = reading.fields(document.value, Place(document.source), "the top of the document")
        return (decode(reading, fields) if fields is not None else None), reading
