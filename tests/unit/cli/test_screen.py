"""Logs of many steps, told apart, in whole lines."""

from __future__ import annotations

import io

import pytest

from pipeyard.cli.screen import LogLines, PlainScreen, last_of_overwritten, prefix_of, prefix_style


def step(key="train", status="Running", **more):
    return {"key": key, "name": "x", "status": status, "label": status, **more}


@pytest.fixture
def out():
    return io.StringIO()


def test_lines_stand_behind_their_step(out):
    """Two steps that write at the same time stay apart."""
    screen = PlainScreen(out, colour=False)
    screen.log("a", "one\ntw")
    screen.log("b", "x\n")
    screen.log("a", "o\n\n")

    assert out.getvalue() == "a | one\nb | x\na | two\na |\n"


def test_a_line_without_an_end_comes_with_the_end_of_its_step(out):
    """The last piece is neither lost nor shown in two parts."""
    screen = PlainScreen(out, colour=False)
    screen.log("a", "no newline")
    assert out.getvalue() == ""

    screen.step(step("a", "Completed", ended_at="z", duration_seconds=2.0))

    assert out.getvalue() == "a | no newline\na | [Completed after 2.0s]\n"


def test_closing_shows_what_was_begun(out):
    """When following ends early, the pieces at hand are shown, once."""
    screen = PlainScreen(out, colour=False)
    screen.log("a", "piece")
    screen.close()
    screen.close()

    assert out.getvalue() == "a | piece\n"


def test_moves_that_say_nothing_are_left_out(out):
    """Waiting, preparing and finalizing are no news; a state is told once."""
    screen = PlainScreen(out, colour=False)
    for status in ("NotStarted", "Queued", "Preparing", "Running", "Running", "Finalizing"):
        screen.step(step(status=status))

    assert out.getvalue() == "train | [Running]\n"


def test_a_failure_says_why(out):
    """The first line of the reason stands behind the state."""
    screen = PlainScreen(out, colour=False)
    error = {"message": "exited with 3\nmore"}
    screen.step(step(status="Failed", ended_at="z", duration_seconds=0.25, error=error))

    assert out.getvalue() == "train | [Failed after 0.25s: exited with 3]\n"


def test_a_single_command_has_no_prefix(out):
    """A job without steps shows its log as it is."""
    PlainScreen(out, colour=False).log("", "hello\n")

    assert out.getvalue() == "hello\n"


@pytest.mark.parametrize(
    ("line", "shown"),
    [("10%\r20%\r30%", "30%"), ("plain\r", "plain"), ("", ""), ("a\rb\r", "b")],
)
def test_a_progress_bar_is_shown_in_its_last_state(line, shown):
    """A line that was overwritten is not told again and again."""
    assert last_of_overwritten(line) == shown


def test_a_step_has_one_colour_in_every_run():
    """The colour depends on the name alone."""
    assert prefix_style("train") == prefix_style("train")
    assert len({prefix_style(f"step{number}") for number in range(50)}) > 1


def test_long_names_keep_their_end():
    """The last part of a nested step's name tells it apart."""
    assert prefix_of("pipeline/" * 10 + "train").endswith("pipeline/train")
    assert len(prefix_of("x" * 100)) == 30


def test_steps_that_began_a_line_are_known():
    """Only those have something left."""
    lines = LogLines()
    list(lines.add("a", "x\n"))
    list(lines.add("b", "y"))

    assert lines.keys() == ["b"]
    assert lines.rest("b") == "y"
    assert lines.rest("b") is None


def retried(status, number=2, **more):
    error = {"message": "exited with 3", "will_retry": True, "next_try": f"try {number} of 3 after exit code 3, in 5 s"}
    return step(status=status, error=error, **more)


def test_the_next_try_is_announced_once_and_its_reason_is_not_repeated(out):
    """Between two tries a step passes through many states that all know why the last one failed."""
    screen = PlainScreen(out, colour=False)
    screen.step(step())
    for status in ("Queued", "Preparing", "Running", "Finalizing"):
        screen.step(retried(status))
    screen.log("train", "piece")
    screen.step(retried("Queued", 3))
    screen.step(retried("Running", 3))
    screen.step(step(status="Completed", ended_at="z"))

    assert out.getvalue().splitlines() == [
        "train | [Running]",
        "train | [try 2 of 3 after exit code 3, in 5 s]",
        "train | [Running]",
        "train | piece",
        "train | [try 3 of 3 after exit code 3, in 5 s]",
        "train | [Running]",
        "train | [Completed]",
    ]
