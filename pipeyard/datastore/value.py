"""
The text of an output that is a number, a text or a truth value; read in a worker process.

In:       the file that a step wrote, before it moves to its final place.
Out:      its text.
Not here: what the text means (`spec/written.py`).

A file that has been sent to a store elsewhere is not here any more when the server was killed
before it could say so. So the text is noted in the staging folder first.
"""

from __future__ import annotations

from pathlib import Path

from pipeyard.datastore.publish import Journal, Publication
from pipeyard.model.errors import UserError

# As `spec/written.py` has it, which a worker does not load.
_BYTES_MAX = 64 * 1024


def take_text(publication: Publication, journal: Journal) -> str | None:
    """
    Return what a step wrote; None for an output that is data, or that was not written.

    Raises `UserError` for what can be no value.
    """
    if not publication.is_value:
        return None
    name = publication.name
    noted = journal.noted(publication)
    if noted is not None:
        return _text_of(noted, name)
    is_there = publication.is_direct or journal.was_moved(publication)
    source = Path(publication.target if is_there else publication.source)
    if not source.is_file():
        return None
    with source.open("rb") as file:
        data = file.read(_BYTES_MAX + 1)
    if len(data) > _BYTES_MAX:
        raise UserError(
            f"the step wrote more than {_BYTES_MAX // 1024} KiB to its output `{name}`, which is one value",
            code="bad-value",
            hint="declare what is so large as `uri_file`",
        )
    text = _text_of(data, name)
    journal.note(publication, data)
    return text


def _text_of(data: bytes, name: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise UserError(
            f"the step wrote bytes to its output `{name}` that are no UTF-8 text",
            code="bad-value",
            hint="write one value as text, or declare the output as `uri_file`",
        ) from problem
