"""
A document as a typed spec, with every problem in it.

In:       a `Document`.
Out:      a job, a component or an environment; and all problems, in file order.
Not here: YAML (`spec/document.py`), components in other files (`graph/expand.py`).

Invariant: nothing here raises for a user's mistake, and the first problem never
hides the second. With an error among the problems the spec is not whole.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipeyard.model.assets import LocalReference
from pipeyard.model.component import Component, InlineEnvironment
from pipeyard.model.diagnostic import Diagnostic
from pipeyard.model.job import JobSpec
from pipeyard.spec.decode_component import decode_component_fields
from pipeyard.spec.decode_compute import decode_compute_fields
from pipeyard.spec.decode_environment import decode_environment_fields
from pipeyard.spec.decode_job import decode_job_fields
from pipeyard.spec.document import Document, located
from pipeyard.spec.reading import read_document

if TYPE_CHECKING:
    from pipeyard.model.asset_spec import DataSpec, EnvironmentSpec, ModelSpec
    from pipeyard.model.datastore import DatastoreSpec
    from pipeyard.model.table import MLTable

# What is not part of a job is imported where it is decoded: every command that reads a job would wait for it.


def decode_job(document: Document) -> tuple[JobSpec | None, tuple[Diagnostic, ...]]:
    """Return the job in a document."""
    spec, reading = read_document(document, decode_job_fields)
    return spec, located(reading.problems, {document.source: document})


def decode_job_and_locals(
    document: Document,
) -> tuple[JobSpec | None, tuple[LocalReference, ...], tuple[Diagnostic, ...]]:
    """Return the job in a document, and the local things that it names."""
    spec, reading = read_document(document, decode_job_fields)
    return spec, tuple(reading.locals), located(reading.problems, {document.source: document})


def decode_component_and_locals(
    document: Document,
) -> tuple[Component | None, tuple[LocalReference, ...], tuple[Diagnostic, ...]]:
    """Return the component in a document, and the local things that it names."""
    spec, reading = read_document(document, decode_component_fields)
    return spec, tuple(reading.locals), located(reading.problems, {document.source: document})


def decode_component(document: Document) -> tuple[Component | None, tuple[Diagnostic, ...]]:
    """Return the component in a document."""
    spec, reading = read_document(document, decode_component_fields)
    return spec, located(reading.problems, {document.source: document})


def decode_environment(document: Document) -> tuple[InlineEnvironment | None, tuple[Diagnostic, ...]]:
    """Return the environment in a document."""
    spec, reading = read_document(document, decode_environment_fields)
    return spec, located(reading.problems, {document.source: document})


def decode_component_asset(document: Document) -> tuple[Component | None, tuple[Diagnostic, ...]]:
    """Return the component in a document that is to be registered, which takes a name."""
    from pipeyard.spec.decode_asset import decode_component_asset_fields  # noqa: PLC0415 - see above

    spec, reading = read_document(document, decode_component_asset_fields)
    return spec, located(reading.problems, {document.source: document})


def decode_data(document: Document) -> tuple[DataSpec | None, tuple[Diagnostic, ...]]:
    """Return the data asset in a document."""
    from pipeyard.spec.decode_asset import decode_data_fields  # noqa: PLC0415 - see above

    spec, reading = read_document(document, decode_data_fields)
    return spec, located(reading.problems, {document.source: document})


def decode_model(document: Document) -> tuple[ModelSpec | None, tuple[Diagnostic, ...]]:
    """Return the model in a document."""
    from pipeyard.spec.decode_asset import decode_model_fields  # noqa: PLC0415 - see above

    spec, reading = read_document(document, decode_model_fields)
    return spec, located(reading.problems, {document.source: document})


def decode_environment_asset(document: Document) -> tuple[EnvironmentSpec | None, tuple[Diagnostic, ...]]:
    """Return the environment in a document that is to be registered."""
    from pipeyard.spec.decode_asset import decode_environment_asset_fields  # noqa: PLC0415 - see above

    spec, reading = read_document(document, decode_environment_asset_fields)
    return spec, located(reading.problems, {document.source: document})


def decode_compute(document: Document) -> tuple[dict[str, Any] | None, tuple[Diagnostic, ...]]:
    """Return the compute in a document as plain keys; None when its type is unknown."""
    spec, reading = read_document(document, decode_compute_fields)
    return spec, located(reading.problems, {document.source: document})


def decode_table(document: Document) -> tuple[MLTable | None, tuple[Diagnostic, ...]]:
    """Return the table in a document, which was a file called `MLTable`."""
    from pipeyard.spec.decode_table import decode_table_fields  # noqa: PLC0415 - see above

    spec, reading = read_document(document, decode_table_fields)
    return spec, located(reading.problems, {document.source: document})


def decode_datastore(document: Document) -> tuple[DatastoreSpec | None, tuple[Diagnostic, ...]]:
    """Return the datastore in a document; None when its type is unknown."""
    from pipeyard.spec.decode_datastore import decode_datastore_fields  # noqa: PLC0415 - see above

    spec, reading = read_document(document, decode_datastore_fields)
    return spec, located(reading.problems, {document.source: document})
