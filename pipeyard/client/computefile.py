"""
A compute's YAML file.

In:       a path as typed, and the pairs of `--set`.
Out:      the compute's keys, and what is wrong with them.
Not here: creating it (`workspace.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pipeyard.client.sourcefile import JOB, read_text
from pipeyard.model.diagnostic import Diagnostic
from pipeyard.spec.decode import decode_compute
from pipeyard.spec.document import located, parse_document
from pipeyard.spec.override import apply_overrides


def read_compute(
    file: str, overrides: Sequence[str] = ()
) -> tuple[Mapping[str, Any] | None, tuple[Diagnostic, ...], str]:
    """Return the compute in a file (None when there is none), its problems, and the file's text."""
    text = read_text(Path(file))
    document, problems = parse_document(text, source=JOB, file=file)
    if document is None:
        return None, problems, text
    if overrides:
        document, more = apply_overrides(document, overrides)
        problems += more
    body, more = decode_compute(document)
    return body, located((*problems, *more), {JOB: document}), text
