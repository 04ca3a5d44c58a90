"""
The local things that a document names.

In:       a document, and the spec that was decoded from it.
Out:      every local path in it, with what it is for and where it is written.
Not here: reading them: that is the command line's, in `client/`.
"""

from __future__ import annotations

from pipeyard.model.assets import LocalReference
from pipeyard.model.assets import LocalRole as Role
from pipeyard.model.component import CommandComponent, Component, OtherComponent, PipelineComponent
from pipeyard.model.job import JobSpec
from pipeyard.spec.decode_component import decode_component_fields, looks_like_component
from pipeyard.spec.decode_job import decode_job_fields
from pipeyard.spec.document import Document
from pipeyard.spec.reading import read_document

__all__ = ["LocalReference", "Role", "local_references"]


def local_references(document: Document, spec: JobSpec | Component | None = None) -> tuple[LocalReference, ...]:
    """
    Return the local paths of a document; components inside it are part of it.

    The document is walked again rather than the spec, because old spellings put a path
    at leaves that only decoding knows. Without a spec, the document's own look decides
    whether it is a component.
    """
    if isinstance(spec, _COMPONENTS) or (spec is None and looks_like_component(document.value)):
        return tuple(read_document(document, decode_component_fields)[1].locals)
    return tuple(read_document(document, decode_job_fields)[1].locals)


_COMPONENTS = (CommandComponent, PipelineComponent, OtherComponent)
