"""The logs of a step's tries, read as one while they are written."""

from __future__ import annotations

import pytest

from pipeyard.service.tail import HOLD_SECONDS, LogTail


@pytest.fixture
def log(tmp_path):
    return tmp_path / "std_log.txt"


def told(tail, now=0.0, *, is_last=False):
    return "".join(tail.read(now, is_last=is_last))


def next_try(log, number):
    """What the engine does before it launches the next try."""
    log.rename(log.with_name(f"std_log_try_{number}.txt"))


def test_a_new_try_goes_on_after_all_of_the_one_before(log):
    """What a try wrote after the last look is told, though its log has another name by then."""
    tail = LogTail(log)
    log.write_text("one\n")
    assert told(tail) == "one\n"

    log.write_text("one\nmore\n")
    next_try(log, 1)
    log.write_text("two\n")

    assert told(tail) == "more\ntwo\n"
    assert told(tail, is_last=True) == ""


def test_tries_that_nobody_looked_at_are_told_in_their_order(log):
    """Ten tries sort by number, not by name."""
    tail = LogTail(log)
    for number in range(1, 11):
        log.write_text(f"{number}\n")
        next_try(log, number)
    log.write_text("last\n")

    assert told(tail) == "".join(f"{number}\n" for number in range(1, 11)) + "last\n"


def test_a_try_that_ends_inside_a_line_does_not_run_into_the_next(log):
    """A line stays a line of one try; half a character does not eat the next try's first."""
    tail = LogTail(log)
    log.write_bytes("héé".encode()[:-1])
    assert told(tail) == ""
    next_try(log, 1)
    log.write_text("two\n")

    assert told(tail, HOLD_SECONDS) == "hé\N{REPLACEMENT CHARACTER}\ntwo\n"


def test_between_two_tries_there_is_no_log(log):
    """The last words of a try come also when the next one never ran."""
    tail = LogTail(log)
    log.write_text("one\n")
    assert told(tail) == "one\n"
    log.write_text("one\nrest\n")
    next_try(log, 1)

    assert told(tail) == "rest\n"
    assert told(tail) == ""


def test_a_log_that_was_emptied_begins_anew(log):
    """A program may truncate its own log; what it writes then is new."""
    tail = LogTail(log)
    log.write_text("a long first line\n")
    assert told(tail) == "a long first line\n"
    with log.open("r+") as file:
        file.truncate()
    log.write_text("b\n")

    assert told(tail) == "b\n"


def test_other_files_beside_the_log_are_left_alone(log):
    """Only names that the engine gives count as tries."""
    for name in ("std_log_try_x.txt", "std_log_try_1.txt.old", "other_try_1.txt"):
        log.with_name(name).write_text("no\n")
    log.write_text("yes\n")

    assert told(LogTail(log)) == "yes\n"
