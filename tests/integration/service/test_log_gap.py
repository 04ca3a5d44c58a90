"""Logs of which a part is not there, or not shown."""

from __future__ import annotations

import os

import pytest

from pipeyard.launcher.log_cap import punch_middle
from pipeyard.service.log import LogReader
from pipeyard.service.log_gap import END_LINES, ends_of
from pipeyard.service.tail import LogTail

BLOCK = 4096
LIMIT = 1 << 20


@pytest.fixture
def holed(tmp_path):
    """A log of a step that still writes, whose middle was given back; and how many bytes are gone."""
    path = tmp_path / "log.txt"
    path.write_bytes(b"".join(b"line %d\n" % number for number in range(400_000)))
    try:
        start, end = punch_middle(str(path), LIMIT, None)
    except OSError as error:
        pytest.skip(f"this file system gives nothing back: {error}")
    return path, end - start


def marker(count):
    return f"[pipeyard: {count} bytes of this log were dropped here]"


def test_a_hole_is_one_line_to_who_follows(holed):
    """No zeros, and what is on both sides of it whole."""
    path, count = holed
    text = "".join(LogTail(path).read(0.0, is_last=True))
    lines = text.split("\n")

    assert "\0" not in text
    assert lines.count(marker(count)) == 1
    assert (lines[0], lines[-2]) == ("line 0", "line 399999")
    assert len(text) == path.stat().st_size - count + len(f"\n{marker(count)}\n")


def test_a_log_that_grows_behind_its_hole_is_followed_on(holed):
    """A follower that was at the end does not see the hole at all."""
    path, _ = holed
    tail = LogTail(path)
    assert "".join(tail.read(0.0))
    with path.open("ab") as file:
        file.write(b"more\n")

    assert list(tail.read(1.0)) == ["more\n"]


def test_a_hole_is_one_line_of_a_page(holed):
    """Its number is that of the line which it cut; the lines before and after are themselves."""
    path, count = holed
    reader = LogReader()
    found = reader.page(path, search="dropped here").lines
    before = reader.page(path, from_line=found[0].number - 1, count=3).lines

    assert [marker(count) in line.text for line in before] == [False, True, False]
    assert not any("\0" in line.text for line in before)
    assert len(found) == 1
    assert before[2].text.startswith("line ")
    assert reader.page(path, from_line=-1).lines[0].text == "line 399999"


def test_zeros_that_a_step_wrote_are_no_hole(tmp_path):
    """They are on the disk as everything else."""
    path = tmp_path / "log.txt"
    with path.open("wb") as file:
        file.write(b"a\n" + bytes(2 * BLOCK) + b"\nb\n")
        os.fsync(file.fileno())

    assert "".join(LogTail(path).read(0.0, is_last=True)) == "a\n" + "\0" * 2 * BLOCK + "\nb\n"


def test_a_long_log_that_has_ended_is_its_two_ends(tmp_path):
    """Whole lines, the number of those between, and where all of them are."""
    path = tmp_path / "log.txt"
    count = 1_000_000
    path.write_bytes(b"".join(b"line %d\n" % number for number in range(count)))
    lines = "".join(ends_of(path)).splitlines()

    assert lines[:END_LINES] == [f"line {number}" for number in range(END_LINES)]
    assert lines[END_LINES] == f"[pipeyard: {count - 2 * END_LINES} lines left out; the whole log is at {path}]"
    assert lines[END_LINES + 1 :] == [f"line {number}" for number in range(count - END_LINES, count)]


def test_a_short_log_is_shown_whole(tmp_path):
    """So is one that is not there."""
    path = tmp_path / "log.txt"
    assert ends_of(path) is None
    path.write_bytes(b"line\n" * 1000)

    assert ends_of(path) is None
