from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeyard.service import log
from pipeyard.service.log import LogReader
from pipeyard.service.tail import HOLD_SECONDS, LogTail


def texts(page):
    return [(line.number, line.text) for line in page.lines]


@pytest.fixture
def small_blocks(monkeypatch):
    """Blocks of a few bytes, so that lines and blocks cross."""
    monkeypatch.setattr(log, "BLOCK_BYTES", 7)


@pytest.fixture
def file(tmp_path):
    return tmp_path / "std_log.txt"


class TestPages:
    def test_a_log_that_does_not_exist_yet_is_empty(self, file):
        """A step that has not begun has no log, and that is no error."""
        assert LogReader().page(file).line_count == 0

    def test_any_range_is_what_counting_lines_gives(self, small_blocks, tmp_path):
        """Wherever blocks begin, and whether or not the last line has ended."""

        @settings(max_examples=80, deadline=None)
        @given(
            st.lists(st.text("aé\r ", max_size=9), max_size=30), st.booleans(), st.integers(-8, 35), st.integers(1, 9)
        )
        def check(lines, ends, first, count):
            path = tmp_path / "log"
            path.unlink(missing_ok=True)
            path.write_bytes(("\n".join(lines) + ("\n" if lines and ends else "")).encode())
            written = path.read_bytes().decode().split("\n")
            expected = written[:-1] if written[-1] == "" else written
            begin = max(0, len(expected) + first) if first < 0 else max(0, first - 1)
            found = LogReader().page(path, from_line=first, count=count)
            assert (
                texts(found)
                == [(number, text.rstrip("\r")) for number, text in enumerate(expected, 1)][begin : begin + count]
            )
            assert found.line_count == len(expected)

        check()

    def test_a_search_finds_what_looking_at_every_line_finds(self, small_blocks, tmp_path):
        """Wherever blocks begin: passing over blocks without the word changes nothing but the time."""

        @settings(max_examples=80, deadline=None)
        @given(
            st.lists(st.text("aAéß\r ", max_size=12), max_size=30),
            st.booleans(),
            st.integers(1, 12),
            st.text("aéS", min_size=1, max_size=2),
        )
        def check(lines, ends, first, wanted):
            path = tmp_path / "log"
            path.unlink(missing_ok=True)
            path.write_bytes(("\n".join(lines) + ("\n" if lines and ends else "")).encode())
            every = LogReader().page(path, from_line=first)
            expected = [pair for pair in texts(every) if wanted.casefold() in pair[1].casefold()]
            reader = LogReader()
            assert texts(reader.page(path, from_line=first, search=wanted)) == expected
            one = reader.page(path, from_line=first, search=wanted, count=1)
            assert texts(one) == expected[:1]
            assert one.next_line == (expected[1][0] if len(expected) > 1 else None)

        check()

    def test_a_growing_log_is_counted_on(self, small_blocks, file):
        """Also when its last line was not finished at the first look."""
        reader = LogReader()
        file.write_text("one\ntw")
        assert reader.page(file).line_count == 2
        with file.open("a") as more:
            more.write("o\nthree\n")

        assert texts(reader.page(file, from_line=2)) == [(2, "two"), (3, "three")]

    def test_a_log_that_began_anew_is_read_anew(self, file):
        """The index of the old file is dropped."""
        reader = LogReader()
        file.write_text("a\nb\nc\n")
        reader.page(file)
        file.write_text("x\n")

        assert texts(reader.page(file)) == [(1, "x")]

    def test_a_search_numbers_lines_as_they_stand_in_the_log(self, file):
        """Any case; it says where to go on."""
        file.write_text("Error one\nfine\nan ERROR\nerror three\n")
        found = LogReader().page(file, search="error", count=2)

        assert texts(found) == [(1, "Error one"), (3, "an ERROR")]
        assert found.next_line == 4

    def test_a_line_of_megabytes_is_cut_and_the_next_is_found(self, file):
        """It costs no memory of its size."""
        file.write_bytes(b"x" * (1 << 20) + b"\nshort\n")
        cut, short = LogReader().page(file).lines

        assert (cut.is_cut, len(cut.text)) == (True, log.LINE_BYTES_MAX)
        assert (short.number, short.text) == (2, "short")


class TestTail:
    def test_whole_lines_are_handed_out_at_once_and_the_rest_is_held(self, file):
        """Until it ends, or has waited long enough."""
        tail = LogTail(file)
        file.write_text("one\ntwo")

        assert list(tail.read(0.0)) == ["one\n"]
        assert list(tail.read(0.1)) == []
        assert list(tail.read(HOLD_SECONDS)) == ["two"]

    def test_a_character_is_never_torn(self, file):
        """Its second half may be written later."""
        tail = LogTail(file)
        whole = "é\n".encode()
        file.write_bytes(whole[:1])
        assert list(tail.read(0.0)) == []
        with file.open("ab") as more:
            more.write(whole[1:])

        assert list(tail.read(0.1)) == ["é\n"]

    def test_at_the_end_nothing_is_held_back(self, file):
        """Not even half a character: it is shown as one that cannot be read."""
        tail = LogTail(file)
        file.write_bytes(b"no end \xc3")

        assert "".join(tail.read(0.0, is_last=True)) == "no end \ufffd"

    def test_pieces_put_together_are_the_log(self, tmp_path):
        """However it was written."""

        @settings(max_examples=80, deadline=None)
        @given(st.lists(st.binary(max_size=6), max_size=20))
        def check(writes):
            path = tmp_path / "log"
            path.write_bytes(b"")
            tail, heard = LogTail(path), []
            for number, data in enumerate(writes):
                with path.open("ab") as more:
                    more.write(data)
                heard += tail.read(number * 0.3)
            heard += tail.read(99.0, is_last=True)
            assert "".join(heard) == path.read_bytes().decode("utf-8", "replace")

        check()

    def test_a_log_that_began_anew_is_told_from_its_start(self, file):
        """A second try of a step writes its own."""
        tail = LogTail(file)
        file.write_text("first try, long\n")
        list(tail.read(0.0))
        file.write_text("again\n")

        assert list(tail.read(1.0)) == ["again\n"]
