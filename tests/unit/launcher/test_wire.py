"""
Lines between server and launcher.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeyard.launcher import log_cap, wire

JSON = st.dictionaries(st.text(), st.text() | st.integers() | st.none() | st.lists(st.text()))


@given(st.lists(JSON), st.integers(1, 50))
def test_what_is_sent_arrives_however_it_is_cut(messages, size):
    """A socket may deliver a line in pieces, or many at once."""
    data = b"".join(wire.encode_line(message) for message in messages)
    reader = wire.LineReader()

    received = [one for start in range(0, len(data), size) for one in reader.feed(data[start : start + size])]

    assert received == messages


def test_a_file_name_that_is_no_unicode_survives():
    """Bytes that are no text travel as Python reads them."""
    name = b"caf\xe9".decode("utf-8", "surrogateescape")

    assert wire.LineReader().feed(wire.encode_line({"name": name})) == [{"name": name}]


@pytest.mark.parametrize("line", [b"{\n", b"[]\n", b"1\n", b"\xff\n"])
def test_anything_but_objects_is_an_error(line):
    """Nonsense is noticed at the line where it stands."""
    with pytest.raises(ValueError, match=r".*"):
        wire.LineReader().feed(line)


def test_a_line_without_end_is_an_error(monkeypatch):
    """A stranger cannot fill the launcher's memory."""
    monkeypatch.setattr(wire, "LINE_BYTES_MAX", 10)
    with pytest.raises(ValueError, match="too long"):
        wire.LineReader().feed(b"x" * 11)


@given(st.integers(0, 10_000), st.integers(2, 10_000))
def test_what_is_dropped_leaves_exactly_the_limit(size, limit):
    """A log that fits is left alone; of another its first and last halves of the limit stay."""
    dropped = log_cap.excess(size, limit)

    if size <= limit:
        assert dropped is None
    else:
        assert dropped is not None
        start, end = dropped
        assert start + (size - end) == limit // 2 * 2
